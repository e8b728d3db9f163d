import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { stringify } from "yaml";
import { parseYaml } from "../../src/manifest/yaml/parse.ts";
import type { ParsedDocument } from "../../src/manifest/yaml/plain-documents.ts";

// Sound texts are read in one pass, and faulty ones with care: with a fault at its end a text is read in the other way.
const fault = "---\nfault: [1\n";

const read = (text: string): readonly ParsedDocument[] => parseYaml("a.yaml", text, () => {});

const layouts = fc.record({
  collectionStyle: fc.constantFrom<"any" | "block" | "flow">("any", "block", "flow"),
  defaultStringType: fc.constantFrom<"PLAIN" | "QUOTE_DOUBLE" | "BLOCK_LITERAL" | "BLOCK_FOLDED">(
    "PLAIN",
    "QUOTE_DOUBLE",
    "BLOCK_LITERAL",
    "BLOCK_FOLDED",
  ),
  lineWidth: fc.constantFrom(0, 20, 80),
  indent: fc.constantFrom(1, 2, 4),
});

const words = fc.constantFrom(
  "a",
  "名称：",
  "b ${var.c}",
  "x\ny",
  " z",
  "12345678901234567890",
  "yes",
  "😀",
  "",
);

const values = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.jsonValue({ maxDepth: 0 }), words, tie("list"), tie("map")),
  list: fc.array(tie("value"), { maxLength: 4 }),
  map: fc.dictionary(fc.oneof(words, fc.string()), tie("value"), { maxKeys: 4 }),
})).value;

test("values and places in a sound text are those that a faulty one shows", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(values, layouts), { minLength: 1, maxLength: 3 }), (documents) => {
      const text = documents.map(([value, layout]) => `---\n${stringify(value, layout)}`).join("");
      expect(read(text)).toEqual(read(`${text}${fault}`).slice(0, -1));
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["anchors and merged maps", "a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n"],
  [
    "comments and empty documents",
    "# c\n--- \n...\n---\na: |\n  text\n\n  more # no comment\n---\n- 1\n- [a, b]\n",
  ],
  ["keys that aren't strings", "1: a\ntrue: b\n? c\n: d\n"],
  ["escapes", "a: \"\\u0024{env.B} ${env.C}\"\nd: 'it''s'\n"],
  ["a byte order mark within a text", "a: \ufeffb\n"],
])("%s are read alike in both ways", (_, text) => {
  const documents = read(text);
  expect(documents.length).toBeGreaterThan(0);
  expect(documents).toEqual(read(`${text}${fault}`).slice(0, -1));
});
