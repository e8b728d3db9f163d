import { diffArrays } from "diff";
import { isBlank, withoutBlanks } from "../core/invisible-characters.ts";
import { say } from "../messages/text.ts";
import { printable } from "./escape-control.ts";
import { type Line, type Span, takeColumns, takeLastColumns, widthOf, wrapLine } from "./styled-text.ts";

/** How a diff of texts is drawn. */
export interface DiffDrawing {
  readonly color: boolean;
  readonly width: number;
  /** The most lines; the rest is counted. */
  readonly most: number;
}

/** A piece of a line, in both texts or in one of them. */
interface Piece {
  readonly type: "kept" | "added" | "removed";
  readonly text: string;
}

type Row = readonly Piece[];

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** Texts that differ in more words count as rewritten: their diff would take too long. */
const mostWordEdits = 1000;

/** Coze accepts no longer text, and its diff would take too long. */
const longest = 50_000;

/**
 * The word diff of two texts, line by line, without unchanged lines. Undefined when the texts have little in common:
 * such a diff doesn't read well.
 */
export function diffTexts(before: string, after: string, drawing: DiffDrawing): readonly Line[] | undefined {
  const numbered = before.includes("\n") || after.includes("\n");
  if (differInBlanks(before, after)) {
    const place = numbered ? { line: 1 } : {};
    return limitLines(drawBlankChanges(before, after, { ...drawing, ...place }), drawing.most);
  }
  if (Math.max(before.length, after.length) > longest) return undefined;
  const parts = compareWords(splitWords(before), splitWords(after));
  if (!parts) return undefined;
  const kept = parts.filter(({ type }) => type === "kept");
  const same = kept.reduce((sum, { words }) => sum + words.join("").length, 0);
  if (same * 4 < Math.max(before.length, after.length)) return undefined;
  return limitLines(drawLines(parts.flatMap(piecesOf), numbered, drawing), drawing.most);
}

interface Part {
  readonly type: Piece["type"];
  readonly words: readonly string[];
  /** The kept words in the old text, where other blanks may follow them. */
  readonly former: readonly string[];
}

/** Undefined for texts that differ too much. */
function compareWords(old: readonly string[], now: readonly string[]): readonly Part[] | undefined {
  let [from, to] = [0, 0];
  return diffArrays(old.map(withoutEnd), now.map(withoutEnd), { maxEditLength: mostWordEdits })?.map(
    ({ added, removed, count }) => {
      const former = added ? [] : old.slice(from, from + count);
      const words = removed ? former : now.slice(to, to + count);
      from += added ? 0 : count;
      to += removed ? 0 : count;
      return { type: added ? "added" : removed ? "removed" : "kept", words, former };
    },
  );
}

/**
 * Splits a text into words with the blanks after them, and line breaks. It does so line by line, since each segment of
 * an `Intl.Segmenter` references the whole text that was segmented.
 */
function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const line of text.split(/(\n)/)) {
    for (const { segment } of segmenter.segment(line)) {
      const last = words.at(-1);
      if (isBlanks(segment) && last !== undefined && trimBlanks(last) !== "")
        words[words.length - 1] = last + segment;
      else words.push(segment);
    }
  }
  return words;
}

// Not trim(): it removes unusual spaces, whose changes should be shown.
const isBlanks = (text: string): boolean => /^[ \t\r]+$/.test(text);

const trimBlanks = (text: string): string => text.replace(/[ \t\r\n]+$/, "");

/** A word as it is compared, without the blanks after it. */
const withoutEnd = (word: string): string => trimBlanks(word) || word;

/** A piece of one line, or a line break. */
interface Stretch extends Piece {
  /** For kept words: their text in the old version. */
  readonly former?: string;
  /** For a line break: the new text has it. */
  readonly counts?: boolean;
}

const piecesOf = ({ type, words, former }: Part): readonly Stretch[] =>
  type === "kept"
    ? words.map((text, index) => ({ type, text, former: former[index] ?? text, counts: true }))
    : splitPart(words.join(""), type);

/**
 * The pieces of a part. A line break that is added or removed together with words needs no sign of its own.
 */
