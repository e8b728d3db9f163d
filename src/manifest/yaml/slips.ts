import type { CST } from "yaml";
import { guessOutdentedText, guessTabs } from "./outdented-lines.ts";
import {
  applyEdits,
  type Edit,
  endOfLine,
  joinRepairs,
  originOf,
  type Repair,
  type Slip,
} from "./repairs.ts";
import { findSilent } from "./silent-slips.ts";
import { guessRepairs, noWidths, plainWidths, spaceWidths } from "./slip-guesses.ts";
import { listBlockTexts, listTokens } from "./tokens.ts";

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

/** A guess that gets further, and what YAML says of the text with it. */
interface Chosen {
  readonly repair: Repair;
  readonly verdict: Verdict;
}

type Judge = (text: string) => Verdict;

/** Larger texts would take too long, and so would more guesses: in characters that YAML reads for them. */
const mostCharacters = 100_000;
const mostJudged = 1_000_000;

/** After so many lines of a document, one after the other, that no guess improves, the others are left to YAML. */
const mostHopeless = 5;

/**
 * Finds full-width punctuation and unusual spaces where YAML wants ASCII, lines that are indented like none around
 * them, and missing spaces. A guess counts only if YAML finds less wrong with the text that it makes; what YAML reads
 * without an error is left alone, unless no manifest can mean it.
 */
export function mendSlips(text: string, judge: Judge): Mended {
  if (text.length > mostCharacters) return { text, slips: [], origin: (offset) => offset };
  const budget = { left: mostJudged };
  let begin = 0;
  const parts = splitDocuments(text).map((part) => {
    const draft = new Draft(part, judge, budget, text.slice(0, begin).split("\n").length - 1);
    draft.mendSilent();
    draft.mendErrors();
    const mended = { ...draft.mended(), begin };
    begin += part.length;
    return mended;
  });
  return joinParts(parts);
}

/** A document's own errors don't depend on the others, and it takes less time to read. */
function splitDocuments(text: string): readonly string[] {
  // Directives stand before the line that begins their document.
  return /^%/mu.test(text) ? [text] : text.split(/^(?=---(?:\s|$))/mu);
}

function joinParts(parts: readonly (Mended & { readonly begin: number })[]): Mended {
  const placed: (Mended & { readonly begin: number; readonly from: number })[] = [];
  let from = 0;
  for (const part of parts) {
    placed.push({ ...part, from });
    from += part.text.length;
  }
  return {
    text: parts.map(({ text }) => text).join(""),
    slips: parts.flatMap(({ slips, begin }) =>
      slips.map((slip) => ({ ...slip, offset: slip.offset + begin })),
    ),
    origin: (offset) => {
      const part = placed.findLast((one) => one.from <= offset);
      return part ? part.origin(offset - part.from) + part.begin : offset;
    },
  };
}

class Draft {
  readonly #judge: Judge;
  readonly #edits: Edit[] = [];
  readonly #slips: Slip[] = [];
  readonly #budget: { left: number };
  readonly #above: number;
  #text: string;

  /** `budget`: how many characters may be read for guesses. `above`: how many lines stand above the text. */
  constructor(text: string, judge: Judge, budget: { left: number }, above: number) {
    this.#text = text;
    this.#judge = judge;
    this.#budget = budget;
    this.#above = above;
  }

  mended(): Mended {
    const blocks = this.#slips.some(({ isSign }) => isSign) ? this.#listBlocks() : [];
    const isProse = ({ offset }: Slip) => blocks.some(({ from, to }) => from <= offset && offset < to);
    const slips = this.#slips
      .filter((slip) => !slip.isSign || !isProse(slip))
      .toSorted((a, b) => a.offset - b.offset);
    return { text: this.#text, slips, origin: (offset) => this.#origin(offset) };
  }

  /** Where the texts after `|` and `>` stood in the text as it was. */
  #listBlocks(): readonly { readonly from: number; readonly to: number }[] {
    const texts = listBlockTexts(this.#judge(this.#text).tokens);
    return texts.map(({ from, to }) => ({ from: this.#origin(from), to: this.#origin(to) }));
  }

  /** Mends what YAML reads without an error, and no manifest means. */
  mendSilent(): void {
    const { tokens } = this.#judge(this.#text);
    const repairs = [spaceWidths, plainWidths, noWidths].map((widths) =>
      joinRepairs(listTokens(tokens).flatMap(({ token }) => findSilent(token, this.#text, widths))),
    );
    const [first] = repairs;
    if (!first || first.edits.length === 0) return;
    const counted = repairs.map((repair) => ({ repair, errors: this.#try(repair).errors.length }));
    this.#apply(counted.reduce((best, one) => (one.errors < best.errors ? one : best)).repair);
  }

  /** Mends line after line with an error. */
  mendErrors(): void {
    let passed = -1;
    let verdict = this.#judge(this.#text);
    for (let hopeless = 0; hopeless < mostHopeless; ) {
      const index = verdict.errors.findIndex((offset) => offset > passed);
      const offset = verdict.errors[index];
      if (offset === undefined || this.#budget.left < 0) return;
      const best = this.#choose(verdict, index, offset);
      if (best) {
        this.#apply(best.repair);
        verdict = best.verdict;
        hopeless = 0;
      } else {
        passed = endOfLine(this.#text, offset);
        hopeless += 1;
      }
    }
  }

  /** The guess that leaves the fewest errors; undefined if none gets further than the error. */
  #choose({ tokens, errors }: Verdict, index: number, offset: number): Chosen | undefined {
    const text = this.#text;
    const whole = [...guessOutdentedText(text, tokens, offset, this.#above), ...guessTabs(text, offset)];
    return (
      // The first of these that helps takes the fewest lines.
      firstOf(whole, (repair) => this.#best([repair], errors, index, offset)) ??
      this.#best(guessRepairs(text, offset, this.#above), errors, index, offset)
    );
  }

  #best(
    guesses: Iterable<Repair>,
    before: readonly number[],
    index: number,
    offset: number,
  ): Chosen | undefined {
    let best: Chosen | undefined;
    for (const repair of guesses) {
      const verdict = this.#try(repair);
      const { errors: after } = verdict;
      const next = after[index] ?? Number.POSITIVE_INFINITY;
      const grown = repair.edits.reduce((sum, { removed, inserted }) => sum + inserted.length - removed, 0);
      const isFurther =
        after.length < before.length || (after.length === before.length && next > offset + grown);
      if (isFurther && next > offset && (!best || after.length < best.verdict.errors.length))
        best = { repair, verdict };
    }
    return best;
  }

  #try({ edits }: Repair): Verdict {
    this.#budget.left -= this.#text.length;
    return this.#judge(applyEdits(this.#text, edits));
  }

  #apply({ edits, slips }: Repair): void {
    const told = new Set(this.#slips.map(({ offset }) => offset));
    const own = slips.map((slip) => ({ ...slip, offset: this.#origin(slip.offset) }));
    this.#slips.push(...own.filter(({ offset }) => !told.has(offset)));
    this.#edits.push(...edits.toReversed());
    this.#text = applyEdits(this.#text, edits);
  }

  #origin(offset: number): number {
    return originOf(this.#edits, offset);
  }
}

function firstOf<T, R>(all: readonly T[], find: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
