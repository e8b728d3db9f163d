import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isScalar, parseAllDocuments } from "yaml";
import { readPlain } from "../../src/manifest/yaml/plain-documents.ts";
import { toJson } from "../../src/manifest/yaml/source-tree.ts";

const pieces = fc.constantFrom(
  ...[
    "a",
    "b:",
    "c: ",
    "- ",
    "\n",
    "\n",
    "  ",
    " ",
    "# d",
    " #",
    '"e"',
    "'f'",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    "\t",
  ],
  ...[
    "&g ",
    "*g",
    "!!str ",
    "<<: ",
    "? ",
    "---\n",
    "...\n",
    "%",
    "1",
    "0x1",
    "1.50",
    "~",
    "null",
    "true",
    "\\n",
    "：",
    "@",
  ],
);
const lines = fc.array(
  fc.constantFrom(
    "a: b",
    "a:",
    "  b: [c, d]",
    "  c: {d: 1}",
    "- a",
    "  - b",
    "- 'b'# c",
    "[a]# c",
    '"d": "e f"',
    "# c",
    "---",
  ),
  {
    maxLength: 5,
  },
);
const texts = fc
  .tuple(lines, fc.array(pieces, { maxLength: 6 }), lines)
  .map(([before, middle, after]) => [...before, middle.join(""), ...after].join("\n"));

/** What the library reads; undefined of a text with an error or a warning. */
function readByLibrary(text: string): readonly unknown[] | undefined {
  const documents = [...parseAllDocuments(text, { uniqueKeys: false, merge: true, logLevel: "silent" })];
  if (documents.some(({ errors, warnings }) => errors.length + warnings.length > 0)) return undefined;
  return documents
    .filter(({ contents }) => !isScalar(contents) || contents.value !== null)
    .map((document) => document.toJS());
}

test("what is read as plain is what the library reads without fault", () => {
  let plain = 0;
  fc.assert(
    fc.property(texts, (text) => {
      const read = readPlain("a.yaml", text);
      if (!read) return;
      plain += 1;
      expect([text, read.map(({ root }) => toJson(root))]).toEqual([text, readByLibrary(text)]);
    }),
    { numRuns: 5000 },
  );
  expect(plain).toBeGreaterThan(100);
});

test.each([
  "a: &b c",
  "a: *b",
  "a: !!str b",
  "<<: {a: b}",
  "? a\n: b",
  "a:",
  "a: 0x1",
  "a: b\n...\n",
  "%YAML 1.2\n---\na: b",
  "a:\tb\n  c",
  "a: 'b",
])("%j is left to the library", (text) => {
  expect(readPlain("a.yaml", text)).toBeUndefined();
});
