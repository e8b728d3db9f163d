import { expect, test } from "@jest/globals";
import type { Problem } from "../../src/manifest/problems.ts";
import { parseYaml } from "../../src/manifest/yaml/parse.ts";

function findFaults(text: string) {
  const found: { at: string; complaint: Problem }[] = [];
  parseYaml("a.yaml", text, (at, complaint) => found.push({ at: `${at?.line}:${at?.column}`, complaint }));
  return found;
}

test.each([
  ["a: {b: c\nd: e\n", ["1:4 the { on line 1 isn't closed; write } where the map ends"]],
  ["x: 1\na:\n  [b,\n  c\nd: e\n", ["3:3 the [ on line 3 isn't closed; write ] where the list ends"]],
  ["a: {b: [c}\nd: e\n", ["1:8 the [ on line 1 isn't closed; write ] before the } on line 1"]],
  ["a: [{b: c]\n", ["1:5 the { on line 1 isn't closed; write } before the ] on line 1"]],
  [
    "a: {\n b: [c\n",
    [
      "1:4 the { on line 1 isn't closed; write } where the map ends",
      "2:5 the [ on line 2 isn't closed; write ] where the list ends",
    ],
  ],
  ["a: {b: 'x\nc: d\n", ["1:8 the ' on line 1 isn't closed; write ' where the string ends"]],
  ['a: 1\nb: "x\\"\nc: d\n', ['2:4 the " on line 2 isn\'t closed; write " where the string ends']],
  [
    "a: 'x\n  b: 'y'\nc: d\n",
    [
      "1:4 the ' on line 1 is closed on line 2, and more text follows; write ' where the string ends on line 1",
    ],
  ],
  [
    "a: 'it's'\n",
    ["1:8 the quoted string ends here, and more text follows; write '' for a ' inside the string"],
  ],
  ["{a: b\n---\nc: d\n---\n[e\n", ["1:1 the {", "5:1 the ["]],
  [`a: ${"[".repeat(3)}\n`, ["1:4 the [ on line 1"]],
])("of %j it is said what was opened, and where", (text, expected) => {
  const faults = findFaults(text).map(({ at, complaint }) => `${at} ${complaint.message}; ${complaint.hint}`);
  expect(faults).toEqual(expected.map((one) => expect.stringContaining(one)));
});

test("brackets nested deeper than any stack are told of too", () => {
  const [first] = findFaults(`a: ${"[".repeat(30_000)}`);
  expect(first?.complaint.code).toBe("yaml-syntax");
});

test.each([
  "a: }\n",
  "a:\n - b\n c: d\n",
  "a: b: c\n",
  "%FOO\n---\na: b\n",
  "a: @b\n",
  "a: |x\n b\n",
  "? a\nb\n",
  "a\nb: c\n",
  "a: !<x b\n",
  "a: !x b\n",
  "a: &\n",
  "a: *b\n",
  "a: &x &y b\n",
  'a: "\\q"\n',
  "a:\n\t- b\n",
  "- a\nb: c\n",
  "--- a: b\n",
  "a: {b c: d,, e}\n",
  "a: 1\n b: 2\n",
  "a: - b\n",
  "a: b #c\n  d\n",
])("for %j there is a next move", (text) => {
  const faults = findFaults(text);
  expect(faults.length).toBeGreaterThan(0);
  for (const { complaint } of faults) expect(complaint.hint).toMatch(/\w/u);
});
