import { createColors } from "picocolors";
import stringWidth from "string-width";

/** The meaning of a piece of text, which decides its color. */
export type Tone =
  | "create"
  | "update"
  | "replace"
  | "delete"
  | "adopt"
  | "error"
  | "warning"
  | "success"
  | "strong"
  | "dim"
  | "added"
  | "removed";

/** A piece of a line in one tone. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  /** No line break between the span and its neighbor on that side. */
  readonly glue?: "next" | "previous";
}

export type Line = readonly Span[];

/** How output is drawn; `width` in columns of a terminal. */
export interface Drawing {
  readonly color: boolean;
  readonly width: number;
}

export const plain = (text: string): Line => [{ text }];

/** Lines as one text, each ended by a line break. */
export function paintLines(lines: Iterable<Line>, color: boolean): string {
  const painted: string[] = [];
  for (const line of lines) painted.push(`${paintLine(line, color)}\n`);
  return painted.join("");
}

/** One line with its colors, without trailing blanks. */
export function paintLine(line: Line, color: boolean): string {
  const palette = paletteOf(color);
  const end = line.findLastIndex(({ text }) => text.trimEnd() !== "");
  const shown = line.slice(0, end + 1);
  return shown
    .map(({ text, tone }, index) => {
      const kept = index === end ? text.trimEnd() : text;
      return tone === undefined ? kept : palette[tone](kept);
    })
    .join("");
}

type Palette = Readonly<Record<Tone, (text: string) => string>>;

function paletteOf(color: boolean): Palette {
  const colors = createColors(color);
  return {
    create: colors.green,
    update: colors.yellow,
    replace: colors.magenta,
    delete: colors.red,
    adopt: colors.cyan,
    error: (text) => colors.bold(colors.red(text)),
    warning: (text) => colors.bold(colors.yellow(text)),
    success: colors.green,
    strong: colors.bold,
    dim: colors.dim,
    added: colors.green,
    removed: (text) => colors.strikethrough(colors.red(text)),
  };
}

/** The width of a line in columns: Chinese characters take two. */
export function widthOf(line: Line | string): number {
  const text = typeof line === "string" ? line : line.map(({ text }) => text).join("");
  return simple.test(text) ? text.length + (text.match(simpleWide)?.length ?? 0) : stringWidth(text);
}

/** A text of ASCII and common Chinese characters, whose width needs no look at clusters. */
const simple = /^[ -~、-〟一-鿿！-｠]*$/u;
const simpleWide = /[、-〟一-鿿！-｠]/gu;

/** A text padded with blanks to a width. */
export const padTo = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - widthOf(text)));

/** A line indented by columns. */
export const indent = (line: Line, columns: number): Line => [{ text: " ".repeat(columns) }, ...line];

/** The column where the details of a block begin. */
export const detailColumn = 6;

/** A line with its details below it, indented. */
export const drawBlock = (head: Line, details: readonly Line[], width: number): readonly Line[] => [
  ...wrapLine(head, width, detailColumn),
  ...details.map((line) => indent(line, detailColumn)),
];

const createSegmenter = (granularity: "word" | "grapheme") => new Intl.Segmenter("zh", { granularity });

// Made at their first use: loading their data takes longer than most commands draw.
let words: Intl.Segmenter | undefined;
let graphemes: Intl.Segmenter | undefined;