function splitPart(value: string, type: "added" | "removed"): readonly Stretch[] {
  const ends = withoutBlanks(value) === "" ? type : "kept";
  return value
    .split(/(\n)/)
    .filter((text) => text !== "")
    .map((text) => (text === "\n" ? { type: ends, text, counts: type === "added" } : { type, text }));
}

function drawLines(
  pieces: readonly Stretch[],
  numbered: boolean,
  drawing: Pick<DiffDrawing, "color" | "width">,
): readonly Line[] {
  const lines: Line[] = [];
  let skipped = false;
  let number = 1;
  for (const row of splitRows(pieces)) {
    const drawn = drawStretches(row, numbered ? { ...drawing, line: number } : drawing);
    if (drawn.length > 0 && skipped && lines.length > 0) lines.push([{ text: "…", tone: "dim" }]);
    skipped = drawn.length === 0;
    lines.push(...drawn);
    if (row.at(-1)?.counts && row.at(-1)?.text === "\n") number += 1;
  }
  return lines;
}

/** No lines for a row without changes. */
function drawStretches(row: readonly Stretch[], drawing: BlankDrawing): readonly Line[] {
  const before = row.map(({ type, text, former = text }) => (type === "added" ? "" : former)).join("");
  const after = row.map(({ type, text }) => (type === "removed" ? "" : text)).join("");
  if (differInBlanks(before, after)) return drawBlankChanges(before, after, drawing);
  if (row.every(({ type }) => type === "kept")) return [];
  // A changed line break is shown; a kept one only ends the line.
  const shown = row
    .filter(({ type, text }) => type !== "kept" || text !== "\n")
    .map(({ type, text }) => ({ type, text: showChange(type, text) }));
  return wrapLine(drawRow(hangBlanks(joinPieces(shown)), drawing), drawing.width);
}

/** A change of blanks alone would show nothing but color. */
const showChange = (type: Piece["type"], text: string): string =>
  type !== "kept" && /^[ \n]+$/.test(text) ? showBlanks(text) : printable(text);

/** Moves a blank that ends all words of a change to the unchanged words after it. */
function hangBlanks(row: Row): Row {
  const pieces = [...row];
  pieces.forEach((piece, index) => {
    const from = pieces.findLastIndex(({ type }, at) => at < index && type === "kept") + 1;
    const change = pieces.slice(from, index);
    const movable = change.every(({ text }) => / $/.test(text) && text.trim() !== "");
    if (piece.type !== "kept" || change.length === 0 || !movable) return;
    change.forEach((one, at) => {
      pieces[from + at] = { ...one, text: one.text.replace(/ $/, "") };
    });
    pieces[index] = { ...piece, text: ` ${piece.text}` };
  });
  return pieces;
}

/** Columns of unchanged text shown around a change. */
const context = 24;

/** A row of printable pieces. In a row wider than `width`, text far from the changes is left out. */
function drawRow(row: Row, { color, width }: Pick<DiffDrawing, "color" | "width">): Line {
  const whole = drawPieces(row, color);
  if (widthOf(whole) <= width) return whole;
  const elided = row.map(
    (piece, index): Piece =>
      piece.type === "kept"
        ? { ...piece, text: elide(piece.text, index === 0, index === row.length - 1) }
        : piece,
  );
  return drawPieces(elided, color);
}

const drawPieces = (row: Row, color: boolean): Line =>
  row.flatMap(({ type, text }): readonly Span[] => {
    if (type === "kept") return [{ text }];
    if (color) return [{ text, tone: type }];
    const [open, close] = type === "added" ? ["{+", "+}"] : ["[-", "-]"];
    return [{ text: open, glue: "next" }, { text }, { text: close, glue: "previous" }];
  });

/** An unchanged piece without its middle, or at the ends of a line without the part far from the change. */
function elide(text: string, first: boolean, last: boolean): string {
  const head = first ? "" : takeColumns(text, context);
  const tail = last ? "" : takeLastColumns(text, context);
  if (widthOf(text) <= widthOf(head) + widthOf(tail) + 2) return text;
  return `${head.replace(/(?<=[ ·])[\w-]+$/, "")}…${tail.replace(/^[\w-]+(?=[ ·])/, "")}`;
}

