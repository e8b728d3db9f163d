import { diffArrays } from "diff";
import { isBlank, withoutBlanks } from "../core/invisible-characters.ts";
import { type DiffDrawing, drawRow, joinPieces, type Piece, type Row } from "./diff-rows.ts";
import { printable } from "./escape-control.ts";
import { type Line, widthOf } from "./styled-text.ts";
import { wrapLine } from "./wrap.ts";

/** Whether two texts are different, but only in white space and invisible characters. */
export const differInBlanks = (before: string, after: string): boolean =>
  before !== after && withoutBlanks(before) === withoutBlanks(after);

/** Where a change of blanks is; `line` of the new text that it begins with, if lines are to be numbered. */
export type BlankDrawing = Pick<DiffDrawing, "color" | "width"> & { readonly line?: number };

/**
 * Each line in which two texts of {@link differInBlanks} differ, with its number in the new text: spaces as `·`, tabs
 * as `→`, line ends as `↵`, all else that can't be seen as escapes.
 */
export function drawBlankChanges(before: string, after: string, drawing: BlankDrawing): readonly Line[] {
  const lines: Line[] = [];
  let number = drawing.line ?? 1;
  for (const row of rowsOf(compareBlanks(before, after))) {
    if (row.some(({ type }) => type !== "kept")) lines.push(...drawOne(row, number, drawing));
    if (row.at(-1)?.type !== "removed" && row.at(-1)?.text.endsWith("\n")) number += 1;
  }
  return lines;
}

function drawOne(row: Row, number: number, { color, width, line }: BlankDrawing): readonly Line[] {
  const label = line === undefined ? "" : `line ${number}: `;
  const shown = row.map(({ type, text }): Piece => ({ type, text: showBlanks(text) }));
  const drawn = drawRow(shown, { color, width: width - widthOf(label) });
  return wrapLine(label === "" ? drawn : [{ text: label, tone: "dim" }, ...drawn], width);
}

/** A text with its white space made visible. */
export const showBlanks = (text: string): string =>
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
const mostEdits = 500;

function compareRuns(old: readonly string[], now: readonly string[]): Row {
  const text = now.join("");
  if (old.join("") === text) return [{ type: "kept", text }];
  const parts = diffArrays([...old], [...now], { maxEditLength: mostEdits });
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
function rowsOf(pieces: Row): readonly Row[] {
  const rows: Piece[][] = [[]];
  for (const { type, text } of pieces) {
    for (const part of text.split(/(?<=\n)/)) {
      rows.at(-1)?.push({ type, text: part });
      if (part.endsWith("\n")) rows.push([]);
    }
  }
  return rows;
}
