import { creating, reading, type Send, type Shown } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { dataOf } from "../http/response.ts";

/** An app in the list (https://docs.coze.cn/developer_guides/published_apps_list). */
export interface AppItem extends Shown<{ name: string; description: string; updated_at: number | string }> {
  readonly id: string;
}

const listApps = reading("published_apps_list", "GET", "/v1/apps", { permissions: ["listApp"] });
// The reference gives no maximum for the page size, and its `total` may be that of the page.
const appListing: PageListing = { size: 20, items: "items", id: "id" };

/** Apps; Coze's API can only list and copy them. */
export function createAppCalls(send: Send) {
  return {
    /** All apps of a workspace, including drafts, which the API hides by default. */
    list: (workspaceId: string) =>
      readPages<AppItem>(appListing, ({ page, size }) =>
        send(listApps, {
          query: { workspace_id: workspaceId, publish_status: "all", page_num: page, page_size: size },
        }),
      ),
  };
}

/** A workflow in the list (https://docs.coze.cn/developer_guides/get_workflow_list). */
export interface WorkflowItem
  extends Shown<{
    workflow_name: string;
    description: string;
    created_at: string | number;
    updated_at: string | number;
    /** 0 outside of apps. */
    app_id: string | number;
  }> {
  readonly workflow_id: string;
}

const list = reading("get_workflow_list", "GET", "/v1/workflows", { permissions: ["listWorkflow"] });
const get = reading("get_workflow_info", "GET", "/v1/workflows/:workflow_id", {
  permissions: ["getMetaData"],
});
// Coze's own time-out is 90 seconds, and each call is billed.
const run = creating("workflow_run", "POST", "/v1/workflow/run", {
  permissions: ["run"],
  patienceMs: 95_000,
});
const listing: PageListing = { size: 30, items: "items", id: "workflow_id" };

type WorkflowInfo = Shown<{ workflow_detail: Shown<{ workflow_name: string }> }>;

/** Workflows and chatflows of a workspace. */
export function createWorkflowCalls(send: Send) {
  return {
    /** https://docs.coze.cn/developer_guides/get_workflow_info */
    get: async (id: string): Promise<WorkflowInfo> => dataOf(await send(get, { path: { workflow_id: id } })),
    /** Runs the published version; returns its output, mostly JSON (https://docs.coze.cn/developer_guides/workflow_run). */
    async run(id: string, parameters: { readonly [name: string]: unknown }): Promise<string> {
      const { data } = (await send(run, { body: { workflow_id: id, parameters } })).body;
      return typeof data === "string" ? data : JSON.stringify(data ?? null);
    },
    /** `all` includes drafts, which the API hides by default. */
    list: (workspaceId: string, publishStatus: "all" | "published_online" | "unpublished_draft") =>
      readPages<WorkflowItem>(listing, ({ page, size }) =>
        send(list, {
          query: {
            workspace_id: workspaceId,
            publish_status: publishStatus,
            page_num: page,
            page_size: size,
          },
        }),
      ),
  };
}
