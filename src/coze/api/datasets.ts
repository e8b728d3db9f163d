import {
  type ApiResponse,
  creating,
  reading,
  type Send,
  type Shown,
  setting,
  type Wire,
} from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { asId, dataOf, idIn, isWire, listIn } from "../http/response.ts";

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
    creator_id: string;
    creator_name: string;
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
  readonly description?: string | undefined;
  readonly file_id?: string | undefined;
}

/** Everything that can change; fields that are left out return to their defaults. */
export interface DatasetReplacement {
  readonly name: string;
  readonly description?: string | undefined;
  readonly file_id?: string | undefined;
}

const list = reading("list_dataset", "GET", "/v1/datasets", { permissions: ["listKnowledge"] });
const create = creating("create_dataset", "POST", "/v1/datasets", { permissions: ["createKnowledge"] });
const replace = setting("update_dataset", "PUT", "/v1/datasets/:dataset_id", { permissions: ["update"] });
const remove = setting("delete_dataset", "DELETE", "/v1/datasets/:dataset_id", { permissions: ["delete"] });
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
    /** Also deletes the documents and unbinds bots (https://docs.coze.cn/developer_guides/delete_dataset). */
    async remove(id: string): Promise<void> {
      await send(remove, { path: { dataset_id: id } });
    },
  };
}

/** How a document is cut (https://docs.coze.cn/developer_guides/create_knowledge_files). */
export interface ChunkStrategy {
  /** 0 automatic, 1 by the fields below. */
  readonly chunk_type?: number | undefined;
  readonly separator?: string | undefined;
  readonly max_tokens?: number | undefined;
  readonly remove_extra_spaces?: boolean | undefined;
  readonly remove_urls_emails?: boolean | undefined;
  /** For images: 0 Coze writes the captions, 1 the caller does. */
  readonly caption_type?: 0 | 1 | undefined;
}

/** Whether and how often, in hours, a web page is read again. */
export interface UpdateRule {
  readonly update_type: 0 | 1;
  readonly update_interval?: number | undefined;
}

/** One document to be made. */
export interface DocumentBase {
  readonly name: string;
  readonly source_info: {
    readonly file_base64?: string | undefined;
    readonly file_type?: string | undefined;
    readonly web_url?: string | undefined;
    readonly source_file_id?: string | undefined;
    /** 0 local file, 1 web page, 5 uploaded file. */
    readonly document_source?: 0 | 1 | 5 | undefined;
  };
  readonly update_rule?: UpdateRule | undefined;
  readonly caption?: string | undefined;
}

/** Up to ten documents, all uploaded in the same way. */
export interface DocumentsCreation {
  readonly dataset_id: string;
  /** 0 text, 2 image. */
  readonly format_type: 0 | 2;
  readonly chunk_strategy: ChunkStrategy;
  readonly document_bases: readonly DocumentBase[];
}

/** A document in answers (https://docs.coze.cn/developer_guides/list_knowledge_files). */
export interface DocumentItem
  extends Shown<{
    name: string;
    type: string;
    /** 0 in work, 1 ready, 9 failed; others occur. */
    status: number;
    char_count: number;
    slice_count: number;
    chunk_strategy: Shown<ChunkStrategy>;
    update_type: number;
    update_interval: number;
    update_time: number | string;
  }> {
  readonly document_id: string;
}

/** The processing state of a document (https://docs.coze.cn/developer_guides/get_dataset_progress). */
export interface DocumentProgress
  extends Shown<{
    status: number;
    /** Percent. */
    progress: number;
    status_descript: string;
  }> {
  readonly document_id: string;
}

