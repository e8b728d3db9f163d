import { choice, flag, id, integer, list, number, object, required, text } from "../http/params.ts";
import { sortById, type World } from "../world/world.ts";
import type { Collection } from "./area.ts";
import { anyText, type FieldsOf, named, stored } from "./area.ts";

/** How a web page is refreshed; hours, at least 24 (create_knowledge_files). */
export const updateRule = object({ update_type: choice(0, 1), update_interval: integer(24) });

const chunkStrategyRule = object({
  chunk_type: choice(0, 1),
  separator: text(),
  max_tokens: integer(100, 2000),
  remove_extra_spaces: flag,
  remove_urls_emails: flag,
  caption_type: choice(0, 1),
});

/** One entry of document_bases. */
export const documentBase = object({
  name: required(text(1)),
  source_info: required(
    object({
      file_base64: text(),
      file_type: choice("pdf", "txt", "doc", "docx"),
      web_url: text(1),
      document_source: choice(0, 1, 5),
      source_file_id: id,
    }),
  ),
  update_rule: updateRule,
  caption: text(),
});

/** Body of create_knowledge_files: at most ten files a call, the chunk strategy in each unless a variant needs none. */
export const documentCreateRules = {
  dataset_id: required(id),
  format_type: required(choice(0, 2)),
  chunk_strategy: chunkStrategyRule,
  document_bases: required(list(documentBase, 1, 10)),
} as const;

/** The stored update rule of a web page; undefined for other documents, which have none. */
export function readUpdateRule(
  sourceType: Document["source_type"],
  rule: { update_type?: 0 | 1; update_interval?: number | undefined } | undefined,
): Pick<Document, "update_type" | "update_interval"> | undefined {
  if (sourceType !== 1 || !rule) return undefined;
  const { update_type = 0, update_interval = 24 } = rule;
  return { update_type, update_interval: update_type ? update_interval : 0 };
}

/** Rules by which a document is cut, as they were sent. */
export interface ChunkStrategy {
  chunk_type?: 0 | 1 | undefined;
  separator?: string | undefined;
  max_tokens?: number | undefined;
  remove_extra_spaces?: boolean | undefined;
  remove_urls_emails?: boolean | undefined;
  caption_type?: 0 | 1 | undefined;
}

/** A document or image. Its content isn't stored, as no operation returns it: only a hash, for tests. */
export interface Document {
  id: string;
  dataset_id: string;
  name: string;
  type: string;
  size: number;
  char_count: number;
  sha256: string;
  web_url?: string | undefined;
  source_type: 0 | 1 | 5;
  update_type: 0 | 1;
  update_interval: number;
  chunk_strategy: ChunkStrategy;
  creator_id: string;
  create_time: number;
  update_time: number;
  ready_at_ms: number;
  fails_because?: string | undefined;
  /** The status while it is processed, 0 by default, and the one that ends that. */
  works_as?: number | undefined;
  ends_as?: number | undefined;
  caption: string;
  captioned_at_ms: number;
}

declare module "../world/world.ts" {
  interface World {
    readonly documents: Map<string, Document>;
  }
}

/** The fields of a stored {@link ChunkStrategy}. */
export const chunkStrategyFields = required(
  object({
    chunk_type: choice(0, 1),
    separator: anyText,
    max_tokens: number,
    remove_extra_spaces: flag,
    remove_urls_emails: flag,
    caption_type: choice(0, 1),
  } satisfies FieldsOf<ChunkStrategy>),
);

const documentFields = {
  ...named,
  dataset_id: stored.text,
  type: stored.text,
  size: stored.number,
  char_count: stored.number,
  sha256: stored.text,
  web_url: anyText,
  source_type: required(choice(0, 1, 5)),
  update_type: required(choice(0, 1)),
  update_interval: stored.number,
  chunk_strategy: chunkStrategyFields,
  creator_id: stored.text,
  create_time: stored.number,
  update_time: stored.number,
  ready_at_ms: stored.number,
  fails_because: anyText,
  works_as: number,
  ends_as: number,
  caption: stored.text,
  captioned_at_ms: stored.number,
} as const satisfies FieldsOf<Document>;

/** How documents are stored. */
export const documentCollection: Collection<Document> = {
  fields: documentFields,
  owners: [{ by: "dataset_id", in: "datasets" }],
};

/** The documents of a dataset, oldest first. */
export function documentsOf(world: World, dataset: { readonly id: string }): Document[] {
  return sortById([...world.documents.values()].filter((document) => document.dataset_id === dataset.id));
}

/**
 * Processing state by the emulator's clock. Work: 0 processing, 4 segmenting again, 5 refreshing. Ends: 1 done, 2 disabled,
 * 3 deleted, 9 failed, 1000 refused by moderation.
 */
export function statusOfDocument(world: World, { ready_at_ms, works_as = 0, ...document }: Document): number {
  if (world.now() < ready_at_ms) return works_as;
  return document.ends_as ?? (document.fails_because === undefined ? 1 : 9);
}

/** Slices are only there once processing is done. */
export function sliceCount(world: World, document: Document): number {
  return statusOfDocument(world, document) === 1 ? Math.max(1, Math.ceil(document.char_count / 800)) : 0;
}

/**
 * An image's caption. With caption_type 0 the service writes one when processing ends, over whatever was
 * set until then; later changes stay.
 */
export function captionOf(world: World, document: Document): string {
  const writtenByService =
    document.chunk_strategy.caption_type === 0 &&
    statusOfDocument(world, document) === 1 &&
    document.captioned_at_ms < document.ready_at_ms;
  return writtenByService ? `自动标注：${document.name}` : document.caption;
}

/** A document's entry in the answer of get_dataset_progress. */
export function showProgress(world: World, document: Document): object {
  const status = statusOfDocument(world, document);
  const remaining = Math.max(0, document.ready_at_ms - world.now());
  const share = 1 - remaining / Math.max(1, world.options.processingMs);
  return {
    document_id: document.id,
    document_name: document.name,
    url: world.signUrl(`FileBizType.BIZ_BOT_DATASET/${document.id}.${document.type}`),
    size: document.size,
    type: document.type,
    status,
    progress: remaining > 0 ? Math.min(99, Math.max(0, Math.floor(share * 100))) : 100,
    remaining_time: Math.ceil(remaining / 1000),
    update_type: document.update_type,
    update_interval: document.update_interval,
    status_descript: remaining > 0 ? undefined : document.fails_because,
  };
}
