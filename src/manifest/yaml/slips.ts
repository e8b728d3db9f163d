import type { CST } from "yaml";
import { asciiOf, describeLookAlike, findLookAlikes, type LookAlike } from "../../core/look-alikes.ts";
import { type Explained, explain, say } from "../../messages/text.ts";
import { listTokens } from "./tokens.ts";

/** A slip of the pen, at an offset of the text, with what to type. */
interface Slip extends Explained {
  readonly offset: number;
}

/** A text whose slips are mended, so that what follows from them isn't found. */
export interface Mended {
  readonly text: string;
  readonly slips: readonly Slip[];
  /** The offset in the text as it was. */
  readonly origin: (offset: number) => number;
}

/** What YAML says of a text: its tokens, and the offsets of its errors in their order. */
export interface Verdict {
  readonly tokens: readonly CST.Token[];
  readonly errors: readonly number[];
}

type Judge = (text: string) => Verdict;

interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/** A guess at what was meant. */
interface Repair {
  /** In their order. */
  readonly edits: readonly Edit[];
  readonly slips: readonly Slip[];
}

/** Larger texts, and texts with more guesses, would take too long. */
const mostCharacters = 100_000;
const mostGuesses = 150;

/**
 * Finds full-width punctuation and unusual spaces where YAML wants ASCII, lines that are indented like none around
 * them, and missing spaces. A guess counts only if YAML finds less wrong with the text that it makes; what YAML reads
 * without an error is left alone, unless no manifest can mean it.
 */
export function mendSlips(text: string, judge: Judge): Mended {
  if (text.length > mostCharacters) return { text, slips: [], origin: (offset) => offset };
  const draft = new Draft(text, judge);
  draft.mendSilent();
  draft.mendErrors();
  return draft.mended();
}

class Draft {
  readonly #judge: Judge;
  readonly #edits: Edit[] = [];
  readonly #slips: Slip[] = [];
  #text: string;
  #guesses = 0;

  constructor(text: string, judge: Judge) {
    this.#text = text;
    this.#judge = judge;
  }

