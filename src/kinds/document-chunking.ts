import { isSameNormalised } from "../core/equality.ts";
import type { Values } from "../core/value.ts";
import type { ChunkStrategy, DocumentItem } from "../coze/api/datasets.ts";
import { NotTaken } from "../kind/processing-errors.ts";
import { explain } from "../messages/text.ts";
import { type DocumentSpec, isImageName } from "./document-fields.ts";
import { known, numeric } from "./response-values.ts";

/** Whether a document is an image, which isn't cut. */
export const isImageSpec = ({ source: { file } }: DocumentSpec): boolean =>
  file !== undefined && isImageName(file.name);

/** How a document is to be cut. */
export function strategyOf({ chunking }: DocumentSpec): ChunkStrategy {
  return chunking ? { chunk_type: 1, ...chunkDefaults, ...chunking } : { chunk_type: 0 };
}

const chunkDefaults = { remove_extra_spaces: false, remove_urls_emails: false };

/** A document's own rules of cutting; undefined where Coze cuts by itself. */
export function describeChunking(chunks: DocumentItem["chunk_strategy"]) {
  if (!chunks || numeric(chunks.chunk_type) !== 1) return undefined;
  return known({
    separator: chunks.separator,
    max_tokens: numeric(chunks.max_tokens),
    remove_extra_spaces: chunks.remove_extra_spaces,
    remove_urls_emails: chunks.remove_urls_emails,
  });
}

/**
 * What tells that a dataset's chunking holds instead of a document's own: once a dataset has documents, Coze may cut all
 * others like them, and the answer shows it. `live`: undefined where Coze cuts by itself.
 */
export function findOtherChunking(
  spec: DocumentSpec,
  live: ReturnType<typeof describeChunking>,
): NotTaken | undefined {
  if (isImageSpec(spec)) return undefined;
  const sent = spec.chunking && { ...chunkDefaults, ...spec.chunking };
  const isTaken = sent && live ? isSameChunking(sent, live) : sent === live;
  if (isTaken) return undefined;
  if (!live) return new NotTaken("chunking", live, explain("kinds/automatic-chunking-of-dataset"));
  const values = Object.entries(live).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const chunking = `{${values.join(", ")}}`;
  return new NotTaken("chunking", live, explain("kinds/chunking-of-dataset", { chunking }));
}

const isSameChunking = (sent: Values, live: Values): boolean =>
  Object.entries(sent).every(
    ([name, value]) => live[name] === undefined || isSameNormalised(value, live[name]),
  );
