import { hasText, say } from "../messages/text.ts";
import { describeInvisible, findInvisible } from "./invisible-characters.ts";

/** Signs that keyboards of other scripts, and word processors, put for a sign of ASCII; full-width ones aside. */
const signs: { readonly [ascii: string]: string } = {
  ",": "、﹐､",
  ".": "。｡",
  ":": "﹕︰∶",
  "-": "–—−‐‑",
  '"': "“”„‟「」『』",
  "'": "‘’‚‛",
  "[": "【",
  "]": "】",
};

const asciiBySign = new Map(
  Object.entries(signs).flatMap(([ascii, others]) => [...others].map((one) => [one, ascii] as const)),
);

/** The ASCII that a character was most likely typed for; nothing for one that draws nothing, undefined for all others. */
export function asciiOf(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCodePoint(code - 0xff01 + 0x21);
  const sign = asciiBySign.get(character);
  if (sign !== undefined) return sign;
  if (code < 0x80 || findInvisible(character).length === 0) return undefined;
  return /\p{Zs}/u.test(character) ? " " : "";
}

/** A text with ASCII for every character that {@link asciiOf} knows. */
export const toAscii = (text: string): string => text.replace(/\P{ASCII}/gu, (one) => asciiOf(one) ?? one);

/** A character that was typed for ASCII, at an offset in UTF-16 units. */
export interface LookAlike {
  readonly offset: number;
  readonly character: string;
  readonly ascii: string;
}

// Texts consist of ASCII and Chinese characters for the most part, and none of these is typed for another.
const candidate = /[^\p{ASCII}\u4e00-\u9fff]/u;
const eachCandidate = new RegExp(candidate, "gu");

/** The characters of a text that {@link asciiOf} knows, in their order. */
export function findLookAlikes(text: string): readonly LookAlike[] {
  if (!candidate.test(text)) return [];
  return [...text.matchAll(eachCandidate)].flatMap(({ 0: character, index: offset }) => {
    const ascii = asciiOf(character);
    return ascii === undefined ? [] : [{ offset, character, ascii }];
  });
}

/** Whether {@link findLookAlikes} finds any. */
export function hasLookAlike(text: string): boolean {
  if (!candidate.test(text)) return false;
  for (const [character] of text.matchAll(eachCandidate)) if (asciiOf(character) !== undefined) return true;
  return false;
}

/** Names a character that was typed for ASCII: `： (U+FF1A, full-width colon)`. */
export function describeLookAlike(character: string): string {
  const digits = (character.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
  const code = `U+${digits.toUpperCase()}`;
  const own = `core/look-alike-${digits}`;
  const ascii = asciiOf(character) ?? "";
  if (ascii.trim() === "") {
    return hasText(own) ? say("core/character", { code, name: say(own) }) : describeInvisible(character);
  }
  const sign = `core/sign-${(ascii.codePointAt(0) ?? 0).toString(16)}`;
  const wide = say("core/full-width", { sign: hasText(sign) ? say(sign) : ascii });
  return say("core/look-alike", { character, code, name: hasText(own) ? say(own) : wide });
}
