import { expect, test } from "@jest/globals";
import fc from "fast-check";
import stringWidth from "string-width";
import { shorten, takeColumns, widthOf } from "../../src/report/styled-text.ts";

/** ASCII, Chinese, emoji, combining marks, escapes, and characters at the borders of the simple ranges. */
const characters = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(..."az 09~、。，：你好鿿一〟！｠") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "\u0301",
      "\u{1F469}\u200D\u{1F4BB}",
      "1\uFE0F\u20E3",
      "\u302A",
      "〰",
      "\u3000",
      "가",
      "\\u200b",
      "\\",
    ),
  },
);
const texts = fc.array(characters, { maxLength: 40 }).map((units) => units.join(""));

test("the width of a text is what string-width says", () => {
  fc.assert(fc.property(texts, (text) => widthOf(text) === stringWidth(text)));
});

test("the beginning of a text fits, and one more cluster wouldn't", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 0, max: 30 }), (text, columns) => {
      const taken = takeColumns(text, columns);
      expect(text.startsWith(taken)).toBe(true);
      expect(stringWidth(taken)).toBeLessThanOrEqual(columns);
      const [next] = new Intl.Segmenter().segment(text.slice(taken.length).replace(/^\\u200b/u, "123456"));
      if (next)
        expect(
          stringWidth(taken + (text.startsWith("\\u200b", taken.length) ? "123456" : next.segment)),
        ).toBeGreaterThan(columns);
    }),
  );
});

test("a text is shortened with an ellipsis where it doesn't fit", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 30 }), (text, columns) => {
      const short = shorten(text, columns);
      expect(stringWidth(short)).toBeLessThanOrEqual(columns);
      expect(short === text).toBe(stringWidth(text) <= columns);
    }),
  );
});
