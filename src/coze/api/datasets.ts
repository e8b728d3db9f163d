import { creating, reading, type Send, type Shown, setting } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { idIn } from "../http/response.ts";

/** A knowledge base in the list (https://docs.coze.cn/developer_guides/list_dataset). */
export interface DatasetItem
  extends Shown<{
    name: string;
    description: string;
    /** 0 text, 1 table, 2 image. */
    format_type: number;
    doc_count: number;
    bot_used_count: number;
    update_time: number;
    /** 0 Coze, 1 Volcano; often left out. */
    dataset_type: number;
  }> {
  readonly dataset_id: string;
}

/** https://docs.coze.cn/developer_guides/create_dataset */
export interface DatasetCreation {
  readonly space_id: string;
  readonly name: string;
  readonly format_type: 0 | 2;
  readonly description?: string;
  readonly file_id?: string;
}

/** All that can change; what is left out goes back to its default. */
export interface DatasetReplacement {
  readonly name: string;
  readonly description?: string;
  readonly file_id?: string;
}

const list = reading("list_dataset", "GET", "/v1/datasets", { permission: "listKnowledge" });
const create = creating("create_dataset", "POST", "/v1/datasets", { permission: "createKnowledge" });
const replace = setting("update_dataset", "PUT", "/v1/datasets/:dataset_id", { permission: "update" });
const remove = setting("delete_dataset", "DELETE", "/v1/datasets/:dataset_id", { permission: "delete" });
const listing: PageListing = { size: 300, items: "dataset_list", id: "dataset_id", total: "total_count" };

/** Knowledge bases of a workspace. */
export function createDatasetCalls(send: Send) {
  return {
    list: (workspaceId: string) =>
      readPages<DatasetItem>(listing, ({ page, size }) =>
        send(list, { query: { space_id: workspaceId, page_num: page, page_size: size } }),
      ),
    /** Returns the new dataset's id. */
    create: async (body: DatasetCreation): Promise<string> =>
      idIn(await send(create, { body }), "dataset_id"),
    /** https://docs.coze.cn/developer_guides/update_dataset */
    async replace(id: string, body: DatasetReplacement): Promise<void> {
      await send(replace, { path: { dataset_id: id }, body });
    },
    /** Takes the documents along and unbinds bots (https://docs.coze.cn/developer_guides/delete_dataset). */
    async remove(id: string): Promise<void> {
      await send(remove, { path: { dataset_id: id } });
    },
  };
}
