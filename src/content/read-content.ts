import { type ContentFault, findContentFault, readText } from "../core/content-faults.ts";
import {
  type CountedContent,
  countContent,
  countText,
  extensionOf,
  kindOfName,
} from "../core/text-content.ts";
import type { FileReading } from "../core/value.ts";
import { explain } from "../messages/text.ts";
import { findFrontMatter, titleOf } from "./front-matter.ts";
import { findHeadings } from "./headings.ts";
import { divideText, type OutlinedText, type TextPart } from "./text-parts.ts";

/**
 * What of a file is sent, or why it isn't what was meant to be sent. `isText`: it was read as text. `source`: what the
 * file itself says, if it was decoded, with its line ends as LF.
 */
export type ReadContent =
  | { readonly content: CountedContent; readonly isText: boolean; readonly source?: string }
  | { readonly fault: ContentFault };

/** Ready to read files of these names: turning HTML into text takes a library, which is loaded for the first one. */
export async function prepareReading(files: Iterable<string>): Promise<void> {
  if (convertHtml !== undefined) return;
  for (const file of files) {
    if (!isHtml(file)) continue;
    convertHtml = (await import("./html-text.ts")).convertHtml;
    return;
  }
}

let convertHtml: ((html: string) => string) | undefined;

/**
 * Reads what is to be sent of a file. Without `reading` it goes as it is. With one, a text of any encoding and ending
 * becomes UTF-8 with its line ends as LF, front matter is left out of Markdown, HTML becomes readable text, and a part is
 * taken out of it; a text of nothing but blanks is empty. {@link prepareReading} has to be called first.
 */
export function readContent(file: string, bytes: Uint8Array, reading: FileReading | undefined): ReadContent {
  if (!reading) {
    const fault = findContentFault(file, bytes);
    const isText = kindOfName(file) === "text";
    return fault ? { fault } : { content: countContent(file, bytes), isText };
  }
  const read = readOutlined(file, bytes, reading);
  if ("fault" in read) return read;
  if ("binary" in read) return { content: countContent(file, bytes), isText: false };
  if (read.outlined.lines.every((line) => line.trim() === "")) return { content: nothing, isText: true };
  const { source } = read;
  if (reading.part === undefined) {
    const content = read.isUnchanged ? countText(bytes) : countText(Buffer.from(joinLines(read.outlined)));
    return { content: read.isUnchanged ? content : withoutFormer(content), isText: true, source };
  }
  const parts = partsOf(file, read.outlined, reading.limit ?? Number.POSITIVE_INFINITY);
  if ("fault" in parts) return parts;
  const part = parts.find(({ key }) => key === reading.part);
  if (!part) return { fault: describeMissingPart(file, reading.part, parts) };
  return { content: withoutFormer(countText(Buffer.from(part.text))), isText: true, source };
}

/** What a file says, with its line ends as LF, and the parts of it that are sent. */
export interface ReadParts {
  readonly source: string;
  readonly parts: readonly TextPart[];
}

/**
 * The parts of a file that is read in parts; undefined where it is small enough, or isn't text.
 * {@link prepareReading} has to be called first.
 */
export function readParts(
  file: string,
  bytes: Uint8Array,
  reading: FileReading,
): ReadParts | { readonly fault: ContentFault } | undefined {
  const read = readOutlined(file, bytes, reading);
  if ("fault" in read) return read;
  const limit = reading.limit ?? Number.POSITIVE_INFINITY;
  if ("binary" in read || Buffer.byteLength(joinLines(read.outlined)) <= limit) return undefined;
  const parts = partsOf(file, read.outlined, limit);
  return "fault" in parts ? parts : { source: read.source, parts };
}

/** The title in a Markdown file's front matter; undefined where there is none, or the text can't be read. */
export function readTitle(file: string, bytes: Uint8Array, reading: FileReading): string | undefined {
  const read = decode(file, bytes, reading);
  if ("fault" in read || "binary" in read) return undefined;
  const found = findFrontMatter(read.text.replaceAll("\r\n", "\n").split("\n"));
  return found && titleOf(found);
}

const nothing: CountedContent = countText(Buffer.alloc(0));

const withoutFormer = ({ bytes, sha256 }: CountedContent): CountedContent => ({ bytes, sha256 });

