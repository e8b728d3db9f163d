import { isAscii, isUtf8, transcode } from "node:buffer";
import { type Explained, explain, say } from "../messages/text.ts";
import { shellQuote } from "./command-line.ts";
import { isTextFile } from "./text-content.ts";

/** Why a file's content isn't what it was meant to be. */
export interface ContentFault extends Explained {
  readonly reason: "pointer" | "conflict" | "encoding" | "binary" | "parts";
}

/**
 * What is wrong with the content of a file that is sent to Coze: another tool's stand-in for it, and in a text also what
 * {@link findTextFault} finds.
 */
export const findContentFault = (file: string, bytes: Uint8Array): ContentFault | undefined =>
  isTextFile(file) ? findTextFault(file, bytes) : findPointerFault(file, bytes);

/**
 * What is wrong with a file that is read as text: it is another tool's stand-in, isn't UTF-8, or holds the marks of an
 * unfinished merge.
 */
export function findTextFault(file: string, bytes: Uint8Array): ContentFault | undefined {
  const read = readText(file, bytes);
  return "fault" in read ? read.fault : undefined;
}

/** What a file says, without a byte order mark, or what keeps it from being read as text. */
export type ReadText =
  | { readonly text: string; readonly from: "utf-8" | "encoding" }
  | { readonly fault: ContentFault };

/** How bytes are read that aren't UTF-8. */
export interface DecodingOptions {
  /** The label of the encoding that they have then. */
  readonly encoding?: string | undefined;
  /** An encoding could be given. */
  readonly offered?: boolean;
}

/** Reads a text; its fault is one that {@link findTextFault} finds. */
export function readText(file: string, bytes: Uint8Array, options: DecodingOptions = {}): ReadText {
  const read = readMergedText(file, bytes, options);
  if ("fault" in read) return read;
  const [first, last] = findConflict(read.text, /\.(?:md|markdown)$/iu.test(file));
  if (first === undefined || last === undefined) return read;
  const problem =
    first === last
      ? explain("core/left-merge-mark", { file, line: first })
      : explain("core/unfinished-merge", { file, first, last });
  return { fault: { reason: "conflict", ...problem } };
}

/** The same of a text that may hold the marks of an unfinished merge. */
export function readMergedText(
  file: string,
  bytes: Uint8Array,
  { encoding, offered = false }: DecodingOptions = {},
): ReadText {
  const pointer = findPointerFault(file, bytes);
  if (pointer) return { fault: pointer };
  const text = decodeUtf8(bytes);
  if (text !== undefined && !text.includes("\0")) return { text, from: "utf-8" };
  if (encoding === undefined) return { fault: describeEncoding(file, bytes, text !== undefined, offered) };
  if (!isEncoding(encoding))
    return { fault: { reason: "encoding", ...explain("core/no-encoding", { encoding }) } };
  const decoded = decodeAs(encoding, bytes);
  if (decoded !== undefined && !decoded.includes("\0")) return { text: decoded, from: "encoding" };
  return { fault: { reason: "encoding", ...explain("core/encoding-wrong", { file, encoding }) } };
}

/** Whether texts in an encoding of this label can be read. */
export function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== "replacement";
  } catch {
    return false;
  }
}

/** The label of an encoding that is known to iconv by a name; undefined of those that aren't read. */
function labelOf(name: string, bytes: Uint8Array): string | undefined {
  const label = name === "UTF-16" && bytes[0] === 0xfe ? "utf-16be" : name.toLowerCase();
  return isEncoding(label) && decodeAs(label, bytes) !== undefined ? label : undefined;
}

