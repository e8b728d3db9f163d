import { choice, flag, id, integer, list, object, required, text } from "../http/params.ts";
import type { Document } from "../world/entities.ts";

/** How a web page is refreshed; hours, at least 24 (create_knowledge_files). */
export const updateRule = object({ update_type: choice(0, 1), update_interval: integer(24) });

const chunkStrategy = object({
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

/** Body of create_knowledge_files: at most ten files a call, the chunk strategy in each. */
export const createRules = {
  dataset_id: required(id),
  format_type: required(choice(0, 2)),
  chunk_strategy: required(chunkStrategy),
  document_bases: required(list(documentBase, 1, 10)),
} as const;

/** What a page is refreshed by; other documents have no such rule. */
export function readUpdateRule(
  sourceType: Document["source_type"],
  rule: { update_type?: 0 | 1; update_interval?: number } | undefined,
): Pick<Document, "update_type" | "update_interval"> | undefined {
  if (sourceType !== 1 || !rule) {
    return undefined;
  }
  const { update_type = 0, update_interval = 24 } = rule;
  return { update_type, update_interval: update_type ? update_interval : 0 };
}
