// What Coze or a file holds could otherwise move the cursor, recolour the terminal, or turn a line's direction round.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A text that is safe to print: controls as escapes. Line breaks stay. */
export const printable = (text: string): string =>
  text.replace(unsafe, (character) => shorts[character] ?? escapeCharacter(character));

/** A text that is safe to print, on one line. */
export const printableLine = (text: string): string => printable(text).replaceAll("\n", "\\n");

const shorts: { readonly [character: string]: string } = { "\t": "\\t", "\r": "\\r" };

const escapeCharacter = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