function decodeAs(label: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The fault of a file that is another tool's stand-in for the content. */
export function findPointerFault(file: string, bytes: Uint8Array): ContentFault | undefined {
  const tool = findPointer(bytes);
  return tool && { reason: "pointer", ...explain(`core/pointer-${tool}`, { file }) };
}

/** The fault of what isn't plain text in UTF-8. */
function describeEncoding(
  file: string,
  bytes: Uint8Array,
  isUtf8: boolean,
  isOffered: boolean,
): ContentFault {
  const encoding = guessEncoding(bytes);
  if (encoding !== undefined) {
    const label = isOffered ? labelOf(encoding, bytes) : undefined;
    const values = { file, encoding, path: shellQuote(file), label: label ?? "" };
    const { message, hint } = explain("core/encoding-guessed", values);
    return {
      reason: "encoding",
      message,
      hint: label === undefined ? hint : say("core/encoding-offered", values),
    };
  }
  const key = isUtf8 ? "core/not-text" : "core/encoding-unknown";
  return { reason: isOffered ? "binary" : "encoding", ...explain(key, { file }) };
}

/** Decodes strictly, without a byte order mark; undefined when the bytes aren't UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(content)) return content.toString("latin1");
  if (!isUtf8(content)) return undefined;
  // TextDecoder takes five times as long.
  const text = transcode(content, "utf8", "utf16le").toString("utf16le");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

const byteOrderMark = /^\u00ef\u00bb\u00bf/u;
// Of pointers that a merge left unfinished, too.
const lfsPointer =
  /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\/v1(?:\r?\n(?:[a-z][a-z0-9.-]* [^\r\n]+|[<=>|]{7}[^\r\n]*))*?\r?\noid sha256:[0-9a-f]{64}(?:\r?\n(?:[a-z][a-z0-9.-]* [^\r\n]+|[<=>|]{7}[^\r\n]*))*\s*$/u;
const annexPointer = /^\/annex\/objects\/[A-Z0-9]+-[^\n]*\r?\n?$/u;

/**
 * The tool whose stand-in a whole content is: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md and the like. A
 * text that shows one among its own lines is none.
 */
function findPointer(bytes: Uint8Array): "lfs" | "annex" | "crypt" | undefined {
  const start = Buffer.from(bytes.subarray(0, 1024)).toString("latin1").replace(byteOrderMark, "");
  if (start.startsWith("\0GITCRYPT\0")) return "crypt";
  if (bytes.length > 1024) return undefined;
  if (lfsPointer.test(start)) return "lfs";
  return annexPointer.test(start) ? "annex" : undefined;
}

const opening = /^<{7}(?: |$)/u;
const base = /^\|{7}(?: |$)/u;
const middle = /^={7}$/u;
const closing = /^>{7}(?: |$)/u;

/** The marks of a conflict in their order, as a text may hold them that isn't about merges. */
const marksInOrder = [opening, /^\|{7} [^|]+$/u, middle, /^>{7} \S/u];

/**
 * The lines, from 1, of the first and last mark of the first merge conflict, which may lack some of its marks: two of
 * them follow each other in order, or one is that of the base, which has no other meaning. A line of `=` alone is none,
 * and neither are quotes of quotes.
 */
function findConflict(text: string, isMarkdown: boolean): readonly [number, number] | readonly [] {
  if (!holdsMarks(text)) return [];
  const lines = text.split(/\r?\n/u);
  const isCode = isMarkdown ? findFences(lines) : () => false;
  let found:
    | { readonly from: number; readonly to: number; readonly first: number; readonly last: number }
    | undefined;
  const isConflict = () => found !== undefined && (found.from < found.to || found.first === 1);
  for (const [index, line] of lines.entries()) {
    const mark = marksInOrder.findIndex((one) => one.test(line));
    // A fence within a side of a conflict needn't end there.
    const isOpen = found !== undefined && found.first < 2;
    if (mark < 0 || (!isOpen && isCode(index))) continue;
    const number = index + 1;
    if (found && mark > found.last) found = { ...found, to: number, last: mark };
    else if (isConflict()) break;
    else found = { from: number, to: number, first: mark, last: mark };
    if (mark === 3 && isConflict()) break;
  }
  return found && isConflict() ? [found.from, found.to] : [];
}

/** Tells the lines, from 0, within fenced code of Markdown; a fence without an end encloses nothing. */
function findFences(lines: readonly string[]): (index: number) => boolean {
  const inside = new Set<number>();
  let fence: { readonly sign: string; readonly start: number } | undefined;
  for (const [index, line] of lines.entries()) {
    const [, sign = "", rest = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/u.exec(line) ?? [];
    if (!fence) {
      if (sign !== "" && !(sign.startsWith("`") && rest.includes("`"))) fence = { sign, start: index };
    } else if (sign.startsWith(fence.sign) && rest.trim() === "") {
      for (let one = fence.start + 1; one < index; one += 1) inside.add(one);
      fence = undefined;
    }
  }
  return (index) => inside.has(index);
}

/** The first mark of a merge conflict, in a text in which none can stand at the beginning of a line. */
export interface ConflictMark {
  /** From 1. */
  readonly line: number;
  readonly mark: string;
}

const anyMark = /^(?:<{7}|\|{7}|={7}|>{7})/mu;

/** Whether a line of a text may be a mark that {@link takeOurs} finds. */
export const holdsMarks = (text: string): boolean => anyMark.test(text);

/**
 * A text with the marks of unfinished merges taken out, and of the sides between them all but the first; every other
 * line stays in its place.
 */
export function takeOurs(text: string): { readonly text: string; readonly marks: readonly ConflictMark[] } {
  const marks: ConflictMark[] = [];
  let side: "ours" | "theirs" | undefined;
  const all = text.split("\n");
  const divisions = findLeftDivisions(all);
  const lines = all.map((line, index) => {
    const isMark =
      [opening, base, closing].some((one) => one.test(line)) ||
      (middle.test(line) && (side !== undefined || divisions.has(index)));
    if (!isMark) return side === "theirs" ? "" : line;
    if (side === undefined || opening.test(line)) marks.push({ line: index + 1, mark: line.slice(0, 7) });
    side = opening.test(line) ? "ours" : closing.test(line) ? undefined : "theirs";
    return "";
  });
  return { text: lines.join("\n"), marks };
}

/** The lines, from 0, of `=======` that a closing mark follows: in a merge without its first mark, only that tells it. */
function findLeftDivisions(lines: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  let isBeforeClosing = false;
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? "";
    if (closing.test(line)) isBeforeClosing = true;
    else if (opening.test(line) || base.test(line)) isBeforeClosing = false;
    else if (isBeforeClosing && middle.test(line)) found.add(index);
  }
  return found;
}

/** Bytes that are enough to tell an encoding. */
const sampleSize = 64 * 1024;

/** The likely encoding of a text that isn't plain UTF-8, under the name that iconv has for it. */
export function guessEncoding(bytes: Uint8Array): string | undefined {
  const sample = bytes.subarray(0, sampleSize);
  return (
    guessUnicode(sample) ?? (sample.includes(0) || isMostlyUtf8(sample) ? undefined : guessLegacy(sample))
  );
}

function guessUnicode(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? "UTF-32" : "UTF-16";
  if (first === 0xfe && second === 0xff) return "UTF-16";
  // Without a mark, every other byte of ASCII and of line ends is 0.
  const zeros = [0, 0];
  for (const [index, byte] of bytes.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const many = Math.max(even, odd);
  if (bytes.length % 2 === 1 || many * 20 < bytes.length || Math.min(even, odd) * 10 > many) return undefined;
  const encoding = odd > even ? "UTF-16LE" : "UTF-16BE";
  return decodes(encoding === "UTF-16LE" ? "utf-16le" : "utf-16be", bytes) ? encoding : undefined;
}

const isHigh = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x80;

/** Whether a few bytes are broken in what is UTF-8 otherwise. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString("latin1");
  const whole =
    text.match(/[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/gu) ?? [];
  const high = bytes.filter(isHigh).length;
  return whole.length > 2 && whole.join("").length > 0.8 * high;
}

function guessLegacy(bytes: Uint8Array): string | undefined {
  const high = [...bytes.keys()].filter((index) => isHigh(bytes[index]));
  const alone = high.filter((index) => !isHigh(bytes[index - 1]) && !isHigh(bytes[index + 1]));
  if (alone.length > high.length / 2) {
    return high.some((index) => (bytes[index] ?? 0) < 0xa0) ? "WINDOWS-1252" : "ISO-8859-1";
  }
  const share = (encoding: string, letters: RegExp): number => {
    const text = decodes(encoding, bytes)?.replaceAll(/[\0-\x7f]/gu, "") ?? "";
    return text === "" ? 0 : (text.match(letters) ?? []).length / [...text].length;
  };
  if (share("shift_jis", /[\u3041-\u30ff]/gu) > 0.25) return "SHIFT_JIS";
  // Korean letters and frequent Chinese ones have the same bytes, but no Chinese text has these alone.
  if (high.length >= 24 && share("euc-kr", /[\uac00-\ud7a3]/gu) > 0.95) return "EUC-KR";
  if (usesLowTrails(bytes) && share("big5", /[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]/gu) > 0.9)
    return "BIG5";
  return share("gb18030", /[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u2010-\u2027]/gu) > 0.7
    ? "GB18030"
    : undefined;
}

/** Whether the second bytes of pairs often are those that frequent letters of GB18030 never have. */
function usesLowTrails(bytes: Uint8Array): boolean {
  let [pairs, low] = [0, 0];
  for (let index = 0; index < bytes.length; index += 1) {
    if (!isHigh(bytes[index])) continue;
    index += 1;
    pairs += 1;
    if ((bytes[index] ?? 0xff) < 0xa1) low += 1;
  }
  return low > 0.1 * pairs;
}

/** The text in an encoding; undefined where the bytes aren't any. The end of a sample may be cut off. */
function decodes(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
