import { isSameNormalised } from "../core/equality.ts";
import { canonicalJson, type FileReading, isFileContent, isObject, type Values } from "../core/value.ts";
import type { ChunkStrategy, DocumentItem } from "../coze/api/datasets.ts";
import { NotTaken } from "../kind/processing-errors.ts";
import type { FieldProblem } from "../kind/schema.ts";
import { explain } from "../messages/text.ts";
import { type DocumentSpec, isImageName, largestText } from "./document-fields.ts";
import { known, numeric } from "./response-values.ts";

/** Whether a document is an image, which isn't cut. */
export const isImageSpec = ({ source: { file } }: DocumentSpec): boolean =>
  file !== undefined && isImageName(file.name);

/** The line before a heading at which a document is cut: no text has it by chance, and no reader minds it. */
const headingSeparator = "<!-- cut -->";

const headingLevel = 2;

/** How a document is to be cut. */
export function strategyOf({ chunking }: DocumentSpec): ChunkStrategy {
  return chunking ? { chunk_type: 1, ...rulesOf(chunking) } : { chunk_type: 0 };
}

/** Rules of cutting as Coze takes them. Validation refuses rules without the two that Coze demands. */
function rulesOf({ by, level: _, ...chunking }: NonNullable<DocumentSpec["chunking"]>) {
  const own = { ...chunkDefaults, ...chunking };
  const { separator = headingSeparator, max_tokens = 2000 } = own;
  return by === "headings"
    ? { ...own, separator: headingSeparator, max_tokens }
    : { ...own, separator, max_tokens };
}

/** How the text in the file of a spec is read. */
export function readingOf({ source, chunking }: Values): FileReading {
  const { encoding, front_matter, part } = isObject(source) ? source : {};
  const { by, level } = isObject(chunking) ? chunking : {};
  const isCut = by === "headings";
  return {
    ...(typeof encoding === "string" ? { encoding } : {}),
    ...(front_matter === "keep" ? { frontMatter: true } : {}),
    ...(isCut ? { cut: { level: Number(level ?? headingLevel), separator: headingSeparator } } : {}),
    ...(typeof part === "string" && part !== "" ? { part, limit: largestText } : {}),
  };
}

/** How a spec has documents cut at headings, or some other way, as text; undefined of images. */
export function cutOf({ source, chunking }: Values): string | undefined {
  const file = isObject(source) ? source.file : undefined;
  if (isFileContent(file) && isImageName(file.$file)) return undefined;
  if (!isObject(chunking)) return "{}";
  const { level, ...rules } = chunking;
  return canonicalJson(rules.by === "headings" ? { ...rules, level: level ?? headingLevel } : rules);
}

/** Whether documents of one dataset can't be cut in two ways: separators that one puts are text in another. */
export const cutsClash = (one: string, other: string): boolean =>
  one !== other && [one, other].some((cut) => cut.includes('"by":"headings"'));

/** What is wrong with the rules of cutting of a spec. */
export function checkChunking(chunking: Values): readonly FieldProblem[] {
  const { by = "separator", level, separator, max_tokens } = chunking;
  const isByHeadings = by === "headings";
  const rules = [
    [!isByHeadings && separator === undefined, ["chunking"], "kinds/chunking-without-separator"],
    [
      !isByHeadings && separator !== undefined && max_tokens === undefined,
      ["chunking"],
      "kinds/chunking-without-size",
    ],
    [!isByHeadings && level !== undefined, ["chunking", "level"], "kinds/level-without-headings"],
    [
      isByHeadings && separator !== undefined && separator !== headingSeparator,
      ["chunking", "separator"],
      "kinds/separator-of-headings",
    ],
  ] as const;
  return rules.flatMap(([broken, path, key]) => (broken ? [{ path, ...explain(key) }] : []));
}

const chunkDefaults = { remove_extra_spaces: false, remove_urls_emails: false };

/** A document's own rules of cutting; undefined where Coze cuts by itself. */
export function describeChunking(chunks: DocumentItem["chunk_strategy"]) {
  if (!chunks || numeric(chunks.chunk_type) !== 1) return undefined;
  return known({
    by: chunks.separator === headingSeparator ? ("headings" as const) : ("separator" as const),
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
  const sent = spec.chunking && rulesOf(spec.chunking);
  const isTaken = sent && live ? isSameChunking(sent, live) : sent === live;
  if (isTaken) return undefined;
  if (!live) return new NotTaken("chunking", live, explain("kinds/automatic-chunking-of-dataset"));
  const { by: _, ...rules } = live;
  const values = Object.entries(rules).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const chunking = `{${values.join(", ")}}`;
  return new NotTaken("chunking", live, explain("kinds/chunking-of-dataset", { chunking }));
}

const isSameChunking = (sent: Values, live: Values): boolean =>
  Object.entries(sent).every(
    ([name, value]) => live[name] === undefined || isSameNormalised(value, live[name]),
  );
