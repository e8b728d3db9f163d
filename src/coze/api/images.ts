import { reading, type Send, type Shown, setting } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";

/** An image in the list (https://docs.coze.cn/developer_guides/get_images). */
export interface ImageItem extends Shown<{ caption: string }> {
  readonly document_id: string;
}

const list = reading("get_images", "GET", "/v1/datasets/:dataset_id/images", { permission: "listPhoto" });
const update = setting("update_image_caption", "PUT", "/v1/datasets/:dataset_id/images/:document_id", {
  permission: "updatePhoto",
});
const listing: PageListing = { size: 299, items: "photo_infos", id: "document_id", total: "total_count" };

/** Images of a dataset, with what only they have: captions. */
export function createImageCalls(send: Send) {
  return {
    list: (datasetId: string) =>
      readPages<ImageItem>(listing, ({ page, size }) =>
        send(list, { path: { dataset_id: datasetId }, query: { page_num: page, page_size: size } }),
      ),
    /** https://docs.coze.cn/developer_guides/update_image_caption */
    async setCaption(datasetId: string, documentId: string, caption: string): Promise<void> {
      await send(update, { path: { dataset_id: datasetId, document_id: documentId }, body: { caption } });
    },
  };
}
