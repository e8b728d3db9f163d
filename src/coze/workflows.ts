import { reading, type Send, type Shown } from "./operation.ts";
import { type Listing, readPages } from "./pages.ts";

/** A workflow in the list (https://docs.coze.cn/developer_guides/get_workflow_list). */
export interface WorkflowItem
  extends Shown<{ workflow_name: string; description: string; updated_at: string | number }> {
  readonly workflow_id: string;
}

const list = reading("get_workflow_list", "GET", "/v1/workflows");
const listing: Listing = { size: 30, items: "items", id: "workflow_id" };

/** Workflows and chatflows of a workspace. */
export function createWorkflowCalls(send: Send) {
  return {
    /** `all` includes drafts, which the API's own default hides. */
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
