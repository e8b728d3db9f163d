import { diffArrays } from "diff";
import { type Line, type Span, widthOf } from "./line.ts";
import { printable } from "./printable.ts";
import { takeColumns, takeLastColumns, wrapLine } from "./wrap.ts";

/** How a diff of words is drawn. */
export interface WordDrawing {
  readonly color: boolean;
  readonly width: number;
  /** At most so many lines; the rest is counted. */
  readonly most: number;
}

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** Texts that differ in more than this many words are taken as rewritten; finding out how would take too long. */
const mostEdits = 1000;

/** Longer than Coze takes any text; comparing such would take too long. */
const longest = 50_000;

/** Columns of unchanged text shown around a change. */
const context = 24;

/**
 * What changed between two texts, word by word and line by line, unchanged stretches left out. Undefined when
 * little is the same: then such a diff doesn't read well.
 */
export function diffTexts(before: string, after: string, drawing: WordDrawing): readonly Line[] | undefined {
  if (Math.max(before.length, after.length) > longest) return undefined;
  const options = { comparator: sameWord, maxEditLength: mostEdits };
  const parts = diffArrays(splitWords(before), splitWords(after), options);
  if (!parts) return undefined;
  const kept = parts.filter(({ added, removed }) => !added && !removed);
  const same = kept.reduce((sum, { value }) => sum + value.join("").length, 0);
  if (same * 4 < Math.max(before.length, after.length)) return undefined;
  const changed = parts.filter((part) => !kept.includes(part)).flatMap(({ value }) => value);
  if (changed.every((word) => word.trim() === ""))
    return [[{ text: "(only white space differs)", tone: "dim" }]];
  const pieces = parts.flatMap(({ value, added, removed }) =>
    piecesOf(value.join(""), added ? "added" : removed ? "removed" : "kept"),
  );
  return limit(drawLines(pieces, drawing), drawing.most);
}

/**
 * Words with the blanks behind them, and line breaks. Line by line: each segment of an `Intl.Segmenter` carries a
 * copy of the whole text it was taken from.
 */
function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    for (const { segment } of segmenter.segment(line)) {
      const last = words.at(-1);
      const blank = segment.trim() === "" && !segment.includes("\n");
      if (blank && last !== undefined && last.trim() !== "") words[words.length - 1] = last + segment;
      else words.push(segment);
    }
  }
  return words;
}

const sameWord = (a: string, b: string): boolean =>
  a === b || (a.trim() !== "" && a.trimEnd() === b.trimEnd());

/** A stretch of one line. */
interface Piece {
  readonly type: "kept" | "added" | "removed";
  readonly text: string;
}

type Row = readonly Piece[];

/** The stretches of a part, and its line breaks. Breaks that come or go with words need no sign of their own. */
function piecesOf(value: string, type: Piece["type"]): readonly Piece[] {
  const ends = value.trim() === "" ? type : "kept";
  return value
    .split("\n")
    .flatMap((text, index): readonly Piece[] => [
      ...(index > 0 ? [{ type: ends, text: "\n" }] : []),
      ...(text.length > 0 ? [{ type, text: printable(text) }] : []),
    ]);
}

function drawLines(pieces: readonly Piece[], drawing: WordDrawing): readonly Line[] {
  const lines: Line[] = [];
  let skipped = false;
  for (const row of rowsOf(pieces)) {
    if (row.every(({ type }) => type === "kept")) {
      skipped = true;
      continue;
    }
    if (skipped && lines.length > 0) lines.push([{ text: "…", tone: "dim" }]);
    skipped = false;
    lines.push(...wrapLine(drawRow(row, drawing), drawing.width));
  }
  return lines;
}

function rowsOf(pieces: readonly Piece[]): readonly Row[] {
  const rows: Piece[][] = [[]];
  for (const piece of pieces) {
    const isBreak = piece.text === "\n";
    // A line break that came or went is shown, one that stayed only ends the line.
    if (!isBreak || piece.type !== "kept") rows.at(-1)?.push(isBreak ? { ...piece, text: "↵" } : piece);
    if (isBreak) rows.push([]);
  }
  return rows.map((row) => hangBlanks(joinPieces(row)));
}

function joinPieces(row: Row): Row {
  const joined: Piece[] = [];
  for (const piece of row) {
    const last = joined.at(-1);
    if (last?.type === piece.type) joined[joined.length - 1] = { ...last, text: last.text + piece.text };
    else joined.push(piece);
  }
  return joined;
}

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

function drawRow(row: Row, { color, width }: WordDrawing): Line {
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
  return `${head.replace(/(?<= )[\w-]+$/, "")}…${tail.replace(/^[\w-]+(?= )/, "")}`;
}

function limit(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), [{ text: `… ${lines.length - most} more lines`, tone: "dim" }]];
}
