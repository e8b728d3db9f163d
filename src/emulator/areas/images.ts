import { refuseMissing } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { flag, required, text } from "../http/params.ts";
import type { Document } from "../world/entities.ts";
import type { World } from "../world/world.ts";
import { documentsOf } from "./datasets.ts";
import { captionOf, statusOfDocument } from "./document-processing.ts";
import { ownedDataset, visibleDataset } from "./visibility.ts";

/** get_images, update_image_caption. */
export const imageOperations = [
  operation({
    name: "get_images",
    method: "GET",
    path: "/v1/datasets/:dataset_id/images",
    lists: { of: "documents" },
    permissions: ["listPhoto"],
    query: { ...pageRules(299), keyword: text(), has_caption: flag },
    answer: ({ world, path, query }) => {
      const dataset = visibleDataset(world, path.dataset_id);
      const found = documentsOf(world, dataset).filter((document) => {
        const caption = captionOf(world, document);
        return (
          document.source_type === 5 &&
          caption.includes(query.keyword ?? "") &&
          (query.has_caption ?? Boolean(caption)) === Boolean(caption)
        );
      });
      const { items, total } = slicePage(found, query, 10);
      return { data: { photo_infos: items.map((image) => showImage(world, image)), total_count: total } };
    },
  }),
  operation({
    name: "update_image_caption",
    method: "PUT",
    path: "/v1/datasets/:dataset_id/images/:document_id",
    permissions: ["updatePhoto"],
    body: { caption: required(text()) },
    answer: ({ world, path, body }) => {
      const dataset = ownedDataset(world, path.dataset_id);
      const image = world.documents.get(path.document_id);
      if (image?.dataset_id !== dataset.id || image?.source_type !== 5) {
        return refuseMissing("image", path.document_id);
      }
      image.caption = body.caption;
      image.captioned_at_ms = world.now();
      image.update_time = world.seconds();
      return {};
    },
  }),
];

function showImage(world: World, image: Document): object {
  return {
    document_id: image.id,
    name: image.name,
    type: image.type,
    size: image.size,
    status: statusOfDocument(world, image),
    caption: captionOf(world, image),
    url: world.signUrl(`FileBizType.BIZ_BOT_DATASET/${image.id}.${image.type}`),
    source_type: image.source_type,
    creator_id: image.creator_id,
    create_time: image.create_time,
    update_time: image.update_time,
  };
}
