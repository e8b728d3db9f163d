import { reading, type Send, type Shown } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";

/** A folder of a workspace (https://docs.coze.cn/developer_guides/workspace_list_folder). */
export interface FolderItem
  extends Shown<{ name: string; description: string; children_count: number | string }> {
  readonly id: string;
}

const list = reading("workspace_list_folder", "GET", "/v1/folders", { permissions: ["listFolder"] });
const listing: PageListing = { size: 50, items: "items", id: "id", total: "total_count" };

/** The folders of a workspace's projects: bots and apps. */
export function createFolderCalls(send: Send) {
  return {
    /** One level: the folders in a folder, or those that are in none. */
    list: (workspaceId: string, parentId?: string) =>
      readPages<FolderItem>(listing, ({ page, size }) =>
        send(list, {
          query: {
            workspace_id: workspaceId,
            folder_type: "development",
            parent_folder_id: parentId,
            page_num: page,
            page_size: size,
          },
        }),
      ),
  };
}
