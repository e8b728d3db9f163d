import type { SecretForm } from "./secret-forms.ts";

// What people write for the part that they hide; in Markdown a star may stand behind a backslash.
const mask = /^(?:\\?[*＊•●∙·█■×]|…|\.{3}|。{3}|[~～]{3}|#{3})/u;
const bracketedMask =
  /^[[({<（【｛‹〈《＜「［](?:\.{3}|…|\*{3}|已?(?:省略|隐藏|脱敏|打码)|omitted|hidden|masked|redacted|truncated|snip)/iu;

// Tokens may contain - and _, but chance ends hardly any in a line of these.
const lineAtEnd = /[_-]{4,}$/u;

// In a random text none is found once in a million; keys may well repeat A, which stands for zeros.
const repeated = /([A-Za-z0-9])\1{7}/u;
const crossedOut = /x{6}|X{6}|Y{6}|x{4}$|X{4}$|-x{4}-|-X{4}-/u;
const fillsIn = /^(?:x{4}|X{4}|1234567890|0123456789)/u;

const namesItself = /your|token|example|sample|placeholder|redacted|dummy|secret/iu;

// These are in hardly any random text, whatever else stands there.
const surelyNames = /your[_-]|example|placeholder|redacted|insert[_-]|replace[_-]/iu;

/** Whether a secret is written as documentation does: cut off by a mask, crossed out, or in words. */
export function isSample(text: string, found: string, index: number, form: SecretForm): boolean {
  const body = form.head ? found.replace(form.head, "") : found;
  if (crossedOut.test(body) || repeated.test(body) || fillsIn.test(body)) return true;
  if (surelyNames.test(body) || (!/\d/u.test(body) && namesItself.test(body))) return true;
  const kept = body.replace(lineAtEnd, "");
  if (kept.length >= (form.whole ?? Number.POSITIVE_INFINITY)) return false;
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

/** Whether a key in PEM form has a mask or a placeholder for a body. */
export function isSampleKey(found: string): boolean {
  const [, body = ""] = /^-{4,5} ?BEGIN [A-Z0-9 ]*-{4,5}((?:(?!-{4,5} ?END)[\s\S])*)/u.exec(found) ?? [];
  const masked = /[*＊•●█■×]{3}|…|\.{3}|<[^>\n]*>|\{\{|\$\{/u;
  // A block that isn't closed may be followed by any prose.
  const [begin = ""] = /^(?:\s|\\[rn])*\S*/u.exec(body) ?? [];
  return found.endsWith("----") && body !== ""
    ? masked.test(body) || crossedOut.test(body)
    : masked.test(begin) || crossedOut.test(begin);
}

/** Whether the body of a key that a document shows is crossed out. */
export const isCrossedOut = (text: string): boolean => crossedOut.test(text);