const joinLines = ({ lines }: OutlinedText): string => lines.join("\n");

interface Outlined {
  readonly source: string;
  readonly outlined: OutlinedText;
  /** Nothing but line ends and a byte order mark tells the text from the file. */
  readonly isUnchanged: boolean;
}

function readOutlined(
  file: string,
  bytes: Uint8Array,
  reading: FileReading,
): Outlined | { readonly fault: ContentFault } | { readonly binary: true } {
  const read = decode(file, bytes, reading);
  if ("fault" in read || "binary" in read) return read;
  const plain = read.text.includes("\r\n") ? read.text.replaceAll("\r\n", "\n") : read.text;
  const isUtf8 = read.from === "utf-8";
  const isPlain =
    !isHtml(file) && !mayHaveFrontMatter.test(plain) && !reading.cut && reading.limit === undefined;
  if (isPlain || !(isMarkdown(file) || isHtml(file)))
    return { source: plain, outlined: { lines: [plain], headings: [] }, isUnchanged: isUtf8 };
  const all = (isHtml(file) ? toText(plain) : plain).split("\n");
  const front = isMarkdown(file) ? findFrontMatter(all) : undefined;
  const lines = front && !reading.frontMatter ? dropBlank(all.slice(front.end)) : all;
  const start = lines === all ? (front?.end ?? 0) : 0;
  const outlined = outline(lines, start, reading);
  const isUnchanged = isUtf8 && !isHtml(file) && outlined.lines === all;
  return { source: plain, outlined, isUnchanged };
}

function decode(file: string, bytes: Uint8Array, { encoding }: FileReading) {
  const kind = kindOfName(file);
  if (kind === "binary") {
    const fault = findContentFault(file, bytes);
    return fault ? { fault } : { binary: true as const };
  }
  const read = readText(file, bytes, { encoding, offered: true });
  const isForeign = kind === "unknown" && "fault" in read && read.fault.reason === "binary";
  return isForeign ? { binary: true as const } : read;
}

function toText(html: string): string {
  if (!convertHtml) throw new Error("prepareReading wasn't called");
  return convertHtml(html);
}

const dropBlank = (lines: readonly string[]): readonly string[] => {
  const first = lines.findIndex((line) => line.trim() !== "");
  return lines.slice(Math.max(first, 0));
};

/** Finds headings as far as they are asked for, with a separator before each down to a level. */
function outline(lines: readonly string[], start: number, { cut, limit }: FileReading): OutlinedText {
  if (!cut && limit === undefined) return { lines, headings: [] };
  const headings = findHeadings(lines, start);
  if (!cut) return { lines, headings };
  const marked = new Set(headings.filter(({ level }) => level <= cut.level).map(({ line }) => line));
  if (marked.size === 0) return { lines, headings, separator: cut.separator };
  let added = 0;
  const moved = headings.map((heading) => {
    if (marked.has(heading.line)) added += 1;
    return { ...heading, line: heading.line + added };
  });
  const separated = lines.flatMap((line, index) => (marked.has(index) ? [cut.separator, line] : [line]));
  return { lines: separated, headings: moved, separator: cut.separator };
}

function partsOf(
  file: string,
  outlined: OutlinedText,
  limit: number,
): readonly TextPart[] | { readonly fault: ContentFault } {
  const divided = divideText(outlined, limit);
  if (!("tooLarge" in divided)) return divided;
  const { title } = divided.tooLarge;
  const values = { file, title, limit: Math.floor(limit / 2 ** 20) };
  const key = title === "" ? "content/no-heading" : "content/section-large";
  return { fault: { reason: "parts", ...explain(key, values) } };
}

function describeMissingPart(file: string, part: string, parts: readonly TextPart[]): ContentFault {
  const known = parts
    .slice(0, 5)
    .map(({ key }) => JSON.stringify(key))
    .join(", ");
  return { reason: "parts", ...explain("content/no-part", { file, part: JSON.stringify(part), known }) };
}

const mayHaveFrontMatter = /^(?:---|\+\+\+)/u;

/** Whether a file is Markdown by its name. */
export const isMarkdown = (file: string): boolean => ["md", "markdown", "mdx"].includes(extensionOf(file));
const isHtml = (file: string): boolean => ["html", "htm", "xhtml"].includes(extensionOf(file));