const wide =
  /[\p{Script_Extensions=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/u;
/** No line begins with one of these. */
const closing = /^[\])},.;:!?%，。、；：！？）】》」』”’…"']/u;
/** No line ends with one of these. */
const opening = /[[({（【《「『“‘]$/u;

/**
 * Breaks a line into lines of at most `width` columns, at blanks and between Chinese words. A longer word (an address,
 * a log id) stays whole: terminals break it, and it can be copied.
 */
export function wrapLine(line: Line, width: number, hanging = 0): readonly Line[] {
  if (widthOf(line) <= width) return [line];
  const lines: Line[] = [];
  const blanks: Span = { text: " ".repeat(hanging) };
  let current: Span[] = [];
  let used = 0;
  for (const chunk of chunksOf(line)) {
    const fits = used + widthOf(trimEnd(chunk)) <= width;
    if (!fits && current.some(({ text }) => text.trim() !== "")) {
      lines.push(current);
      current = hanging > 0 ? [blanks] : [];
      used = hanging;
    }
    current.push(...chunk);
    used += widthOf(chunk);
  }
  return [...lines, current].map(joinSpans);
}

/** Joins neighboring spans of one tone. */
function joinSpans(line: Line): Line {
  const joined: Span[] = [];
  for (const { text, tone } of line) {
    const last = joined.at(-1);
    if (last && last.tone === tone) joined[joined.length - 1] = { ...last, text: last.text + text };
    else joined.push(tone === undefined ? { text } : { text, tone });
  }
  return joined;
}

function trimEnd(chunk: Line): string {
  return chunk
    .map(({ text }) => text)
    .join("")
    .trimEnd();
}

/** Splits a line where it may be broken. */
function chunksOf(line: Line): readonly Line[] {
  const tokens = line.flatMap((span) => splitSpan(span));
  const chunks: Span[][] = [];
  tokens.forEach((token, index) => {
    const before = tokens[index - 1];
    const last = chunks.at(-1);
    if (last && before && (opensQuote(before, tokens[index - 2]) || !canBreak(before, token)))
      last.push(token);
    else chunks.push([token]);
  });
  return chunks;
}

function splitSpan(span: Span): readonly Span[] {
  if (span.glue) return [span];
  words ??= createSegmenter("word");
  return [...words.segment(span.text)].map(({ segment }) => ({ ...span, text: segment }));
}

/** Whether a straight quotation mark opens a quotation. */
const opensQuote = ({ text }: Span, before: Span | undefined): boolean =>
  /^["']$/.test(text) && (before === undefined || /[\s[({:]$/.test(before.text));

function canBreak(before: Span, after: Span): boolean {
  if (before.glue === "next" || after.glue === "previous") return false;
  if (/^\s/.test(after.text)) return false;
  if (/\s$/.test(before.text)) return true;
  if (closing.test(after.text) || opening.test(before.text)) return false;
  return wide.test(before.text) || wide.test(after.text);
}

/** A text shortened to a width, with an ellipsis. */
export function shorten(text: string, columns: number): string {
  const fitting = takeColumns(text, columns);
  return fitting === text ? text : `${takeColumns(fitting, columns - 1)}…`;
}

/** The beginning of a text that fits into a width. */
export function takeColumns(text: string, columns: number): string {
  // The character after it may belong to the last one.
  const start = text.slice(0, columns + 1);
  if (simple.test(start) && !start.includes("\\")) return takeSimple(start, columns);
  let taken = "";
  let used = 0;
  for (const unit of unitsOf(text)) {
    used += widthOf(unit);
    if (used > columns) break;
    taken += unit;
  }
  return taken;
}

function takeSimple(text: string, columns: number): string {
  let used = 0;
  for (let index = 0; index < text.length; index += 1) {
    used += text.charCodeAt(index) < 0x7f ? 1 : 2;
    if (used > columns) return text.slice(0, index);
  }
  return text;
}

/** The end of a text that fits into a width. */
export function takeLastColumns(text: string, columns: number): string {
  let used = 0;
  let from = text.length;
  for (const unit of [...unitsOf(text)].reverse()) {
    used += widthOf(unit);
    if (used > columns) break;
    from -= unit.length;
  }
  return text.slice(from);
}

/** The units that aren't cut: grapheme clusters and escape sequences. */
function* unitsOf(text: string): Iterable<string> {
  graphemes ??= createSegmenter("grapheme");
  for (const [index, part] of text.split(/(\\u(?:[\da-f]{4}|\{[\da-f]+\}))/u).entries()) {
    if (index % 2 === 1) yield part;
    else for (const { segment } of graphemes.segment(part)) yield segment;
  }
}
