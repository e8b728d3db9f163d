import { reading, type Send, type Shown } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";

/** An app in the list (https://docs.coze.cn/developer_guides/published_apps_list). */
export interface AppItem extends Shown<{ name: string; updated_at: number | string }> {
  readonly id: string;
}

const list = reading("published_apps_list", "GET", "/v1/apps", { permission: "listApp" });
// The reference gives no maximum for the page size, and its `total` may be that of the page.
const listing: PageListing = { size: 20, items: "items", id: "id" };

/** Apps; Coze's API can only list and copy them. */
export function createAppCalls(send: Send) {
  return {
    /** All of a workspace, drafts included, which the API's own default hides. */
    list: (workspaceId: string) =>
      readPages<AppItem>(listing, ({ page, size }) =>
        send(list, {
          query: { workspace_id: workspaceId, publish_status: "all", page_num: page, page_size: size },
        }),
      ),
  };
}
