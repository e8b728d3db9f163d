import { canonicalJson, isFileContent, isObject, type Values } from "../core/value.ts";
import type { ChunkStrategy, DocumentBase, DocumentItem } from "../coze/api/datasets.ts";
import type { CozeClient } from "../coze/client.ts";
import { UnexpectedAnswer } from "../coze/errors.ts";
import type { BatchOutcome, Created } from "../kind/kind.ts";
import { type DocumentSpec, fileType, isImageName, isShownAs } from "./document-fields.ts";

/** What all documents of one call have in common: the way of upload, chunking, and who writes captions. */
export function groupOf({ source, chunking, caption }: Values): string {
  const file = isObject(source) && isFileContent(source.file) ? source.file.$file : undefined;
  const mode = file === undefined ? "page" : isImageName(file) ? "image" : "text";
  return canonicalJson([mode, chunking ?? null, mode === "image" && caption !== undefined]);
}

/** Bytes of a document in the request; images are uploaded beforehand. */
export function weightOf({ source }: Values): number {
  const file = isObject(source) && isFileContent(source.file) ? source.file : undefined;
  return file === undefined || isImageName(file.$file) ? 0 : base64Size(file.size);
}

const base64Size = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/** Makes up to ten documents of one group. */
export async function createDocuments(
  api: CozeClient,
  specs: readonly DocumentSpec[],
): Promise<readonly BatchOutcome<Created>[]> {
  const [first] = specs;
  if (!first) return [];
  const { file } = first.source;
  const isImage = file !== undefined && isImageName(file.name);
  const made = await api.documents.create({
    dataset_id: first.dataset,
    format_type: isImage ? 2 : 0,
    chunk_strategy: isImage ? { caption_type: first.caption === undefined ? 0 : 1 } : strategyOf(first),
    document_bases: await Promise.all(specs.map(baseOf)),
  });
  return matchAnswer(specs, made);
}

function strategyOf({ chunking }: DocumentSpec): ChunkStrategy {
  return chunking ? { chunk_type: 1, ...chunkDefaults, ...chunking } : { chunk_type: 0 };
}

const chunkDefaults = { remove_extra_spaces: false, remove_urls_emails: false };

async function baseOf({ name, source, caption }: DocumentSpec): Promise<DocumentBase> {
  const { file, url, refresh_hours: hours } = source;
  if (file === undefined) {
    const rule = hours ? { update_rule: { update_type: 1, update_interval: hours } as const } : {};
    return { name, source_info: { web_url: url, document_source: 1 }, ...rule };
  }
  if (isImageName(file.name)) {
    const source_info = { source_file_id: await file.upload(), document_source: 5 } as const;
    return { name, source_info, ...(caption === undefined ? {} : { caption }) };
  }
  const content = Buffer.from(await file.read()).toString("base64");
  return { name, source_info: { file_base64: content, file_type: fileType(file.name) } };
}

/**
 * Finds each spec's document in the answer: in its own place if its name fits there, for `x.pdf` may be another
 * document's `x`; else by name; and in their order where names don't tell.
 */
function matchAnswer(
  specs: readonly DocumentSpec[],
  made: readonly DocumentItem[],
): readonly BatchOutcome<Created>[] {
  const rest = [...made];
  const take = (fits: (item: DocumentItem) => boolean): DocumentItem | undefined => {
    const index = rest.findIndex(fits);
    return index < 0 ? undefined : rest.splice(index, 1)[0];
  };
  const isComplete = made.length === specs.length;
  const inPlace = specs.map(({ name }, index) => {
    const own = made[index];
    return isComplete && own && isShownAs(name, own.name ?? "") ? take((item) => item === own) : undefined;
  });
  const named = specs.map(
    ({ name }, index) =>
      inPlace[index] ??
      take((item) => item.name === name) ??
      take((item) => isShownAs(name, item.name ?? "")),
  );
  return specs.map(({ name }, index) => {
    const item = named[index] ?? (isComplete ? rest.shift() : undefined);
    return item ? { value: { id: item.document_id } } : { error: forgotten(name) };
  });
}

function forgotten(name: string): UnexpectedAnswer {
  return new UnexpectedAnswer(`Coze's answer doesn't say what became of the document ${name}`, {
    operation: "create_knowledge_files",
    outcome: "unknown",
    hint: "plan again to see whether it was made",
  });
}
