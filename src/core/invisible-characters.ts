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

const anyHidden = new RegExp(hidden, "u");
const eachHidden = new RegExp(`${emoji}|(?<found>${hidden})`, "gu");
const eachBlank = new RegExp(`[ \\n]|${hidden}`, "gu");
const onlyBlank = new RegExp(`^(?:[ \\n]|${hidden})$`, "u");

/** Replaces every invisible character except those within an emoji. */
const replaceInvisible = (text: string, write: (character: string) => string): string =>
  // Most texts have none, and to look for emoji takes longer.
  anyHidden.test(text)
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
  if (!anyHidden.test(text)) return [];
  return [...text.matchAll(eachHidden)].flatMap(({ index, groups }) => {
    const character = groups?.found;
    return character === undefined || character in shorts ? [] : [{ offset: index, character }];
  });
}

/** Whether a character is white space or invisible, be it within an emoji. */
export const isBlank = (character: string): boolean => onlyBlank.test(character);

/** What is seen of a text: without white space and invisible characters, those within an emoji included. */
export const withoutBlanks = (text: string): string => text.replace(eachBlank, "");

/** `U+200B (zero width space)`; where the name isn't known, what it is. */
export function describeInvisible(character: string): string {
  const code = codePointOf(character);
  const number = code.toString(16).toUpperCase().padStart(4, "0");
  return `U+${number} (${names.get(code) ?? classify(code, character)})`;
}

function classify(code: number, character: string): string {
  if (code > tags && code < tags + 0x7f)
    return `a tag character for ${JSON.stringify(String.fromCodePoint(code - tags))}`;
  if (/\p{Variation_Selector}/u.test(character)) return "a variation selector";
  if (/\p{Zs}/u.test(character)) return "an odd space";
  if (/\p{Cc}/u.test(character)) return "a control character";
  return /\p{Cf}/u.test(character) ? "a format character" : "a character that draws nothing";
}

/** From here on, ASCII is there a second time, unseen. */
const tags = 0xe0000;

const codePointOf = (character: string): number => character.codePointAt(0) ?? 0;

// As Unicode calls them.
const names: ReadonlyMap<number, string> = new Map([
  [0x00, "null"],
  [0x08, "backspace"],
  [0x1b, "escape"],
  [0x7f, "delete"],
  [0x85, "next line"],
  [0xa0, "no-break space"],
  [0xad, "soft hyphen"],
  [0x034f, "combining grapheme joiner"],
  [0x061c, "arabic letter mark"],
  [0x115f, "hangul choseong filler"],
  [0x1160, "hangul jungseong filler"],
  [0x180e, "mongolian vowel separator"],
  [0x2002, "en space"],
  [0x2003, "em space"],
  [0x2007, "figure space"],
  [0x2009, "thin space"],
  [0x200a, "hair space"],
  [0x200b, "zero width space"],
  [0x200c, "zero width non-joiner"],
  [0x200d, "zero width joiner"],
  [0x200e, "left-to-right mark"],
  [0x200f, "right-to-left mark"],
  [0x2028, "line separator"],
  [0x2029, "paragraph separator"],
  [0x202a, "left-to-right embedding"],
  [0x202b, "right-to-left embedding"],
  [0x202c, "pop directional formatting"],
  [0x202d, "left-to-right override"],
  [0x202e, "right-to-left override"],
  [0x202f, "narrow no-break space"],
  [0x2060, "word joiner"],
  [0x2062, "invisible times"],
  [0x2063, "invisible separator"],
  [0x2064, "invisible plus"],
  [0x2066, "left-to-right isolate"],
  [0x2067, "right-to-left isolate"],
  [0x2068, "first strong isolate"],
  [0x2069, "pop directional isolate"],
  [0x2800, "braille pattern blank"],
  [0x3000, "ideographic space"],
  [0x3164, "hangul filler"],
  [0xfe0e, "variation selector-15"],
  [0xfe0f, "variation selector-16"],
  [0xfeff, "zero width no-break space"],
  [0xffa0, "halfwidth hangul filler"],
  [0xe0001, "language tag"],
  [0xe007f, "cancel tag"],
]);
