import type { CopyType } from "../coze/api/copy-tasks.ts";
import type { WorkflowItem } from "../coze/api/workflows.ts";
import type { CozeClient } from "../coze/client.ts";
import { Forbidden, NotFound } from "../coze/error-classes.ts";
import { asId } from "../coze/http/response.ts";
import type { Arrival, FoundSideProduct } from "../kind/copying.ts";
import { unlessGone } from "./call-errors.ts";
import { numeric, objectsIn } from "./response-values.ts";

/** The name of a copy's source; undefined if it isn't found or the token may not see it. */
export function readName(api: CozeClient, type: CopyType, id: string): Promise<string | undefined> {
  switch (type) {
    case "bot":
      return unlessHidden(async () => (await api.bots.get(id, false)).name);
    case "workflow":
      return unlessHidden(async () => (await api.workflows.get(id)).workflow_detail?.workflow_name);
    case "app":
      return findApp(api, id);
  }
}

/** There is no call for a single app, and the app's workspace is unknown. */
async function findApp(api: CozeClient, id: string): Promise<string | undefined> {
  for await (const workspaces of api.workspaces.list()) {
    for (const workspace of workspaces) {
      const name = await unlessHidden(() => findAppWithin(api, workspace.id, id));
      if (name !== undefined) return name;
    }
  }
  return undefined;
}

async function findAppWithin(api: CozeClient, workspace: string, id: string) {
  for await (const page of api.apps.list(workspace)) {
    const app = page.find((one) => one.id === id);
    if (app) return app.name;
  }
  return undefined;
}

/**
 * Workflows of a workspace that belong to an app, or to a bot that was changed since. Those may be side products of
 * other copies, while a new copy of a workflow isn't used yet.
 */
export async function findUsedWorkflows(
  api: CozeClient,
  workspace: string,
  since: number,
): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for await (const page of api.workflows.list(workspace, "all")) {
    for (const { workflow_id, app_id } of page) {
      if (!["0", ""].includes(asId(app_id) ?? "0")) used.add(workflow_id);
    }
  }
  for await (const page of api.bots.list({ workspace_id: workspace, publish_status: "all" })) {
    for (const { id, updated_at } of page) {
      if ((numeric(updated_at) ?? since) < since) continue;
      const bot = await unlessGone(api.bots.get(id, false));
      for (const workflow of objectsIn(bot?.workflow_info_list)) used.add(asId(workflow.id) ?? "");
    }
  }
  return used;
}

async function unlessHidden(read: () => Promise<string | null | undefined>): Promise<string | undefined> {
  try {
    return (await read()) ?? undefined;
  } catch (error) {
    if (error instanceof NotFound || error instanceof Forbidden) return undefined;
    throw error;
  }
}

type Copied = Arrival<{ readonly type?: CopyType }>;

/**
 * Side products of copies in a workspace: workflows of copied apps, workflows and plugins that drafts of copied bots
 * use, and workflows that appeared since, which may belong to any of the copies. Makes one listing, one call for each
 * bot, and one for all their plugins; plugins of apps and workflows are in no list.
 */
export async function findSideProducts(
  api: CozeClient,
  workspace: string,
  copies: readonly Copied[],
): Promise<readonly FoundSideProduct[]> {
  const since = Math.min(...copies.map(({ begun }) => begun));
  const drafts = await readDrafts(api, copies);
  const listed = new Map<string, WorkflowItem>();
  for await (const page of api.workflows.list(workspace, "all"))
    for (const one of page) listed.set(one.workflow_id, one);
  const isNew = ({ created_at }: { readonly created_at?: string | number | null }): boolean =>
    (numeric(created_at) ?? since) >= since;

  const used = drafts.flatMap(({ copy, workflows }) =>
    workflows
      .filter(({ id }) => isNew(listed.get(id) ?? {}))
      .map(({ id, name }): FoundSideProduct => ({ type: "workflow", id, name, with: [copy] })),
  );
  const appeared = [...listed.values()].flatMap((item): readonly FoundSideProduct[] => {
    const id = item.workflow_id;
    const makers = makersOf(item, copies);
    const isUsed = used.some((one) => one.id === id);
    if (isUsed || makers.length === 0 || !isNew(item) || copies.some((one) => one.id === id)) return [];
    return [{ type: "workflow", id, name: item.workflow_name ?? "", with: makers }];
  });
  return [...used, ...appeared, ...(await findPlugins(api, drafts, since))];
}

/** What a copied bot uses. */
interface Draft {
  readonly copy: string;
  readonly workflows: readonly Named[];
  readonly plugins: readonly Named[];
}

interface Named {
  readonly id: string;
  readonly name: string;
}

async function readDrafts(api: CozeClient, copies: readonly Copied[]): Promise<readonly Draft[]> {
  const bots = copies.filter(({ spec }) => spec.type === "bot");
  const drafts = bots.map(async ({ id: copy }): Promise<Draft> => {
    const bot = await unlessGone(api.bots.get(copy, false));
    return {
      copy,
      workflows: objectsIn(bot?.workflow_info_list).flatMap(({ id, name }) => named(id, name)),
      plugins: objectsIn(bot?.plugin_info_list).flatMap(({ plugin_id, name }) => named(plugin_id, name)),
    };
  });
  return await Promise.all(drafts);
}

function named(id: unknown, name: unknown): readonly Named[] {
  const known = asId(id);
  return known === undefined ? [] : [{ id: known, name: typeof name === "string" ? name : "" }];
}

/** The copied app that a workflow belongs to; all copies if it belongs to no app. */
function makersOf({ app_id }: WorkflowItem, copies: readonly Copied[]): readonly string[] {
  const app = asId(app_id) ?? "0";
  const ids = copies.map(({ id }) => id);
  return ["0", ""].includes(app) ? ids : ids.filter((id) => id === app);
}

/** Plugins that are as new as the copies; those of the store are older. */
async function findPlugins(
  api: CozeClient,
  drafts: readonly Draft[],
  since: number,
): Promise<readonly FoundSideProduct[]> {
  const names = new Map(drafts.flatMap(({ plugins }) => plugins.map(({ id, name }) => [id, name])));
  const made = await api.plugins.get([...names.keys()]);
  return made
    .filter(({ created_at }) => (numeric(created_at) ?? since) >= since)
    .map(({ plugin_id: id }) => ({
      type: "plugin",
      id,
      name: names.get(id) ?? "",
      with: drafts.filter(({ plugins }) => plugins.some((one) => one.id === id)).map(({ copy }) => copy),
    }));
}
