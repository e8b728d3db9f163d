import { countCharacters } from "../core/characters.ts";
import { say } from "../messages/text.ts";
import { printable } from "./escape-control.ts";
import {
  type Line,
  type Span,
  shorten,
  takeColumns,
  takeLastColumns,
  widthOf,
  wrapLine,
} from "./styled-text.ts";
import { compareTexts, type DiffRow, type Piece, type Row } from "./word-diff.ts";

/** How a diff of texts is drawn. */
export interface DiffDrawing {
  readonly color: boolean;
  readonly width: number;
  /** The most lines; the rest is counted. With no limit, what is long is shown in full. */
  readonly most: number;
}

/** Equal lines shown around each change, as many as there is room for. */
const around = [2, 1, 0];

/** The most lines for one line of a text. */
const mostOfRow = 8;

/**
 * The word diff of two texts: lines with changes, numbered as in the new text, and a few equal ones around them. Spaces
 * that changed alone are `·`, tabs `→`, line breaks `↵`. Undefined when the texts have little in common.
 */
export function diffTexts(before: string, after: string, drawing: DiffDrawing): readonly Line[] | undefined {
  const rows = compareTexts(before, after);
  if (!rows) return undefined;
  const numbered = before.includes("\n") || after.includes("\n");
  const changed = rows.flatMap(({ isChanged }, index) => (isChanged ? [index] : []));
  let lines: readonly Line[] = [];
  for (const count of numbered ? around : [0]) {
    lines = drawHunks(rows, chooseRows(changed, count, rows.length), { ...drawing, numbered });
    if (lines.length <= drawing.most) break;
  }
  return limitLines(lines, drawing.most);
}

/** The changed rows with some around each; a single one that is left between is shown as well. */
function chooseRows(changed: readonly number[], count: number, length: number): readonly number[] {
  const chosen = new Set<number>();
  for (const index of changed) {
    const from = Math.max(0, index - count);
    const to = Math.min(length - 1, index + count);
    for (let near = from; near <= to; near += 1) chosen.add(near);
    if (count > 0 && chosen.has(from - 2)) chosen.add(from - 1);
  }
  return [...chosen].sort((a, b) => a - b);
}

function drawHunks(
  rows: readonly DiffRow[],
  chosen: readonly number[],
  { numbered, ...drawing }: DiffDrawing & { readonly numbered: boolean },
): readonly Line[] {
  const highest = Math.max(...chosen.map((index) => rows[index]?.number ?? 0));
  const digits = String(highest).length;
  const margin = numbered ? digits + 2 : 0;
  const lines: Line[] = [];
  let last: { readonly index: number; readonly number: number | undefined } | undefined;
  for (const index of chosen) {
    const row = rows[index];
    if (!row) continue;
    if (last && index > last.index + 1) lines.push([{ text: "…", tone: "dim" }]);
    // A line that lost its end goes on in the next row.
    const isSame = row.number !== undefined && row.number === last?.number;
    const label = row.number === undefined ? "-" : isSame ? "" : String(row.number);
    for (const [count, line] of drawRow(row, { ...drawing, width: drawing.width - margin }).entries()) {
      const text = `${(count === 0 ? label : "").padStart(digits)}  `;
      lines.push(numbered ? [{ text, tone: "dim" }, ...line] : line);
    }
    last = { index, number: row.number };
  }
  return lines;
}

function drawRow({ pieces, isChanged, isBlankChange }: DiffRow, drawing: DiffDrawing): readonly Line[] {
  const { width, most } = drawing;
  if (!isChanged) {
    const text = printable(
      pieces
        .map((piece) => piece.text)
        .join("")
        .replace(/\n$/, ""),
    );
    return [[{ text: shorten(text, width), tone: "dim" }]];
  }
  const shown = isBlankChange
    ? pieces.map(({ type, text }): Piece => ({ type, text: showBlanks(text) }))
    : hangBlanks(pieces.map(({ type, text }) => ({ type, text: showChange(type, text) })));
  const lines = wrapLine(drawPieces(fitRow(shown, drawing), drawing.color), width);
  return most === Infinity ? lines : limitLines(lines, mostOfRow);
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

/** Columns of unchanged text shown around a change, as many as there is room for. */
const [leastContext, mostContext] = [12, 24];

/** Columns shown at each end of a long change. */
const endOfChange = 80;

/** A row of printable pieces. In a row wider than `width`, text far from the changes is left out, and of long changes the middle. */
function fitRow(row: Row, { color, width, most }: DiffDrawing): Row {
  if (widthOf(drawPieces(row, color)) <= width) return row;
  const short = row.map((piece): Piece => {
    const { type, text } = piece;
    return type === "kept" || most === Infinity ? piece : { type, text: shortenChange(text) };
  });
  const ends = row.reduce((sum, { type }, index) => {
    return type !== "kept" ? sum : sum + (index === 0 || index === row.length - 1 ? 1 : 2);
  }, 0);
  const left =
    width -
    widthOf(
      drawPieces(
        short.filter(({ type }) => type !== "kept"),
        color,
      ),
    );
  const columns = Math.min(mostContext, Math.max(leastContext, Math.floor(left / Math.max(1, ends)) - 1));
  return short.map(({ type, text }, index): Piece => {
    if (type !== "kept") return { type, text };
    return { type, text: elide(text, columns, index === 0, index === row.length - 1) };
  });
}

function shortenChange(text: string): string {
  const [head, tail] = [takeColumns(text, endOfChange), takeLastColumns(text, endOfChange)];
  const left = text.length - head.length - tail.length;
  if (left <= endOfChange / 2) return text;
  const characters = say("report/characters", {
    count: countCharacters(text.slice(head.length, -tail.length)),
  });
  return `${head}… (${characters}) …${tail}`;
}

const drawPieces = (row: Row, color: boolean): Line =>
  row.flatMap(({ type, text }): readonly Span[] => {
    if (type === "kept") return [{ text }];
    if (color) return [{ text, tone: type }];
    const [open, close] = type === "added" ? ["{+", "+}"] : ["[-", "-]"];
    return [{ text: open, glue: "next" }, { text }, { text: close, glue: "previous" }];
  });

/** An unchanged piece without its middle, or at the ends of a line without the part far from the change. */
function elide(text: string, columns: number, first: boolean, last: boolean): string {
  const head = first ? "" : takeColumns(text, columns);
  const tail = last ? "" : takeLastColumns(text, columns);
  if (widthOf(text) <= widthOf(head) + widthOf(tail) + 2) return text;
  return `${head.replace(/(?<=[ ·])[\w-]+$/, "")}…${tail.replace(/^[\w-]+(?=[ ·])/, "")}`;
}

/** The first lines of a diff and the count of the rest. */
function limitLines(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  const text = say("report/diff-more-lines", { count: lines.length - most });
  return [...lines.slice(0, most), [{ text, tone: "dim" }]];
}

/** A text with visible white space. */
const showBlanks = (text: string): string =>
  printable(text.replaceAll("\t", "→")).replaceAll(" ", "·").replaceAll("\n", "↵");
