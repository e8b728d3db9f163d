import { asciiOf, findLookAlikes, type LookAlike } from "../../core/look-alikes.ts";
import { explain } from "../../messages/text.ts";
import { endOfLine, insertSpace, joinRepairs, type Repair, replaceSign, slipOfIndent } from "./repairs.ts";

/** What takes the place of a blank in an indent. */
export type Widths = (blank: string) => string;

/** As wide as it is drawn. */
export const spaceWidths: Widths = (blank) =>
  blank === "\u3000" || blank === "\t" ? "  " : (asciiOf(blank) ?? blank);
/** One space each. */
export const plainWidths: Widths = (blank) => (blank === " " || asciiOf(blank) !== "" ? " " : "");
/** Nothing. */
export const noWidths: Widths = (blank) => (blank === " " ? " " : "");

/** What may have been meant by the line of an error, or by the one below it. */
export function* guessRepairs(text: string, offset: number, above: number): Generator<Repair> {
  const begin = text.lastIndexOf("\n", offset - 1) + 1;
  const end = endOfLine(text, begin);
  const next = end + 1 < text.length ? end + 1 : undefined;
  for (const start of [begin, ...(next === undefined ? [] : [next])]) yield* guessIndent(text, start);
  yield* guessSigns(text, begin, end);
  yield* guessSpaces(text, begin, end);
  // A value that seems to begin a map has its key on the next line.
  const isWithin = text.slice(begin, offset).trim() !== "";
  for (const start of isWithin ? [next, begin] : [begin, next]) {
    if (start !== undefined) yield* guessColumn(text, start, above);
  }
}

/** Unusual spaces and tabs before the text of a line. */
function* guessIndent(text: string, begin: number): Generator<Repair> {
  const blanks = /^[^\S\n]*/u.exec(text.slice(begin, endOfLine(text, begin)))?.[0] ?? "";
  const odd = [...blanks].find((one) => one !== " ");
  if (odd === undefined) return;
  const slips = [slipOfIndent(begin + blanks.indexOf(odd), odd)];
  const near = columnsAround(text, begin).map(({ column }) => " ".repeat(column));
  const own = [spaceWidths, plainWidths, noWidths].map((widths) => [...blanks].map(widths).join(""));
  for (const inserted of new Set([...own, ...near])) {
    yield { edits: [{ at: begin, removed: blanks.length, inserted }], slips };
  }
}

/** Signs of other scripts on a line, outside of quoted strings: those that begin or end something first. */
function* guessSigns(text: string, begin: number, end: number): Generator<Repair> {
  const line = text.slice(begin, end);
  const open = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/gu, (quoted) => "_".repeat(quoted.length));
  const found = findLookAlikes(open).map((one) => ({ ...one, offset: begin + one.offset }));
  const isLikely = ({ offset, ascii }: LookAlike): boolean => {
    const [before, after] = [text.slice(begin, offset), text.slice(offset + 1, end)];
    if (ascii === ":") return /(?:^|[\s{,，｛"])[\w$.-]+"?$/u.test(before);
    if (ascii === ",") return /^[\s\u3000]*["'“]?[\w$.-]+["'”]?\s*[:：]/u.test(after);
    if (ascii === "-" || ascii === "#") return /^[\s-]*$/u.test(before);
    return ascii.trim() === "" && before.endsWith(":");
  };
  const [likely, rest] = [found.filter(isLikely), found.filter((one) => !isLikely(one))];
  for (const { offset } of likely) yield replaceSign(text, offset);
  for (const pair of [/["']/u, /[{}]/u, /[[\]]/u, /[{}[\],:"']/u]) {
    const all = found.filter(({ ascii }) => pair.test(ascii));
    if (all.length > 1) yield joinRepairs(all.map(({ offset }) => replaceSign(text, offset)));
  }
  for (const { offset } of rest) yield replaceSign(text, offset);
}

/** Colons and dashes of a line without the space behind them. */
function* guessSpaces(text: string, begin: number, end: number): Generator<Repair> {
  const line = text.slice(begin, end);
  for (const { 0: found, index } of line.matchAll(/(?:^[\s-]*|[{,]\s*)[\w$.-]+:(?=[^\s:/])/gu)) {
    yield insertSpace(begin + index + found.length, "colon");
  }
  const dash = /^\s*-(?=[^\s-])/u.exec(line)?.[0];
  if (dash !== undefined) yield insertSpace(begin + dash.length, "dash");
}

/** Columns of lines above and below for a line that begins with a key or a dash. */
function* guessColumn(text: string, begin: number, above: number): Generator<Repair> {
  const line = text.slice(begin, endOfLine(text, begin));
  const [, indent] = /^( *)(?:-\s|["']?[^\s"'#:][^:]*:(?:\s|$))/u.exec(line) ?? [];
  if (indent === undefined) return;
  for (const { column, line: like } of columnsAround(text, begin)) {
    if (column === indent.length) continue;
    const values = { column: indent.length + 1, wanted: column + 1, line: like + above };
    yield {
      edits: [{ at: begin, removed: indent.length, inserted: " ".repeat(column) }],
      slips: [{ offset: begin + indent.length, ...explain("manifest-yaml/slip-column", values) }],
    };
  }
}

/** The indents, in characters, of some lines around one, the nearest first, with the number of one such line each. */
function columnsAround(text: string, begin: number): readonly { column: number; line: number }[] {
  const lines = text.split("\n");
  const at = text.slice(0, begin).split("\n").length - 1;
  const order = [at - 1, at + 1, at - 2, at + 2, at - 3, at - 4, at - 5, at - 6];
  const seen = new Map<number, number>();
  for (const index of order) {
    const line = lines[index];
    if (line === undefined || !/^ *[^\s#]/u.test(line)) continue;
    const column = line.length - line.trimStart().length;
    if (!seen.has(column)) seen.set(column, index + 1);
  }
  return [...seen].map(([column, line]) => ({ column, line }));
}
