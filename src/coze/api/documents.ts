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
import { asId, dataOf, isWire, listIn } from "../http/response.ts";

/** How a document is cut (https://docs.coze.cn/developer_guides/create_knowledge_files). */
export interface ChunkStrategy {
  /** 0 automatic, 1 by the fields below. */
  readonly chunk_type?: number;
  readonly separator?: string;
  readonly max_tokens?: number;
  readonly remove_extra_spaces?: boolean;
  readonly remove_urls_emails?: boolean;
  /** For images: 0 Coze writes the captions, 1 the caller does. */
  readonly caption_type?: 0 | 1;
}

/** Whether and how often, in hours, a web page is read again. */
export interface UpdateRule {
  readonly update_type: 0 | 1;
  readonly update_interval?: number;
}

/** One document to be made. */
export interface DocumentBase {
  readonly name: string;
  readonly source_info: {
    readonly file_base64?: string;
    readonly file_type?: string;
    readonly web_url?: string;
    readonly source_file_id?: string;
    /** 0 local file, 1 web page, 5 uploaded file. */
    readonly document_source?: 0 | 1 | 5;
  };
  readonly update_rule?: UpdateRule;
  readonly caption?: string;
}

/** Up to ten documents of one way of upload. */
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

/** Where Coze's work on a document stands (https://docs.coze.cn/developer_guides/get_dataset_progress). */
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
const list = reading("list_knowledge_files", "POST", `${knowledge}/list`, {
  strIds: true,
  permission: "listDocument",
});
const create = creating("create_knowledge_files", "POST", `${knowledge}/create`, {
  strIds: true,
  permission: "createDocument",
});
const update = setting("modify_knowledge_files", "POST", `${knowledge}/update`, {
  strIds: true,
  permission: "updateDocument",
});
const remove = setting("delete_knowdge_files", "POST", `${knowledge}/delete`, {
  strIds: true,
  permission: "deleteDocument",
});
const progress = reading("get_dataset_progress", "POST", "/v1/datasets/:dataset_id/process", {
  permission: "readDocumentProgress",
});
const listing: PageListing = {
  size: 100,
  items: "document_infos",
  id: "document_id",
  total: "total",
  container: containerOf,
};

/** Documents and images of a dataset. */
export function createDocumentCalls(send: Send) {
  return {
    list: (datasetId: string) =>
      readPages<DocumentItem>(listing, ({ page, size }) =>
        send(list, { body: { dataset_id: datasetId, page, size } }),
      ),
    /** Returns what the answer tells of the new documents. */
    async create(body: DocumentsCreation): Promise<readonly DocumentItem[]> {
      const answer = await send(create, { body });
      return withIds<DocumentItem>(listIn(answer, containerOf(answer), "document_infos"));
    },
    /** Name and update rule are all that can change (https://docs.coze.cn/developer_guides/modify_knowledge_files). */
    async update(body: {
      readonly document_id: string;
      readonly document_name?: string;
      readonly update_rule?: UpdateRule;
    }): Promise<void> {
      await send(update, { body });
    },
    /** Up to 100 at once (https://docs.coze.cn/developer_guides/delete_knowdge_files). */
    async remove(ids: readonly string[]): Promise<void> {
      await send(remove, { body: { document_ids: ids } });
    },
    async progress(datasetId: string, ids: readonly string[]): Promise<readonly DocumentProgress[]> {
      const answer = await send(progress, { path: { dataset_id: datasetId }, body: { document_ids: ids } });
      return withIds<DocumentProgress>(listIn(answer, dataOf<Wire>(answer), "data"));
    },
  };
}

// The reference has documents beside `code`, an SDK expects them inside `data`.
function containerOf(answer: ApiResponse): Wire {
  const { body } = answer;
  return !("document_infos" in body) && isWire(body.data) ? body.data : body;
}

// The types are the reference's promise; only the id is checked.
function withIds<T>(items: readonly Wire[]): readonly T[] {
  return items.flatMap((item) => {
    const id = asId(item.document_id);
    return id === undefined ? [] : [{ ...item, document_id: id } as T];
  });
}
