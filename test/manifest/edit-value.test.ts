import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseDocument, stringify } from "yaml";
import type { Json } from "../../src/core/value.ts";
import { editYamlValues } from "../../src/manifest/yaml/edit-value.ts";

/** The place of the value behind a key, or of the key itself for a block or empty one. */
function placeOf(text: string, key: string) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const line = lines.findIndex((one) => new RegExp(`(^|[ {,])${key}:`, "u").test(one));
  const before = lines[line] ?? "";
  const start = before.indexOf(`${key}:`);
  const value = /^([ \t]*(?:&x )?)(.*)$/u.exec(before.slice(start + key.length + 1));
  const rest = value?.[2] ?? "";
  const ofKey = rest === "" || rest.startsWith("#");
  return { line: line + 1, column: 1 + (ofKey ? start : start + key.length + 1 + (value?.[1]?.length ?? 0)) };
}

const edit = (text: string, key: string, before: Json, after: Json) => {
  const made = editYamlValues(text, [{ at: placeOf(text, key), before, after }]);
  const [refused] = made.refused.values();
  return refused ? { refused } : { text: made.text };
};

const cases: readonly [name: string, text: string, before: Json, after: Json, expected: string][] = [
  ["a plain text", "a: 1\nv: old # why\nb: 2\n", "old", "new", "a: 1\nv: new # why\nb: 2\n"],
  ["a text in single quotes", "v: 'it''s'\n", "it's", "it's 1", "v: 'it''s 1'\n"],
  ["a text in double quotes", 'v: "a\\tb"   \nb: 2\n', "a\tb", 'a"b', 'v: "a\\"b"   \nb: 2\n'],
  ["a plain text that needs quotes", "v: old\n", "old", "yes: no", 'v: "yes: no"\n'],
  ["a plain text that looks like a number", "v: old\n", "old", "12", 'v: "12"\n'],
  ["a word that YAML 1.1 takes for a truth", "v: old\n", "old", "yes", 'v: "yes"\n'],
  ["a number", "v: 0.7 # warm\n", 0.7, 0.9, "v: 0.9 # warm\n"],
  ["a truth", "v: true\n", true, false, "v: false\n"],
  ["an empty value", "v:\nb: 2\n", null, "x", "v: x\nb: 2\n"],
  ["a block", "v: |\n  一\n  二\nb: 2\n", "一\n二\n", "一\n三\n", "v: |\n  一\n  三\nb: 2\n"],
  [
    "a block whose last line end goes",
    "v: | # why\n    一\nb: 2\n",
    "一\n",
    "二",
    "v: |- # why\n    二\nb: 2\n",
  ],
  ["a block before an empty line", "v: |\n  一\n\nb: 2\n", "一\n", "二\n", "v: |\n  二\n\nb: 2\n"],
  [
    "a block that begins with blanks",
    "s:\n  v: |\n    一\n",
    "一\n",
    "  二\n三\n",
    "s:\n  v: |2\n      二\n    三\n",
  ],
  ["a folded block", "v: >\n  a\n  b\n", "a b\n", "a\nb\n", "v: |\n  a\n  b\n"],
  [
    "a plain text that gets lines",
    "s:\n  v: old\n  b: 2\n",
    "old",
    "a\nb",
    "s:\n  v: |-\n    a\n    b\n  b: 2\n",
  ],
  ["a text in a flow map", "s: {a: 1, v: old, b: 2}\n", "old", "n, w", 's: {a: 1, v: "n, w", b: 2}\n'],
  ["lines in a flow map", "s: {v: old}\n", "old", "a\nb", 's: {v: "a\\nb"}\n'],
  [
    "CRLF",
    "a: 1\r\nv: |\r\n  一\r\n  二\r\nb: 2\r\n",
    "一\n二\n",
    "一\n三\n四\n",
    "a: 1\r\nv: |\r\n  一\r\n  三\r\n  四\r\nb: 2\r\n",
  ],
  ["mixed line ends", "a: 1\r\nv: x\nb: 2\r\n", "x", "w", "a: 1\r\nv: w\nb: 2\r\n"],
  ["the second document", "v2: x\n---\nv: x # why\n", "x", "w", "v2: x\n---\nv: w # why\n"],
  ["an anchor of its own", "v: &x old\nb: 2\n", "old", "new", "v: &x new\nb: 2\n"],
  [
    "an item of a list",
    "v:\n  - a # one\n  - b # two\n  - c\nb: 2\n",
    ["a", "b", "c"],
    ["a", "d", "c"],
    "v:\n  - a # one\n  - d\n  - c\nb: 2\n",
  ],
  ["items at both ends", "v:\n- a\n- b\n", ["a", "b"], ["z", "a", "b", "c"], "v:\n- z\n- a\n- b\n- c\n"],
  ["a flow list", "v: [a, 'b',  c] # why\n", ["a", "b", "c"], ["b", "d, e"], "v: ['b', \"d, e\"] # why\n"],
  ["an emptied list", "v:\n  - a\n  - b\nb: 2\n", ["a", "b"], [], "v: []\nb: 2\n"],
  ["a filled list", "v: []\nb: 2\n", [], ["a"], "v: [a]\nb: 2\n"],
  [
    "values of a map",
    "v:\n  x: 1 # one\n  y: |\n    t\n",
    { x: 1, y: "t\n" },
    { x: 2, y: "u\n" },
    "v:\n  x: 2 # one\n  y: |\n    u\n",
  ],
  ["keys of a map", "v: {x: 1}\n", { x: 1 }, { x: 1, z: 2 }, "v: {x: 1, z: 2}\n"],
];

