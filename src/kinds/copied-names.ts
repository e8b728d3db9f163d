import type { CopyType } from "../coze/api/copy-tasks.ts";
import type { CozeClient } from "../coze/client.ts";
import { Forbidden, NotFound } from "../coze/errors.ts";
import { asId } from "../coze/http/response.ts";
import { numeric, objectsIn } from "./live-values.ts";
import { unlessGone } from "./rejection.ts";

/** What an original is called; undefined where nobody can tell, or the token may not see it. */
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

/** Apps can't be asked for one by one, and in which workspace this one is isn't known. */
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
 * Workflows of a workspace that belong to an app, or to a bot that was changed since: copies of bots and apps bring
 * such along, while a copy that nobody knows of yet is in no use.
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
