import { diffArrays } from "diff";
import { isBlank, withoutBlanks } from "../core/invisible-characters.ts";

/** A piece of a line, in both texts or in one of them. */
export interface Piece {
  readonly type: "kept" | "added" | "removed";
  readonly text: string;
}

export type Row = readonly Piece[];

/** A line of two texts that are compared. */
export interface DiffRow {
  /** Its number in the new text, from 1; undefined of one that the old text alone has. */
  readonly number: number | undefined;
  readonly pieces: Row;
  readonly isChanged: boolean;
  /** Nothing but blanks and invisible characters changed. */
  readonly isBlankChange: boolean;
}

/** Equal lines that are kept around what changed. */
const mostAround = 3;

/**
 * The lines of two texts with what changed in them, word by word, and a few of the equal ones around. Undefined when the
 * texts have little in common: such a comparison doesn't read well.
 */
export function compareTexts(before: string, after: string): readonly DiffRow[] | undefined {
  const [old, now] = [splitLines(before), splitLines(after)];
  const first = old.findIndex((line, index) => line !== now[index]);
  const start = first < 0 ? Math.min(old.length, now.length) : first;
  let ends = 0;
  const most = Math.min(old.length, now.length) - start;
  while (ends < most && old.at(-1 - ends) === now.at(-1 - ends)) ends += 1;
  const middle = (lines: readonly string[]) => lines.slice(start, lines.length - ends);
  const changed = compareMiddle(middle(old), middle(now), start + 1);
  if (!changed) return undefined;
  const outside = before.length - middle(old).join("").length;
  const same = changed.reduce((sum, { pieces }) => sum + keptLength(pieces), outside);
  if (same * 4 < Math.max(before.length, after.length) && !differInBlanks(before, after)) return undefined;
  const keep = (lines: readonly string[], number: number) =>
    lines.map((text, index): DiffRow => keptRow(text, number + index));
  const above = now.slice(0, start).slice(-mostAround);
  const below = now.slice(now.length - ends).slice(0, mostAround);
  return [...keep(above, start - above.length + 1), ...changed, ...keep(below, now.length - ends + 1)];
}

const splitLines = (text: string): readonly string[] => text.split(/(?<=\n)/);

const keptRow = (text: string, number: number): DiffRow => ({
  number,
  pieces: [{ type: "kept", text }],
  isChanged: false,
  isBlankChange: false,
});

const keptLength = (row: Row): number =>
  row.reduce((sum, { type, text }) => sum + (type === "kept" ? text.length : 0), 0);

function compareMiddle(
  old: readonly string[],
  now: readonly string[],
  number: number,
): readonly DiffRow[] | undefined {
  const [before, after] = [old.join(""), now.join("")];
  if (differInBlanks(before, after)) return blankRows(before, after, number);
  return compareByWords(before, after, number) ?? compareByLines(old, now, number);
}

/** Undefined for texts that are too long or differ too much. */
function compareByWords(before: string, after: string, number: number): readonly DiffRow[] | undefined {
  if (Math.max(before.length, after.length) > longest) return undefined;
  const parts = compareWords(splitWords(before), splitWords(after));
  return parts && wordRows(parts.flatMap(piecesOf), number);
}

/** Compares lines first, and words only within the lines that changed. */
function compareByLines(
  old: readonly string[],
  now: readonly string[],
  number: number,
): readonly DiffRow[] | undefined {
  const parts = diffArrays([...old], [...now], { maxEditLength: mostWordEdits });
  if (!parts) return undefined;
  const rows: DiffRow[] = [];
  let next = number;
  for (const [index, { added, removed, value }] of parts.entries()) {
    const { value: others = [] } = removed && parts[index + 1]?.added ? (parts[index + 1] ?? {}) : {};
    const isDone = added && parts[index - 1]?.removed;
    if (isDone) continue;
    rows.push(...(removed ? compareChanged(value, others, next) : wholeRows(value, next, added)));
    next += removed ? others.length : value.length;
  }
  return rows;
}

