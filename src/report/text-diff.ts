import { diffArrays } from "diff";
import { withoutBlanks } from "../core/invisible-characters.ts";
import { type BlankDrawing, differInBlanks, drawBlankChanges, showBlanks } from "./blank-changes.ts";
import { type DiffDrawing, drawRow, joinPieces, limitLines, type Piece, type Row } from "./diff-rows.ts";
import { printable } from "./escape-control.ts";
import type { Line } from "./styled-text.ts";
import { wrapLine } from "./wrap.ts";

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** Texts that differ in more than this many words are taken as rewritten; finding out how would take too long. */
const mostEdits = 1000;

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
  return diffArrays(old.map(withoutEnd), now.map(withoutEnd), { maxEditLength: mostEdits })?.map(
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
  for (const row of rowsOf(pieces)) {
    const drawn = drawOne(row, numbered ? { ...drawing, line: number } : drawing);
    if (drawn.length > 0 && skipped && lines.length > 0) lines.push([{ text: "…", tone: "dim" }]);
    skipped = drawn.length === 0;
    lines.push(...drawn);
    if (row.at(-1)?.counts && row.at(-1)?.text === "\n") number += 1;
  }
  return lines;
}

function rowsOf(pieces: readonly Stretch[]): readonly (readonly Stretch[])[] {
  const rows: Stretch[][] = [[]];
  for (const piece of pieces) {
    rows.at(-1)?.push(piece);
    if (piece.text === "\n") rows.push([]);
  }
  return rows;
}

/** None of a row without a change. */
function drawOne(row: readonly Stretch[], drawing: BlankDrawing): readonly Line[] {
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
