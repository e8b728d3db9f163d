import type { Location } from "../core/diagnostic.ts";
import { say } from "../messages/text.ts";
import { isCrossedOut, isSample, isSampleKey } from "./samples.ts";
import { type SecretForm, secretForms } from "./secret-forms.ts";

/** A part of a text that a rule forbids. */
export interface Found {
  readonly rule: "secret-in-clear" | "personal-data";
  readonly offset: number;
  readonly length: number;
  /** To be inserted in a sentence: `a Coze token`. */
  readonly what: string;
}

// Keys in PEM form (a block that isn't closed counts too), and as PGP and SSH write them.
const keyBlock =
  /-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}(?:[\s\S]*?-{4,5} ?END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}|[\s\S]*)/gu;

const signs = secretForms.map((form) => new RegExp(form.sign, "u"));

// Hardly any text has one of these, and a single search tells.
const anySign = new RegExp(
  ["-----BEGIN", "---- BEGIN", ...new Set(secretForms.map(({ sign }) => sign))].join("|"),
  "u",
);

/** Where texts that look like a token, a key or a password begin, and what to call each; masked samples are none. */
export function findSecrets(text: string): readonly Found[] {
  if (!anySign.test(text)) return [];
  const keys = [...text.matchAll(keyBlock)].filter(([found]) => !isSampleKey(found)).map(foundKey);
  return dropOverlaps([...keys, ...findByForm(text, () => true)]);
}

const foundKey = ({ 0: found, index }: RegExpExecArray): Found => ({
  rule: "secret-in-clear",
  offset: index,
  length: found.length,
  what: say("secrets/private-key"),
});

function findByForm(text: string, test: (form: SecretForm, found: string) => boolean): readonly Found[] {
  return secretForms.flatMap((form, position) => {
    if (signs[position]?.test(text) !== true) return [];
    return [...text.matchAll(form.pattern)].flatMap(({ 0: whole, 1: part, index }): readonly Found[] => {
      const found = part ?? whole;
      const offset = index + whole.length - found.length;
      const body = form.head ? found.replace(form.head, "") : found;
      if (form.isRandom?.(body) === false || !test(form, found)) return [];
      if (isSample(text, found, offset, form)) return [];
      return [{ rule: "secret-in-clear", offset, length: found.length, what: say(form.what) }];
    });
  });
}

/** In the order of the text; of those that overlap, the first one of the list. */
function dropOverlaps(all: readonly Found[]): readonly Found[] {
  const kept: Found[] = [];
  for (const one of all) {
    const overlaps = kept.some(
      ({ offset, length }) => one.offset < offset + length && offset < one.offset + one.length,
    );
    if (!overlaps) kept.push(one);
  }
  return kept.sort((a, b) => a.offset - b.offset);
}

// A key with its body, be its line breaks written as \n, be they lost; a document may well show how keys begin.
const wholeKey =
  /-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}(?:\s|\\[rn])*(?:[\w-]+: [^\n]*\n\s*){0,3}[A-Za-z0-9+/]{40}/gu;

/**
 * The same for a text that is sent as it is. Such texts are prose, not settings, so placeholders
 * (`pat_xxxxxxxxxxxxxxxx`, a key without a body) are none.
 */
export function findSecretsInProse(text: string): readonly Found[] {
  if (!anySign.test(text)) return [];
  const keys = [...text.matchAll(wholeKey)].filter(([found]) => !isCrossedOut(found)).map(foundKey);
  const [coze] = secretForms;
  return dropOverlaps([
    ...keys,
    ...findByForm(text, (form, found) => form !== coze || isMixed(found.slice(4))),
  ]);
}

// No one writes an example like this, and chance writes hardly any token otherwise.
const isMixed = (text: string): boolean => /[a-z]/u.test(text) && /[A-Z]/u.test(text) && /\d/u.test(text);

/** A {@link Found} in a file. */
export interface PlacedFound extends Pick<Found, "rule" | "what"> {
  readonly at: Location;
  /** How many more of its rule the file holds, if it is the last one that is placed. */
  readonly more?: number;
}

/** One file tells of no more at once: to place each takes a look at all that is before it. */
export const mostPlaced = 10;

/** Where what was found stands in a file's text, the first few of each rule. */
export function placeFound(file: string, text: string, found: readonly Found[]): readonly PlacedFound[] {
  const placed = found
    .slice(0, mostPlaced)
    .map(({ rule, offset, what }) => ({ rule, what, at: placeOffset(file, text, offset) }));
  return countMore(placed, found.length);
}

/** The same with the number of those that aren't placed; `total`: all that were found. */
export const countMore = (placed: readonly PlacedFound[], total: number): readonly PlacedFound[] =>
  placed.map((one, index) =>
    index === placed.length - 1 && total > placed.length ? { ...one, more: total - placed.length } : one,
  );

/** The line and column of an offset in a file's text. */
export function placeOffset(file: string, text: string, offset: number): Location {
  const before = text.slice(0, offset).split("\n");
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Replaces everything that looks like a secret by stars; the text keeps its length and its lines. */
export function maskSecrets(text: string): string {
  if (!anySign.test(text)) return text;
  const masked = text.replace(keyBlock, stars);
  return findMaskable(masked).reduce(
    (whole, { offset, length }) => maskSpan(whole, [offset, offset + length]),
    masked,
  );
}

// Samples too: a reader isn't to wonder which of them are none.
const findMaskable = (text: string): readonly Pick<Found, "offset" | "length">[] =>
  secretForms.flatMap((form, position) =>
    signs[position]?.test(text) === true
      ? [...text.matchAll(form.pattern)].flatMap(({ 0: whole, 1: part, index }) => {
          const found = part ?? whole;
          const isOne = form.isRandom === undefined || form.isRandom(found.replace(form.head ?? "", ""));
          return isOne ? [{ offset: index + whole.length - found.length, length: found.length }] : [];
        })
      : [],
  );

/** Replaces one part of a text by stars. */
export const maskSpan = (text: string, [from, to]: readonly [number, number]): string =>
  text.slice(0, from) + stars(text.slice(from, to)) + text.slice(to);

const stars = (text: string): string => text.replace(/\S/gu, (character) => "*".repeat(character.length));

/** A value that may be shown, as JSON: cut short, and without what looks like a secret. */
export function showValue(value: string | number | boolean | null): string {
  const masked = maskSecrets(JSON.stringify(value));
  return masked.length > 60 ? `${masked.slice(0, 60)}…` : masked;
}

/**
 * A text whose keys in PEM form have their line breaks again, where they were written as `\n`, became spaces or got
 * lost, as variables of CI systems have it. Keys with headers, and all other text, stay as they are.
 */
export const restoreLineBreaks = (text: string): string =>
  text
    .replaceAll(/(?:\\r)?\\n/g, "\n")
    .replaceAll(/(-----BEGIN [A-Z ]+-----)([^-:]*)(-----END [A-Z ]+-----)/g, (_whole, begin, body, end) =>
      [
        begin,
        ...(String(body)
          .replaceAll(/\s+/g, "")
          .match(/.{1,64}/g) ?? []),
        end,
      ].join("\n"),
    );
