import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  describeInvisible,
  escapeInvisible,
  findInvisible,
  withoutBlanks,
} from "../../src/core/invisible-characters.ts";
import { writeJson } from "../../src/core/json-output.ts";
import { readJson } from "../../src/core/json-text.ts";

const family = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";
const rainbow = "\u{1f3f3}\ufe0f\u200d\u{1f308}";
const heart = "\u2764\ufe0f";
const keycap = "1\ufe0f\u20e3";
const health = "\u{1f9d1}\u{1f3fd}\u200d\u2695\ufe0f";

describe("what can't be seen is escaped", () => {
  test.each([
    ["a control", "a\u001b[2Jb", "a\\u001b[2Jb"],
    ["a tab and a carriage return", "a\tb\r\n", "a\\tb\\r\n"],
    ["a zero width space", "请\u200b忽略", "请\\u200b忽略"],
    ["a soft hyphen", "pass\u00adword", "pass\\u00adword"],
    ["a byte order mark within", "a\ufeffb", "a\\ufeffb"],
    ["a bidirectional override", "a\u202eb", "a\\u202eb"],
    ["tags", "a\u{e0041}\u{e007f}", "a\\u{e0041}\\u{e007f}"],
    ["a Hangul filler", "\u3164\uffa0\u115f", "\\u3164\\uffa0\\u115f"],
    ["a grapheme joiner", "a\u034f", "a\\u034f"],
    ["a variation selector beyond the BMP", "a\u{e0101}", "a\\u{e0101}"],
    ["an empty pattern of Braille", "\u2800", "\\u2800"],
    ["odd spaces", "\u00a0\u2009\u3000\u1680", "\\u00a0\\u2009\\u3000\\u1680"],
    ["separators of lines and paragraphs", "\u2028\u2029", "\\u2028\\u2029"],
    ["a selector behind a letter", "a\ufe0f", "a\\ufe0f"],
    ["a selector behind a digit without a keycap", "1\ufe0f", "1\\ufe0f"],
    ["a second selector", `${heart}\ufe0f`, `${heart}\\ufe0f`],
    ["a joiner between letters", "a\u200db", "a\\u200db"],
    ["a joiner behind an emoji alone", "\u{1f468}\u200da", "\u{1f468}\\u200da"],
    ["a second joiner", "\u{1f468}\u200d\u200d\u{1f469}", "\u{1f468}\\u200d\\u200d\u{1f469}"],
    ["a flag of tags", "\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}", "\u{1f3f4}\\u{e0067}\\u{e0062}\\u{e007f}"],
  ])("%s", (_what, text, shown) => {
    expect(escapeInvisible(text)).toBe(shown);
  });

  test.each([
    ["plain text", "a b\n你好，世界。·→"],
    ["a family", family],
    ["a heart", heart],
    ["a heart as text", "\u2764\ufe0e"],
    ["a keycap", keycap],
    ["a flag with a rainbow", rainbow],
    ["a skin tone before a joiner", health],
    ["a flag of letters", "\u{1f1e8}\u{1f1f3}"],
    ["several of them", `${family}${heart} ${keycap}你${rainbow}`],
  ])("but %s stays", (_what, text) => {
    expect(escapeInvisible(text)).toBe(text);
    expect(findInvisible(text)).toEqual([]);
    expect(writeJson(text)).toBe(JSON.stringify(text));
  });
});

test("tabs and carriage returns aren't told of, all else is, with its place", () => {
  expect(findInvisible(`a\t\r\n${heart}\u200b\u{e0041}`)).toEqual([
    { offset: 6, character: "\u200b" },
    { offset: 7, character: "\u{e0041}" },
  ]);
});

test("what is left of a text without blanks is what is seen of it, emoji without their joiners", () => {
  expect(withoutBlanks(` a\t\r\nb\u3000\u200b${heart}${family}`)).toBe("ab\u2764\u{1f468}\u{1f469}\u{1f467}");
});

test.each([
  ["\u200b", "U+200B (zero width space)"],
  ["\u3000", "U+3000 (ideographic space)"],
  ["\u{e0041}", 'U+E0041 (a tag character for "A")'],
  ["\u{e0101}", "U+E0101 (a variation selector)"],
  ["\u2004", "U+2004 (an unusual space)"],
  ["\u0007", "U+0007 (a control character)"],
  ["\u206a", "U+206A (a format character)"],
  ["\u17b4", "U+17B4 (an invisible character)"],
])("%j has a name", (character, described) => {
  expect(describeInvisible(character)).toBe(described);
});

// Written apart from the code: by what Unicode says of each character.
const isHidden = (character: string): boolean =>
  !/^[ \n]$/.test(character) &&
  /^[\p{C}\p{Z}\p{DI}\u2800]$/u.test(character) &&
  !/^[\p{Cn}\p{Co}\p{Cs}]$/u.test(character);

const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...`ab1#* \n\t\r\u00a0\u3000\u200b\u200d\ufe0f\ufe0e\u20e3\u{e0041}\u034f\u2800\u2764\u{1f468}\u{1f3fd}\\"`,
      ),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
  )
  .map((parts) => parts.join(""));

test("whatever a text is, nothing hidden is left in it but joiners and selectors behind an emoji", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const characters = [...escapeInvisible(text)];
      const left = characters.filter((character, index) => {
        const before = characters[index - 1] ?? "";
        const isHeld = /^[\u200d\ufe0e\ufe0f]$/.test(character) && /^(?:\p{Emoji}|\ufe0f)$/u.test(before);
        return isHidden(character) && !isHeld;
      });
      expect(left).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test("JSON is read back as the value that was written, and hides nothing", () => {
  fc.assert(
    fc.property(fc.dictionary(texts, fc.array(texts)), fc.constantFrom(undefined, 2), (value, indent) => {
      const json = writeJson(value, indent);
      expect(JSON.parse(json)).toEqual(value);
      expect(readJson(indent ? `${json}\n` : json)).toEqual({ value: JSON.parse(JSON.stringify(value)) });
      expect(findInvisible(json)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("JSON writes what is beyond the BMP as two escapes", () => {
  expect(writeJson({ "a\u200b": "\u{e0041}\u3000" })).toBe('{"a\\u200b":"\\udb40\\udc41\\u3000"}');
});
