import type { CopyType } from "../coze/api/copy-tasks.ts";
import type { WorkflowItem } from "../coze/api/workflows.ts";
import type { CozeClient } from "../coze/client.ts";
import { asId } from "../coze/http/response.ts";
import type { Arrival, FoundSideProduct } from "../kind/copying.ts";
import { numeric, objectsIn } from "./live-values.ts";
import { unlessGone } from "./rejection.ts";

type Copied = Arrival<{ readonly type?: CopyType }>;

/**
 * Workflows and plugins that copies brought into a workspace: those of an app, those that the draft of a bot uses, and
 * workflows that appeared there since, which may have come along with any of the copies. One listing, a reading of each
 * bot, and a reading of their plugins together; plugins of apps and workflows are in no list.
 */
export async function findCompanions(
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

/** The app that a workflow is of; any of the copies for one that is of none. */
function makersOf({ app_id }: WorkflowItem, copies: readonly Copied[]): readonly string[] {
  const app = asId(app_id) ?? "0";
  const ids = copies.map(({ id }) => id);
  return ["0", ""].includes(app) ? ids : ids.filter((id) => id === app);
}

/** Plugins of a store were there before; those that came along were made with the copies. */
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