/** Joins neighboring pieces of one type. */
function joinPieces(row: Row): Row {
  const joined: Piece[] = [];
  for (const { type, text } of row) {
    const last = joined.at(-1);
    if (last?.type === type) joined[joined.length - 1] = { type, text: last.text + text };
    else joined.push({ type, text });
  }
  return joined;
}

/** The first lines of a diff and the count of the rest. */
function limitLines(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  const text = say("report/diff-more-lines", { count: lines.length - most });
  return [...lines.slice(0, most), [{ text, tone: "dim" }]];
}

/** Whether two texts differ, and only in white space and invisible characters. */
export const differInBlanks = (before: string, after: string): boolean =>
  before !== after && withoutBlanks(before) === withoutBlanks(after);

/** How a change of blanks is drawn; with `line`, lines are numbered from there. */
type BlankDrawing = Pick<DiffDrawing, "color" | "width"> & { readonly line?: number };

/**
 * The lines in which two texts of {@link differInBlanks} differ: spaces as `·`, tabs as `→`, line breaks as `↵`, and
 * other invisible characters as escapes.
 */
function drawBlankChanges(before: string, after: string, drawing: BlankDrawing): readonly Line[] {
  const lines: Line[] = [];
  let number = drawing.line ?? 1;
  for (const row of splitRows(compareBlanks(before, after))) {
    if (row.some(({ type }) => type !== "kept")) lines.push(...drawBlankLine(row, number, drawing));
    if (row.at(-1)?.type !== "removed" && row.at(-1)?.text.endsWith("\n")) number += 1;
  }
  return lines;
}

function drawBlankLine(row: Row, number: number, { color, width, line }: BlankDrawing): readonly Line[] {
  const label = line === undefined ? "" : `${say("report/diff-line", { number })} `;
  const shown = row.map(({ type, text }): Piece => ({ type, text: showBlanks(text) }));
  const drawn = drawRow(shown, { color, width: width - widthOf(label) });
  return wrapLine(label === "" ? drawn : [{ text: label, tone: "dim" }, ...drawn], width);
}

/** A text with visible white space. */
const showBlanks = (text: string): string =>
  printable(text.replaceAll("\t", "→")).replaceAll(" ", "·").replaceAll("\n", "↵");

/** Compares the blanks of two texts whose visible characters are the same. */
function compareBlanks(before: string, after: string): Row {
  const [old, now] = [[...before], [...after]];
  const pieces: Piece[] = [];
  let [from, to] = [0, 0];
  while (from < old.length || to < now.length) {
    const [oldEnd, nowEnd] = [endOfBlanks(old, from), endOfBlanks(now, to)];
    pieces.push(...compareRuns(old.slice(from, oldEnd), now.slice(to, nowEnd)));
    pieces.push({ type: "kept", text: old[oldEnd] ?? "" });
    [from, to] = [oldEnd + 1, nowEnd + 1];
  }
  return joinPieces(pieces.filter(({ text }) => text !== ""));
}

function endOfBlanks(characters: readonly string[], from: number): number {
  let end = from;
  while (isBlank(characters[end] ?? "")) end += 1;
  return end;
}

/** Consecutive blanks that differ in more places are shown whole, old and new. */
const mostBlankEdits = 500;

function compareRuns(old: readonly string[], now: readonly string[]): Row {
  const text = now.join("");
  if (old.join("") === text) return [{ type: "kept", text }];
  const parts = diffArrays([...old], [...now], { maxEditLength: mostBlankEdits });
  if (!parts) {
    return [
      { type: "removed", text: old.join("") },
      { type: "added", text },
    ];
  }
  return parts.map(({ added, removed, value }) => ({
    type: added ? "added" : removed ? "removed" : "kept",
    text: value.join(""),
  }));
}

/** Splits pieces into rows after each line break, including removed ones. */
function splitRows<P extends Piece>(pieces: readonly P[]): readonly (readonly P[])[] {
  const rows: P[][] = [[]];
  for (const piece of pieces) {
    for (const text of piece.text.split(/(?<=\n)/)) {
      rows.at(-1)?.push({ ...piece, text });
      if (text.endsWith("\n")) rows.push([]);
    }
  }
  return rows;
}