  mended(): Mended {
    const slips = this.#slips.toSorted((a, b) => a.offset - b.offset);
    return { text: this.#text, slips, origin: (offset) => this.#origin(offset) };
  }

  /** Mends what YAML reads without an error, and no manifest means. */
  mendSilent(): void {
    const { tokens } = this.#judge(this.#text);
    const repairs = [spaceWidths, plainWidths, noWidths].map((widths) =>
      joinRepairs(listTokens(tokens).flatMap(({ token }) => findSilent(token, this.#text, widths))),
    );
    const [first] = repairs;
    if (!first || first.edits.length === 0) return;
    const counted = repairs.map((repair) => ({ repair, errors: this.#try(repair).length }));
    this.#apply(counted.reduce((best, one) => (one.errors < best.errors ? one : best)).repair);
  }

  /** Mends line after line with an error. */
  mendErrors(): void {
    let passed = -1;
    for (;;) {
      const before = this.#judge(this.#text).errors;
      const index = before.findIndex((offset) => offset > passed);
      const offset = before[index];
      if (offset === undefined || this.#guesses > mostGuesses) return;
      const best = this.#choose(before, index, offset);
      if (best) this.#apply(best);
      else passed = endOfLine(this.#text, offset);
    }
  }

  /** The guess that leaves the fewest errors; undefined if none gets further than the error. */
  #choose(before: readonly number[], index: number, offset: number): Repair | undefined {
    let best: { readonly repair: Repair; readonly left: number } | undefined;
    for (const repair of guessRepairs(this.#text, offset)) {
      const after = this.#try(repair);
      const next = after[index] ?? Number.POSITIVE_INFINITY;
      const grown = repair.edits.reduce((sum, { removed, inserted }) => sum + inserted.length - removed, 0);
      const isFurther =
        after.length < before.length || (after.length === before.length && next > offset + grown);
      if (isFurther && next > offset && (!best || after.length < best.left))
        best = { repair, left: after.length };
    }
    return best?.repair;
  }

  #try({ edits }: Repair): readonly number[] {
    this.#guesses += 1;
    return this.#judge(applyEdits(this.#text, edits)).errors;
  }

  #apply({ edits, slips }: Repair): void {
    const told = new Set(this.#slips.map(({ offset }) => offset));
    const own = slips.map((slip) => ({ ...slip, offset: this.#origin(slip.offset) }));
    this.#slips.push(...own.filter(({ offset }) => !told.has(offset)));
    this.#edits.push(...edits.toReversed());
    this.#text = applyEdits(this.#text, edits);
  }

  #origin(offset: number): number {
    return this.#edits.reduceRight((at, edit) => {
      if (at < edit.at) return at;
      const behind = at - edit.inserted.length;
      return behind < edit.at ? edit.at : behind + edit.removed;
    }, offset);
  }
}

const applyEdits = (text: string, edits: readonly Edit[]): string =>
  edits.reduceRight(
    (whole, { at, removed, inserted }) => whole.slice(0, at) + inserted + whole.slice(at + removed),
    text,
  );

const joinRepairs = (repairs: readonly Repair[]): Repair => ({
  edits: repairs.flatMap(({ edits }) => edits).sort((a, b) => a.at - b.at),
  slips: repairs.flatMap(({ slips }) => slips),
});

type Widths = (blank: string) => string;

/** As wide as it is drawn. */
const spaceWidths: Widths = (blank) =>
  blank === "\u3000" || blank === "\t" ? "  " : (asciiOf(blank) ?? blank);
const plainWidths: Widths = (blank) => (blank === " " || asciiOf(blank) !== "" ? " " : "");
const noWidths: Widths = (blank) => (blank === " " ? " " : "");

/** What no manifest means: keys that begin with an unusual space, keys of `{ }` that hold their value, `｜`. */
function findSilent(token: CST.Token, text: string, widths: Widths): readonly Repair[] {
  if (token.type === "scalar" && /^[｜＞][-+]?[ \t]*\n/u.test(token.source)) {
    return [replaceSign(text, token.offset)];
  }
  if (token.type !== "block-map" && token.type !== "flow-collection") return [];
  return token.items.flatMap(({ key, sep, value }) => {
    if (key?.type !== "scalar") return [];
    const { offset, source } = key;
    const blanks = leadingBlanks(source);
    if (blanks > 0) return [mendBlanks(text, offset, blanks, widths)];
    const isValueless = token.type === "flow-collection" && !value && !sep?.some(isValueSign);
    return isValueless ? mendColon(text, offset, source) : [];
  });
}

const isValueSign = ({ type }: CST.SourceToken): boolean => type === "map-value-ind";

/** How many characters at the beginning of a text are blanks that YAML doesn't take for such. */
function leadingBlanks(source: string): number {
  const blanks = findLookAlikes(source).filter(({ ascii }) => ascii.trim() === "");
  const end = blanks.findIndex(({ offset }, index) => offset !== index);
  return end < 0 ? blanks.length : end;
}

function mendBlanks(text: string, offset: number, length: number, widths: Widths): Repair {
  const begin = text.lastIndexOf("\n", offset - 1) + 1;
  const indent = text.slice(begin, offset);
  const blanks = text.slice(offset, offset + length);
  if (indent.trim() !== "") {
    return { edits: [{ at: offset, removed: length, inserted: " " }], slips: [slipAt(text, offset)] };
  }
  const inserted = [...(indent + blanks)].map(widths).join("");
  return {
    edits: [{ at: begin, removed: indent.length + length, inserted }],
    slips: [slipOfIndent(offset, blanks)],
  };
}

function mendColon(text: string, offset: number, source: string): readonly Repair[] {
  const [, name = "", colon] = /^([\w$.-]+)([：﹕︰∶]|:(?!\/\/)(?=\S))/u.exec(source) ?? [];
  if (colon === undefined) return [];
  const at = offset + name.length;
  return [colon === ":" ? insertSpace(at + 1, "colon") : replaceSign(text, at)];
}

/** What may have been meant by the line of an error, or by the one below it. */
function* guessRepairs(text: string, offset: number): Generator<Repair> {
  const begin = text.lastIndexOf("\n", offset - 1) + 1;
  const end = endOfLine(text, begin);
  const next = end + 1 < text.length ? end + 1 : undefined;
  for (const start of [begin, ...(next === undefined ? [] : [next])]) yield* guessIndent(text, start);
  yield* guessSigns(text, begin, end);
  yield* guessSpaces(text, begin, end);
  // A value that seems to begin a map has its key on the next line.
  const isWithin = text.slice(begin, offset).trim() !== "";
  for (const start of isWithin ? [next, begin] : [begin, next]) {
    if (start !== undefined) yield* guessColumn(text, start);
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
function* guessColumn(text: string, begin: number): Generator<Repair> {
  const line = text.slice(begin, endOfLine(text, begin));
  const [, indent] = /^( *)(?:-\s|["']?[^\s"'#:][^:]*:(?:\s|$))/u.exec(line) ?? [];
  if (indent === undefined) return;
  for (const { column, line: like } of columnsAround(text, begin)) {
    if (column === indent.length) continue;
    const values = { column: indent.length + 1, wanted: column + 1, line: like };
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

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

/** ASCII for the sign at an offset, with the space that YAML wants behind it. */
function replaceSign(text: string, offset: number): Repair {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const ascii = asciiOf(character) ?? character;
  const isSpaced = /^(?:\s|$)/u.test(text.slice(offset + character.length));
  const inserted = ":,-".includes(ascii) && ascii !== "" && !isSpaced ? `${ascii} ` : ascii;
  const edits = [{ at: offset, removed: character.length, inserted }];
  return { edits, slips: [slipAt(text, offset)] };
}

const insertSpace = (at: number, behind: "colon" | "dash"): Repair => ({
  edits: [{ at, removed: 0, inserted: " " }],
  slips: [{ offset: at - 1, ...explain(`manifest-yaml/slip-space-${behind}`) }],
});

const slipAt = (text: string, offset: number): Slip => ({
  offset,
  ...explainLookAlike(String.fromCodePoint(text.codePointAt(offset) ?? 0)),
});

/** Names a character that stands where ASCII is wanted, and says what to type. */
export function explainLookAlike(character: string): Explained {
  const ascii = asciiOf(character) ?? "";
  const described = describeLookAlike(character);
  const values = { character: described, ascii };
  const message = say(
    `manifest-yaml/slip-${ascii === "" ? "invisible" : ascii === " " ? "blank" : "sign"}`,
    values,
  );
  return { message, hint: hintAtAscii(ascii) };
}

function hintAtAscii(ascii: string): string {
  if (ascii === "") return say("manifest-yaml/slip-remove");
  if (ascii === " ") return say("manifest-yaml/slip-write-space");
  if (ascii === ":" || ascii === "-") return say("manifest-yaml/slip-write-spaced", { ascii });
  return say("core/write", { text: ascii });
}

function slipOfIndent(offset: number, blanks: string): Slip {
  const [first = " "] = blanks;
  if (first === "\t") return { offset, ...explain("manifest-yaml/slip-tab") };
  return { offset, ...explain("manifest-yaml/slip-indent", { character: describeLookAlike(first) }) };
}