describe("an edit changes in its own style", () => {
  test.each(cases)("%s", (_, text, before, after, expected) => {
    expect(edit(text, "v", before, after)).toEqual({ text: expected });
  });
});

test.each([
  ["a value that an alias puts in", "a: &x old\nv: *x\n", "old", "alias"],
  ["a value that an alias repeats", "v: &x old\na: *x\n", "old", "alias"],
  ["a value that is another one", "v: ${var.x}\n", "old", "other"],
  ["a list of another length", "v: [a]\n", ["a", "b"], "other"],
])("an edit is refused of %s", (_, text, before, refused) => {
  expect(edit(text, "v", before, "new")).toEqual({ refused });
});

const texts = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc
    .array(
      fc.constantFrom("a", "，", " ", "\n", "#", ":", "'", '"', "- ", "|", "你", "\t", "%", "@", "{", "]"),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);
const styles = fc.constantFrom("PLAIN", "QUOTE_SINGLE", "QUOTE_DOUBLE", "BLOCK_LITERAL", "BLOCK_FOLDED");

const entries: readonly [
  name: string,
  text: string,
  before: Json,
  after: Json | undefined,
  expected: string,
][] = [
  ["a key of a block map", "s:\n  a: 1\n  v: old # why\n  b: 2\n", "old", undefined, "s:\n  a: 1\n  b: 2\n"],
  ["the last key of a file without a line end", "a: 1\nv: old", "old", undefined, "a: 1\n"],
  ["a block text", "v: |\n  一\n  二\nb: 2\n", "一\n二\n", undefined, "b: 2\n"],
  ["a block map", "v:\n  x: 1\n  y: 2\nb: 2\n", { x: 1, y: 2 }, undefined, "b: 2\n"],
  ["a block list with CRLF", "v:\r\n- 1\r\n- 2\r\nb: 2\r\n", [1, 2], undefined, "b: 2\r\n"],
  ["the first key of a flow map", "s: {v: old, b: 2}\n", "old", undefined, "s: {b: 2}\n"],
  ["the last key of a flow map", "s: {a: 1, v: old}\n", "old", undefined, "s: {a: 1}\n"],
  ["added to a block map", "v:\n  a: 1 # one\nb: 2\n", {}, { c: "x" }, "v:\n  a: 1 # one\n  c: x\nb: 2\n"],
  [
    "added lines to a block map",
    "v:\n  a: |\n    x\n\nb: 2\n",
    {},
    { c: "x\ny" },
    "v:\n  a: |\n    x\n  c: |-\n    x\n    y\n\nb: 2\n",
  ],
  ["added to a flow map", "v: {a: 1}\n", {}, { c: [1], d: "x" }, "v: {a: 1, c: [1], d: x}\n"],
  ["added to an empty map", "v: {}\n", {}, { c: 1 }, "v: {c: 1}\n"],
  ["added at the end of a file", "v:\n  a: 1", {}, { c: 1 }, "v:\n  a: 1\n  c: 1\n"],
];