const knowledge = "/open_api/knowledge/document";
const listDocuments = reading("list_knowledge_files", "POST", `${knowledge}/list`, {
  strIds: true,
  permissions: ["listDocument"],
});
const createDocuments = creating("create_knowledge_files", "POST", `${knowledge}/create`, {
  strIds: true,
  permissions: ["createDocument"],
});
const updateDocument = setting("modify_knowledge_files", "POST", `${knowledge}/update`, {
  strIds: true,
  permissions: ["updateDocument"],
});
const removeDocuments = setting("delete_knowdge_files", "POST", `${knowledge}/delete`, {
  strIds: true,
  permissions: ["deleteDocument"],
});
const progress = reading("get_dataset_progress", "POST", "/v1/datasets/:dataset_id/process", {
  permissions: ["readDocumentProgress"],
  polled: true,
});

/** Documents and images of a dataset. */
export function createDocumentCalls(send: Send) {
  // The reference counts pages from 1; its example, and coze-studio, from 0.
  const documentListing: PageListing = {
    size: 100,
    items: "document_infos",
    id: "document_id",
    total: "total",
    base: { first: 1 },
    container: containerOf,
  };
  return {
    list: (datasetId: string) =>
      readPages<DocumentItem>(documentListing, ({ page, size }) =>
        send(listDocuments, { body: { dataset_id: datasetId, page, size } }),
      ),
    /** Returns the new documents as the answer has them. */
    async create(body: DocumentsCreation): Promise<readonly DocumentItem[]> {
      const answer = await send(createDocuments, { body });
      return withIds<DocumentItem>(listIn(answer, containerOf(answer), "document_infos"));
    },
    /** Only the name and the update rule can change (https://docs.coze.cn/developer_guides/modify_knowledge_files). */
    async update(body: {
      readonly document_id: string;
      readonly document_name?: string | undefined;
      readonly update_rule?: UpdateRule | undefined;
    }): Promise<void> {
      await send(updateDocument, { body });
    },
    /** Up to 100 at once (https://docs.coze.cn/developer_guides/delete_knowdge_files). */
    async remove(ids: readonly string[]): Promise<void> {
      await send(removeDocuments, { body: { document_ids: ids } });
    },
    async progress(datasetId: string, ids: readonly string[]): Promise<readonly DocumentProgress[]> {
      const answer = await send(progress, { path: { dataset_id: datasetId }, body: { document_ids: ids } });
      return withIds<DocumentProgress>(listIn(answer, dataOf<Wire>(answer), "data"));
    },
  };
}

// The reference has the documents next to `code`, an SDK expects them in `data`.
function containerOf(answer: ApiResponse): Wire {
  const { body } = answer;
  return !("document_infos" in body) && isWire(body.data) ? body.data : body;
}

// The types are the reference's; only the id is checked.
function withIds<T>(items: readonly Wire[]): readonly T[] {
  return items.flatMap((item) => {
    const id = asId(item.document_id);
    return id === undefined ? [] : [{ ...item, document_id: id } as T];
  });
}

/** An image in the list (https://docs.coze.cn/developer_guides/get_images). */
export interface ImageItem extends Shown<{ caption: string }> {
  readonly document_id: string;
}

const listImages = reading("get_images", "GET", "/v1/datasets/:dataset_id/images", {
  permissions: ["listPhoto"],
});
const updateCaption = setting("update_image_caption", "PUT", "/v1/datasets/:dataset_id/images/:document_id", {
  permissions: ["updatePhoto"],
});
const imageListing: PageListing = {
  size: 299,
  items: "photo_infos",
  id: "document_id",
  total: "total_count",
};

/** Images of a dataset, with their captions. */
export function createImageCalls(send: Send) {
  return {
    list: (datasetId: string) =>
      readPages<ImageItem>(imageListing, ({ page, size }) =>
        send(listImages, { path: { dataset_id: datasetId }, query: { page_num: page, page_size: size } }),
      ),
    /** https://docs.coze.cn/developer_guides/update_image_caption */
    async setCaption(datasetId: string, documentId: string, caption: string): Promise<void> {
      await send(updateCaption, {
        path: { dataset_id: datasetId, document_id: documentId },
        body: { caption },
      });
    },
  };
}
