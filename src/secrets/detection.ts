import type { Location } from "../core/diagnostic.ts";
import { say } from "../messages/text.ts";

// Coze's personal, service and session tokens.
const token = /(?<![A-Za-z0-9_])(?:pat|sat|czs|czu)_[A-Za-z0-9_-]{16,}/gu;

// Those, and keys in PEM form (a block that isn't closed counts too).
const secret = new RegExp(
  `${token.source}|${/-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]*)/u.source}`,
  "gu",
);

// Hardly any text has one of these.
const anySign = /(?:[ps]at|cz[su])_|-----BEGIN/;

/** Where texts that look like a token or a private key begin, and what to call each; masked samples are none. */
export function findSecrets(text: string): readonly FoundSecret[] {
  if (!anySign.test(text)) return [];
  return [...text.matchAll(secret)].flatMap(({ 0: found, index }) => {
    if (!found.startsWith("-----")) return isSampleToken(text, found, index) ? [] : [tokenAt(index)];
    return isSampleKey(found) ? [] : [keyAt(index)];
  });
}

interface FoundSecret {
  readonly offset: number;
  /** To be inserted in a sentence: `a Coze token`. */
  readonly what: string;
}

const keyAt = (offset: number): FoundSecret => ({ offset, what: say("manifest/private-key") });
const tokenAt = (offset: number): FoundSecret => ({ offset, what: say("manifest/coze-token") });

// A key with its body, be its line breaks written as \n, be they lost; a document may well show how keys begin.
const wholeKey =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\[rn])*(?:[\w-]+: [^\n]*\n\s*){0,3}[A-Za-z0-9+/]{40}/gu;

/** One of these is in whatever holds a secret: a search for them costs less than the file's hash. */
const signs = ["pat_", "sat_", "czs_", "czu_", "-----BEGIN"];

/** A secret in a file, and what to call it. */
export interface PlacedSecret {
  readonly at: Location;
  readonly what: string;
}

/**
 * The tokens and keys in a file that is sent as it is. Such files are prose, not settings, so placeholders
 * (`pat_xxxxxxxxxxxxxxxx`, a key without a body) are none; nor is anything found in what isn't text.
 */
export function findSecretsInFile(file: string, bytes: Buffer): readonly PlacedSecret[] {
  if (!signs.some((sign) => bytes.includes(sign)) || bytes.includes(0)) return [];
  const text = bytes.toString("utf8");
  const keys = [...text.matchAll(wholeKey)]
    .filter(([found]) => !crossedOut.test(found))
    .map(({ index }) => keyAt(index));
  const tokens = [...text.matchAll(token)].filter(
    ({ 0: found, index }) => isMixed(found.slice(4)) && !isSampleToken(text, found, index),
  );
  return placeSecrets(file, text, [...keys, ...tokens.map(({ index }) => tokenAt(index))]);
}

// What people write for the part that they hide; in Markdown a star may stand behind a backslash.
const mask = /^(?:\\?[*＊•●∙·█■×]|…|\.{3}|。{3}|[~～]{3}|#{3})/u;
const bracketedMask =
  /^[[({<（【｛‹〈《＜「［](?:\.{3}|…|\*{3}|已?(?:省略|隐藏|脱敏|打码)|omitted|hidden|masked|redacted|truncated|snip)/iu;

// Tokens may contain - and _, but chance ends hardly any in a line of these.
const lineAtEnd = /[_-]{4,}$/u;

// In a random text none is found once in a million; keys may well repeat A, which stands for zeros.
const repeated = /([A-Za-z0-9])\1{7}/u;
const crossedOut = /x{6}|X{6}|Y{6}|x{4}$|X{4}$|-x{4}-|-X{4}-/u;
const fillsIn = /^(?:x{4}|X{4}|1234567890)/u;

const namesItself = /your|token|example|sample|placeholder|redacted|dummy|secret/iu;

/** The length of Coze's tokens behind their prefix: a mask after as much hides nothing. */
const wholeBody = 64;

/** Whether a token is written as documentation does: cut off by a mask, crossed out, or in words. */
function isSampleToken(text: string, found: string, index: number): boolean {
  const body = found.slice(4);
  if (crossedOut.test(body) || repeated.test(body) || fillsIn.test(body)) return true;
  if (!/\d/u.test(body) && namesItself.test(body)) return true;
  const kept = body.replace(lineAtEnd, "");
  if (kept.length >= wholeBody) return false;
  if (kept !== body) return true;
  const after = text.slice(index + found.length, index + found.length + 12);
  return bracketedMask.test(after) || (mask.test(after) && !endsEmphasis(text, index, after));
}

/** Whether the stars behind a token end an emphasis of Markdown, or a comment, that begins before it on its line. */
function endsEmphasis(text: string, index: number, after: string): boolean {
  const stars = /^\*{1,3}(?!\*)/u.exec(after)?.[0];
  if (stars === undefined) return false;
  if (stars === "*" && after.startsWith("*/")) return true;
  const before = text.slice(text.lastIndexOf("\n", index - 1) + 1, index);
  const runs: readonly string[] = before.match(/\*+/gu) ?? [];
  return stars.length === 3 ? before.endsWith(stars) : runs.includes(stars);
}

/** Whether a key has a mask or a placeholder for a body. */
function isSampleKey(found: string): boolean {
  const [, body = ""] = /^-----BEGIN [A-Z ]*-----((?:(?!-----END)[\s\S])*)/u.exec(found) ?? [];
  const masked = /[*＊•●█■×]{3}|…|\.{3}|<[^>\n]*>|\{\{|\$\{/u;
  // A block that isn't closed may be followed by any prose.
  const [begin = ""] = /^(?:\s|\\[rn])*\S*/u.exec(body) ?? [];
  return found.endsWith("-----") && body !== ""
    ? masked.test(body) || crossedOut.test(body)
    : masked.test(begin) || crossedOut.test(begin);
}

// Nobody writes an example like this, and chance writes hardly any token otherwise.
const isMixed = (text: string): boolean => /[a-z]/u.test(text) && /[A-Z]/u.test(text) && /\d/u.test(text);

/** One file tells of no more at once: to place each takes a look at all that is before it. */
const mostPlaced = 10;

/** Where found secrets stand in a file's text, the first few of them. */
export const placeSecrets = (file: string, text: string, found: readonly FoundSecret[]) =>
  found
    .slice(0, mostPlaced)
    .map(({ offset, what }): PlacedSecret => ({ at: placeOffset(file, text, offset), what }));

/** The line and column of an offset in a file's text. */
export function placeOffset(file: string, text: string, offset: number): Location {
  const before = text.slice(0, offset).split("\n");
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Replaces everything that looks like a secret by stars; the text keeps its length and its lines. */
export const maskSecrets = (text: string): string => text.replace(secret, stars);

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