test.each(entries)("a key goes or comes: %s", (_, text, before, after, expected) => {
  expect(editYamlValues(text, [{ at: placeOf(text, "v"), before, after }]).text).toBe(expected);
});

/** The text without some keys, and how many of them stay because the map would be empty without them. */
const removals: readonly (readonly [
  text: string,
  keys: readonly string[],
  expected: string,
  left: number,
])[] = [
  ["v: {a: 1, b: 2, c: 3}\n", ["b", "c"], "v: {a: 1}\n", 0],
  ["v: {a: 1, b: 2, c: 3, d: 4}\n", ["b", "d"], "v: {a: 1, c: 3}\n", 0],
  ["v: {a: 1, b: 2, c: 3}\n", ["a", "c"], "v: {b: 2}\n", 0],
  ["v: {a: 1, b: 2, c: 3}\n", ["a", "b"], "v: {c: 3}\n", 0],
  ["v: {a: 1, b: 2}\n", ["a", "b"], "v: {b: 2}\n", 1],
  ["v:\n  a: 1\n  b: 2\n  c: 3\n", ["b", "c"], "v:\n  a: 1\n", 0],
  ["v:\n  a: 1\n  b: 2\n", ["a", "b"], "v:\n  b: 2\n", 1],
];

test.each(removals)("several keys go at once: of %j %j", (text, keys, expected, left) => {
  const edits = keys.map((key) => ({ at: placeOf(text, key), before: 0, after: undefined }));
  const made = editYamlValues(text, edits);
  expect([made.text, made.refused.size]).toEqual([expected, left]);
});

test("a key that is alone in its map, or shares a line with a dash, isn't taken out", () => {
  for (const text of ["v: old\n", "- v: old\n  b: 2\n"]) {
    const made = editYamlValues(text, [{ at: placeOf(text, "v"), before: "old", after: undefined }]);
    expect([made.text, [...made.refused.values()]]).toEqual([text, ["other"]]);
  }
});

test("any text becomes any other one in every style, and no other byte changes", () => {
  fc.assert(
    fc.property(texts, texts, styles, fc.boolean(), fc.boolean(), (before, after, style, crlf, flow) => {
      const value = stringify(
        { k: before },
        {
          defaultStringType: style as never,
          defaultKeyType: "PLAIN",
          lineWidth: 0,
          ...(flow ? { collectionStyle: "flow" as const } : {}),
        },
      );
      const [head, tail] = ["a: 1 # one\n", "b: [x,  'y'] # two\nc: |\n  text\n"];
      const written = flow ? `v: ${value}` : `v:\n${value.replaceAll(/^(?=.)/gmu, "  ")}`;
      const lf = `${head}${written}${tail}`;
      fc.pre(
        parseDocument(lf).errors.length === 0 &&
          (parseDocument(lf).toJS() as { v: { k: string } }).v?.k === before,
      );
      const text = crlf ? lf.replaceAll("\n", "\r\n") : lf;
      const edited = edit(text, "k", before, after);
      if (!("text" in edited)) throw new Error(edited.refused);
      const made = parseDocument(edited.text);
      expect(made.errors).toEqual([]);
      expect((made.toJS() as { v: { k: string } }).v.k).toBe(after);
      const end = (one: string) => (crlf ? one.replaceAll("\n", "\r\n") : one);
      expect(edited.text.startsWith(end(head))).toBe(true);
      expect(edited.text.endsWith(end(tail))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("any list becomes any other one, and the items that stay keep their comments", () => {
  const lists = fc.array(fc.constantFrom("a", "b", "c", "你好", "d: e", "- f"), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(
      lists,
      fc.array(fc.constantFrom("a", "b", "c", "你好", "d: e", "x"), { maxLength: 6 }),
      fc.boolean(),
      (before, after, indented) => {
        const margin = indented ? "    " : "  ";
        const lines = before.map((item) => `${margin}- ${JSON.stringify(item)} # ${item}\n`);
        const text = `s:\n  v:\n${lines.join("")}  b: 2 # two\n`;
        const edited = edit(text, "v", before, after);
        if (!("text" in edited)) throw new Error(edited.refused);
        const made = parseDocument(edited.text).toJS() as { s: { v: string[]; b: number } };
        expect(made).toEqual({ s: { v: after, b: 2 } });
        expect(edited.text.endsWith("  b: 2 # two\n")).toBe(true);
      },
    ),
  );
});
