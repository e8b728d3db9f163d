import { refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { flag, id, integer, list, required, text } from "../http/params.ts";
import { isVariant } from "../world/variants.ts";
import { sortForList, timeAfter, type World } from "../world/world.ts";
import { type Area, findIn } from "./area.ts";
import { type Dataset, ownedDataset, visibleDataset } from "./datasets.ts";
import {
  captionOf,
  type Document,
  documentCollection,
  documentCreateRules,
  documentsOf,
  readUpdateRule,
  showProgress,
  sliceCount,
  statusOfDocument,
  updateRule,
} from "./document-collection.ts";
import { readSource } from "./document-sources.ts";

/** create_knowledge_files, modify_knowledge_files, delete_knowdge_files, list_knowledge_files, get_dataset_progress. */
const documentOperations = [
  operation({
    name: "create_knowledge_files",
    method: "POST",
    path: "/open_api/knowledge/document/create",
    permissions: ["createDocument"],
    bareIds: true,
    body: documentCreateRules,
    answer: ({ world, body }) => {
      const dataset = ownedDataset(world, body.dataset_id);
      if (dataset.format_type !== body.format_type) {
        refuseParameter("format_type", `must be ${dataset.format_type}, that of the knowledge base`);
      }
      const isFixed = isVariant(world, "dataset-chunking") && documentsOf(world, dataset).length > 0;
      if (body.chunk_strategy) checkStrategy(world, dataset, body.chunk_strategy);
      else if (!isFixed) refuseParameter("chunk_strategy", "is required");
      const sources = body.document_bases.map((base, index) =>
        readSource(world, dataset, base, `document_bases[${index}]`),
      );
      if (new Set(sources.map((source) => source.source_type)).size > 1) {
        refuseParameter("document_bases", "must all be uploaded in the same way");
      }
      const strategy = { ...dataset.chunk_strategy, ...(isFixed ? {} : body.chunk_strategy) };
      const made = sources.map((source) =>
        addDocument(world, dataset, { ...source, chunk_strategy: { ...strategy } }),
      );
      dataset.chunk_strategy = strategy;
      dataset.update_time = world.seconds();
      return { document_infos: made.map((document) => showCreated(world, document)) };
    },
  }),
  operation({
    name: "modify_knowledge_files",
    method: "POST",
    path: "/open_api/knowledge/document/update",
    permissions: ["updateDocument"],
    bareIds: true,
    // The table calls the id optional; without it there is nothing to change.
    body: { document_id: required(id), document_name: text(1), update_rule: updateRule },
    answer: ({ world, body }) => {
      const document = findIn(world.documents, "document", body.document_id);
      ownedDataset(world, document.dataset_id);
      document.name = body.document_name ?? document.name;
      Object.assign(document, readUpdateRule(document.source_type, body.update_rule));
      document.update_time = world.seconds();
      return {};
    },
  }),
  operation({
    name: "delete_knowdge_files",
    method: "POST",
    path: "/open_api/knowledge/document/delete",
    permissions: ["deleteDocument"],
    bareIds: true,
    body: { document_ids: required(list(id, 1, 100)) },
    answer: ({ world, body }) => {
      for (const documentId of body.document_ids) {
        ownedDataset(world, findIn(world.documents, "document", documentId).dataset_id);
      }
      for (const documentId of body.document_ids) {
        world.documents.delete(documentId);
      }
      return {};
    },
  }),
  operation({
    name: "list_knowledge_files",
    method: "POST",
    path: "/open_api/knowledge/document/list",
    lists: { of: "documents" },
    permissions: ["listDocument"],
    writes: false,
    bareIds: true,
    body: { dataset_id: required(id), page: integer(0), size: integer(1) },
    answer: ({ world, body }) => {
      const dataset = visibleDataset(world, body.dataset_id);
      const { page = 0, size = 10 } = body;
      if (size > 100 && isVariant(world, "documents-to-100")) {
        refuseParameter("size", `must be between 1 and 100, got ${size}`);
      }
      // Pages count from 1, but the captured request asks for page 0.
      const page_num = isVariant(world, "pages-from-0") ? page + 1 : page || 1;
      const all = sortForList(world, documentsOf(world, dataset));
      const { items, total } = slicePage(all, { page_num }, size);
      return { document_infos: items.map((document) => showDocument(world, document)), total };
    },
  }),
  operation({
    name: "get_dataset_progress",
    method: "POST",
    path: "/v1/datasets/:dataset_id/process",
    permissions: ["readDocumentProgress"],
    writes: false,
    body: { document_ids: required(list(id, 1)) },
    answer: ({ world, path, body }) => {
      const dataset = visibleDataset(world, path.dataset_id);
      const found = documentsOf(world, dataset).filter((one) => body.document_ids.includes(one.id));
      if (!found.length) refuseMissing("documents", body.document_ids.join(", "));
      return { data: { data: found.map((document) => showProgress(world, document)) } };
    },
  }),
];

/** get_images, update_image_caption. */
const imageOperations = [
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

/** Documents of datasets, and images, which are documents too. */
export const documentArea: Area = {
  operations: [...documentOperations, ...imageOperations],
  collections: { documents: documentCollection },
};

function checkStrategy(world: World, dataset: Dataset, strategy: Document["chunk_strategy"]): void {
  const first = documentsOf(world, dataset).length === 0;
  if (dataset.format_type === 2 && first && strategy.caption_type === undefined) {
    refuseParameter("chunk_strategy.caption_type", "is required for the first images of a knowledge base");
  }
  if (strategy.chunk_type === 1 && (strategy.separator === undefined || strategy.max_tokens === undefined)) {
    refuseParameter("chunk_strategy", "needs separator and max_tokens with chunk_type 1");
  }
}

function addDocument(
  world: World,
  dataset: Dataset,
  source: Omit<Document, "id" | "dataset_id" | "creator_id" | "create_time" | "update_time" | "ready_at_ms">,
): Document {
  const document: Document = {
    id: world.newId(),
    dataset_id: dataset.id,
    creator_id: world.options.me.id,
    create_time: world.seconds(),
    update_time: world.seconds(),
    ready_at_ms: timeAfter(world, world.options.processingMs),
    ...source,
  };
  world.documents.set(document.id, document);
  return document;
}

function showDocument(world: World, document: Document): object {
  return {
    document_id: document.id,
    name: document.name,
    type: document.type,
    size: document.size,
    char_count: document.char_count,
    slice_count: sliceCount(world, document),
    hit_count: 0,
    status: statusOfDocument(world, document),
    format_type: document.source_type === 5 ? 2 : 0,
    source_type: document.source_type,
    update_type: document.update_type,
    update_interval: document.update_interval,
    chunk_strategy: document.chunk_strategy,
    create_time: document.create_time,
    update_time: document.update_time,
    tos_uri:
      document.source_type === 0 ? `FileBizType.BIZ_BOT_DATASET/${document.id}.${document.type}` : undefined,
  };
}

// Right after an upload these two are null in one captured answer; the clients' models demand numbers.
function showCreated(world: World, document: Document): object {
  const unset = isVariant(world, "null-sources") ? { source_type: null, update_type: null } : {};
  const untold = isVariant(world, "untold-chunking") ? { chunk_strategy: undefined } : {};
  return { ...showDocument(world, document), ...unset, ...untold };
}

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
