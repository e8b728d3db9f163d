import type { Line, Span } from "./styled-text.ts";
import { widthOf } from "./styled-text.ts";
import { takeColumns, takeLastColumns } from "./wrap.ts";

/** How a diff of texts is drawn. */
export interface DiffDrawing {
  readonly color: boolean;
  readonly width: number;
  /** At most so many lines; the rest is counted. */
  readonly most: number;
}

/** A stretch of a line of two texts. */
export interface Piece {
  readonly type: "kept" | "added" | "removed";
  readonly text: string;
}

export type Row = readonly Piece[];

/** Columns of unchanged text shown around a change. */
const context = 24;

/** A row whose pieces are printable; where it is wider than `width`, what is far from the changes is left out. */
export function drawRow(row: Row, { color, width }: Pick<DiffDrawing, "color" | "width">): Line {
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
export function joinPieces(row: Row): Row {
  const joined: Piece[] = [];
  for (const { type, text } of row) {
    const last = joined.at(-1);
    if (last?.type === type) joined[joined.length - 1] = { type, text: last.text + text };
    else joined.push({ type, text });
  }
  return joined;
}

/** The first lines of a diff, and how many more there are. */
export function limitLines(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), [{ text: `… ${lines.length - most} more lines`, tone: "dim" }]];
}
