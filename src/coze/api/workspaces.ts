import { creating, reading, type Send, type Shown, setting } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { idIn } from "../http/response.ts";

/** A workspace in the list (https://docs.coze.cn/developer_guides/list_workspace). */
export interface WorkspaceItem
  extends Shown<{
    name: string;
    description: string;
    owner_uid: string | number;
    role_type: string;
    workspace_type: string;
  }> {
  readonly id: string;
}

/** https://docs.coze.cn/developer_guides/create_workspace */
export interface WorkspaceCreation {
  readonly name: string;
  readonly description: string;
  readonly icon_file_id?: string;
  readonly coze_account_id?: string;
  readonly owner_uid?: string;
}

const list = reading("list_workspace", "GET", "/v1/workspaces", { permission: "listWorkspace" });
const create = creating("create_workspace", "POST", "/v1/workspaces", { permission: "createWorkspace" });
const update = setting("update_workspace_info", "PUT", "/v1/workspaces/:workspace_id", {
  permission: "Workspace.update",
});
const listing: PageListing = { size: 50, items: "workspaces", id: "id", total: "total_count" };

/** Workspaces that the token's user has joined. */
export function createWorkspaceCalls(send: Send) {
  return {
    list: () =>
      readPages<WorkspaceItem>(listing, ({ page, size }) =>
        send(list, { query: { page_num: page, page_size: size } }),
      ),
    /** Returns the new workspace's id. */
    create: async (body: WorkspaceCreation): Promise<string> => idIn(await send(create, { body }), "id"),
    /** What is empty or left out stays as it is (https://docs.coze.cn/developer_guides/update_workspace_info). */
    async update(id: string, body: { readonly name?: string; readonly description?: string }): Promise<void> {
      await send(update, { path: { workspace_id: id }, body });
    },
  };
}