/** Lines that others took the place of. */
function compareChanged(old: readonly string[], now: readonly string[], number: number): readonly DiffRow[] {
  const [before, after] = [old.join(""), now.join("")];
  const rows = now.length > 0 ? compareByWords(before, after, number) : undefined;
  const same = rows?.reduce((sum, { pieces }) => sum + keptLength(pieces), 0) ?? 0;
  if (rows && same * 4 >= Math.max(before.length, after.length)) return rows;
  return [...wholeRows(old, undefined, false), ...wholeRows(now, number, true)];
}

/** Lines as they are. Those without a number are gone. */
const wholeRows = (
  lines: readonly string[],
  number: number | undefined,
  isNew: boolean,
): readonly DiffRow[] =>
  lines.map((text, index): DiffRow => {
    if (number !== undefined && !isNew) return keptRow(text, number + index);
    const pieces = [{ type: isNew ? "added" : "removed", text: text.replace(/\n$/, "") }] as const;
    const own = number === undefined ? undefined : number + index;
    return { number: own, pieces, isChanged: true, isBlankChange: false };
  });

function wordRows(pieces: readonly Stretch[], first: number): readonly DiffRow[] {
  let number = first;
  return splitRows(pieces).flatMap((row): readonly DiffRow[] => {
    const own = number;
    const last = row.at(-1);
    if (last?.counts && last.text === "\n") number += 1;
    const before = row.map(({ type, text, former = text }) => (type === "added" ? "" : former)).join("");
    const after = row.map(({ type, text }) => (type === "removed" ? "" : text)).join("");
    if (differInBlanks(before, after)) return blankRows(before, after, own);
    if (row.every(({ type }) => type === "kept")) return after === "" ? [] : [keptRow(after, own)];
    const isGone = row.every(({ type, text, counts }) => type === "removed" || (text === "\n" && !counts));
    // A changed line break is shown; a kept one only ends the line.
    const shown = row.filter(({ type, text }) => type !== "kept" || text !== "\n");
    return [
      { number: isGone ? undefined : own, pieces: joinPieces(shown), isChanged: true, isBlankChange: false },
    ];
  });
}

function blankRows(before: string, after: string, first: number): readonly DiffRow[] {
  let number = first;
  return splitRows(compareBlanks(before, after))
    .filter((row) => row.some(({ text }) => text !== ""))
    .map((row): DiffRow => {
      const isGone = row.every(({ type }) => type === "removed") && row.at(-1)?.text.endsWith("\n");
      const own = isGone ? undefined : number;
      const isChanged = row.some(({ type }) => type !== "kept");
      if (row.at(-1)?.type !== "removed" && row.at(-1)?.text.endsWith("\n")) number += 1;
      return { number: own, pieces: row, isChanged, isBlankChange: isChanged };
    });
}

/** Whether two texts differ, and only in white space and invisible characters. */
export const differInBlanks = (before: string, after: string): boolean =>
  before !== after && withoutBlanks(before) === withoutBlanks(after);

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** Texts that differ in more words count as rewritten: their diff would take too long. */
const mostWordEdits = 1000;

/** Coze accepts no longer text, and its diff would take too long. */
const longest = 50_000;

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
    for (const segment of segmentLine(line)) {
      const last = words.at(-1);
      if (isBlanks(segment) && last !== undefined && trimBlanks(last) !== "")
        words[words.length - 1] = last + segment;
      else words.push(segment);
    }
  }
  return words;
}

const insertion = /(\$?\$\{[^{}\n]*\}|\{\{[^{}\n]*\}\})/u;

/** The words of a line. What a text has put in, `${…}` or `{{…}}`, is one word: parts of it say nothing. */
const segmentLine = (line: string): readonly string[] =>
  line
    .split(insertion)
    .flatMap((part, index) =>
      index % 2 === 1 ? [part] : [...segmenter.segment(part)].map(({ segment }) => segment),
    );

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
