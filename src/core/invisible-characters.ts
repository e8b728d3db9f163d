import { hasText, say } from "../messages/text.ts";

/** A character that draws nothing, or draws a blank without being the plain space. */
export interface Invisible {
  /** In UTF-16 units. */
  readonly offset: number;
  readonly character: string;
}

// Controls, separators, format characters, spaces and fillers of all scripts; not the space and the line feed.
const hidden = String.raw`(?![ \n])[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]`;

// https://unicode.org/reports/tr51/#EBNF_and_Regex, without flags of tags: tags can spell out any text.
const pictograph = String.raw`\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?`;
const emoji = [
  String.raw`${pictograph}(?:\u200d${pictograph})+`,
  String.raw`[0-9#*][\ufe0e\ufe0f]\u20e3`,
  String.raw`(?![0-9#*])\p{Emoji}[\ufe0e\ufe0f]`,
].join("|");

// What nearly all texts consist of, and nothing of it is hidden: all of it is passed over in a tenth of the time.
const beyondUsual = /[^ -~\n\u2010-\u2027\u3001-\u3163\u3165-\u9fff\uff01-\uff9f]/;
const anyHidden = new RegExp(hidden, "u");
const eachHidden = new RegExp(`${emoji}|(?<found>${hidden})`, "gu");
const eachBlank = new RegExp(`[ \\n]|${hidden}`, "gu");
const onlyBlank = new RegExp(`^(?:[ \\n]|${hidden})$`, "u");

const mayHide = (text: string): boolean => beyondUsual.test(text) && anyHidden.test(text);

/** Replaces every invisible character except those within an emoji. */
const replaceInvisible = (text: string, write: (character: string) => string): string =>
  // Most texts have none, and to look for emoji takes longer.
  mayHide(text)
    ? text.replace(eachHidden, (all, found: string | undefined) => (found === undefined ? all : write(found)))
    : text;

const shorts: { readonly [character: string]: string } = { "\t": "\\t", "\r": "\\r" };

/**
 * A text that hides nothing and can't control a terminal: invisible characters become `\u200b` or `\u{e0041}`.
 * Line feeds stay, and so do joiners and variation selectors within an emoji.
 */
export const escapeInvisible = (text: string): string =>
  replaceInvisible(text, (character) => shorts[character] ?? escapeCharacter(character));

function escapeCharacter(character: string): string {
  const digits = codePointOf(character).toString(16);
  return digits.length > 4 ? `\\u{${digits}}` : `\\u${digits.padStart(4, "0")}`;
}

/** JSON that means the same and hides nothing: invisible characters become `\u200b`, two escapes beyond the BMP. */
export const escapeInvisibleJson = (json: string): string =>
  replaceInvisible(json, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );

/** The invisible characters of a text in their order, without tabs, carriage returns and what holds emoji together. */
export function findInvisible(text: string): readonly Invisible[] {
  if (!mayHide(text)) return [];
  return [...text.matchAll(eachHidden)].flatMap(({ index, groups }) => {
    const character = groups?.found;
    return character === undefined || character in shorts ? [] : [{ offset: index, character }];
  });
}

/** Whether a character is white space or invisible, be it within an emoji. */
export const isBlank = (character: string): boolean => onlyBlank.test(character);

/** What is seen of a text: without white space and invisible characters, those within an emoji included. */
export const withoutBlanks = (text: string): string => text.replace(eachBlank, "");

/** `U+200B (zero width space)`, as Unicode names it; what it is where its name isn't known. */
export function describeInvisible(character: string): string {
  const digits = codePointOf(character).toString(16).padStart(4, "0");
  const key = `core/character-${digits}`;
  const name = hasText(key) ? say(key) : classify(character);
  return say("core/character", { code: `U+${digits.toUpperCase()}`, name });
}

function classify(character: string): string {
  const code = codePointOf(character);
  if (code > tags && code < tags + 0x7f) {
    return say("core/character-tag", { letter: JSON.stringify(String.fromCodePoint(code - tags)) });
  }
  if (/\p{Variation_Selector}/u.test(character)) return say("core/character-variation");
  if (/\p{Zs}/u.test(character)) return say("core/character-space");
  if (/\p{Cc}/u.test(character)) return say("core/character-control");
  return say(/\p{Cf}/u.test(character) ? "core/character-format" : "core/character-invisible");
}

/** From here on, ASCII is there a second time, unseen. */
const tags = 0xe0000;

const codePointOf = (character: string): number => character.codePointAt(0) ?? 0;
