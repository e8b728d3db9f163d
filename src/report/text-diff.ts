import { diffArrays } from "diff";
import { isBlank, withoutBlanks } from "../core/invisible-characters.ts";
import { printable } from "./escape-control.ts";
import { type Line, type Span, takeColumns, takeLastColumns, widthOf, wrapLine } from "./styled-text.ts";

/** How a diff of texts is drawn. */
export interface DiffDrawing {
  readonly color: boolean;
  readonly width: number;
  /** At most so many lines; the rest is counted. */
  readonly most: number;
}

/** A stretch of a line of two texts. */
interface Piece {
  readonly type: "kept" | "added" | "removed";
  readonly text: string;
}

type Row = readonly Piece[];

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** Texts that differ in more than this many words are taken as rewritten; finding out how would take too long. */
const mostWordEdits = 1000;

/** Longer than Coze takes any text; comparing such would take too long. */
const longest = 50_000;

/**
 * What changed between two texts, word by word and line by line, unchanged stretches left out. Undefined when
 * little is the same: then such a diff doesn't read well.
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
  /** What stood for words that were kept: the blanks behind them may be others. */
  readonly former: readonly string[];
}

/** Undefined for texts that differ in too much. */
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
 * Words with the blanks behind them, and line breaks. Line by line: each segment of an `Intl.Segmenter` carries a
 * copy of the whole text it was taken from.
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

// Not trim(): that takes odd spaces for blanks, whose changes are to be seen.
const isBlanks = (text: string): boolean => /^[ \t\r]+$/.test(text);

const trimBlanks = (text: string): string => text.replace(/[ \t\r\n]+$/, "");

/** A word as it is compared: the blanks behind it don't count. */
const withoutEnd = (word: string): string => trimBlanks(word) || word;

/** A stretch of one line, or a line break. */
interface Stretch extends Piece {
  /** Of a word that was kept: what stood for it in the old text. */
  readonly former?: string;
  /** Of a line break: the new text has it. */
  readonly counts?: boolean;
}

const piecesOf = ({ type, words, former }: Part): readonly Stretch[] =>
  type === "kept"
    ? words.map((text, index) => ({ type, text, former: former[index] ?? text, counts: true }))
    : splitPart(words.join(""), type);

/** The stretches of a part that came or went. Line breaks that come or go with words need no sign of their own. */
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
  for (const row of splitStretches(pieces)) {
    const drawn = drawStretches(row, numbered ? { ...drawing, line: number } : drawing);
    if (drawn.length > 0 && skipped && lines.length > 0) lines.push([{ text: "…", tone: "dim" }]);
    skipped = drawn.length === 0;
    lines.push(...drawn);
    if (row.at(-1)?.counts && row.at(-1)?.text === "\n") number += 1;
  }
  return lines;
}

function splitStretches(pieces: readonly Stretch[]): readonly (readonly Stretch[])[] {
  const rows: Stretch[][] = [[]];
  for (const piece of pieces) {
    rows.at(-1)?.push(piece);
    if (piece.text === "\n") rows.push([]);
  }
  return rows;
}

/** None of a row without a change. */
function drawStretches(row: readonly Stretch[], drawing: BlankDrawing): readonly Line[] {
  const before = row.map(({ type, text, former = text }) => (type === "added" ? "" : former)).join("");
  const after = row.map(({ type, text }) => (type === "removed" ? "" : text)).join("");
  if (differInBlanks(before, after)) return drawBlankChanges(before, after, drawing);
  if (row.every(({ type }) => type === "kept")) return [];
  // A line break that came or went is shown, one that stayed only ends the line.
  const shown = row
    .filter(({ type, text }) => type !== "kept" || text !== "\n")
    .map(({ type, text }) => ({ type, text: showChange(type, text) }));
  return wrapLine(drawRow(hangBlanks(joinPieces(shown)), drawing), drawing.width);
}

/** Blanks alone that came or went would show nothing but their colour. */
const showChange = (type: Piece["type"], text: string): string =>
  type !== "kept" && /^[ \n]+$/.test(text) ? showBlanks(text) : printable(text);

/** Gives a blank that ends all words of a change to the unchanged words behind it. */
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

/** A row whose pieces are printable; where it is wider than `width`, what is far from the changes is left out. */
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

/** An unchanged stretch without its middle; at the ends of a line without what is far from the change. */
function elide(text: string, first: boolean, last: boolean): string {
  const head = first ? "" : takeColumns(text, context);
  const tail = last ? "" : takeLastColumns(text, context);
  if (widthOf(text) <= widthOf(head) + widthOf(tail) + 2) return text;
  return `${head.replace(/(?<=[ ·])[\w-]+$/, "")}…${tail.replace(/^[\w-]+(?=[ ·])/, "")}`;
}

/** Neighbours of one type as one piece. */
function joinPieces(row: Row): Row {
  const joined: Piece[] = [];
  for (const { type, text } of row) {
    const last = joined.at(-1);
    if (last?.type === type) joined[joined.length - 1] = { type, text: last.text + text };
    else joined.push({ type, text });
  }
  return joined;
}

/** The first lines of a diff, and how many more there are. */
function limitLines(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), [{ text: `… ${lines.length - most} more lines`, tone: "dim" }]];
}

/** Whether two texts are different, but only in white space and invisible characters. */
export const differInBlanks = (before: string, after: string): boolean =>
  before !== after && withoutBlanks(before) === withoutBlanks(after);

/** Where a change of blanks is; `line` of the new text that it begins with, if lines are to be numbered. */
type BlankDrawing = Pick<DiffDrawing, "color" | "width"> & { readonly line?: number };

/**
 * Each line in which two texts of {@link differInBlanks} differ, with its number in the new text: spaces as `·`, tabs
 * as `→`, line ends as `↵`, all else that can't be seen as escapes.
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
  const label = line === undefined ? "" : `line ${number}: `;
  const shown = row.map(({ type, text }): Piece => ({ type, text: showBlanks(text) }));
  const drawn = drawRow(shown, { color, width: width - widthOf(label) });
  return wrapLine(label === "" ? drawn : [{ text: label, tone: "dim" }, ...drawn], width);
}

/** A text with its white space made visible. */
const showBlanks = (text: string): string =>
  printable(text.replaceAll("\t", "→")).replaceAll(" ", "·").replaceAll("\n", "↵");

/** Two texts side by side: what is seen is in both, so that only the blanks between are to be compared. */
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

/** Blanks in a row that differ in more than this many places are shown whole, old and new. */
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

/** Rows end with a line end, be it one that went. */
function splitRows(pieces: Row): readonly Row[] {
  const rows: Piece[][] = [[]];
  for (const { type, text } of pieces) {
    for (const part of text.split(/(?<=\n)/)) {
      rows.at(-1)?.push({ type, text: part });
      if (part.endsWith("\n")) rows.push([]);
    }
  }
  return rows;
}
