import { describe, expect, test } from "@jest/globals";
import type { Project } from "../../src/manifest/load.ts";
import { boxManifest, brief, type Files, loadFiles } from "./toy-project.ts";

/** A manifest of things with `for_each` on line 3, from column 31 on. */
const things = (forEach: string, spec: string): string =>
  `apiVersion: cozeform/v1\nkind: Thing\nmetadata: {name: t, for_each: ${forEach}}\nspec: ${spec}\n`;

const load = (forEach: string, spec: string, files: Files = {}): Promise<Project> =>
  loadFiles({ "a.yaml": boxManifest, "t.yaml": things(forEach, spec), ...files });

const specs = ({ resources }: Project) =>
  Object.fromEntries(
    resources.filter(({ kind }) => kind === "Thing").map(({ address, spec }) => [address, spec]),
  );

const crate = { $ref: "Box.crate" };

describe("one manifest stands for many resources", () => {
  test("by the keys of a map, quoted or not", async () => {
    const project = await load(
      '{"4114791485511": red, 2069720456012: blue}',
      '{box: crate, name: "${each.value}", note: "n ${each.key}", color: "${each.value}"}',
    );
    expect(project.diagnostics).toEqual([]);
    expect(specs(project)).toEqual({
      'Thing.t["2069720456012"]': { box: crate, name: "blue", note: "n 2069720456012", color: "blue" },
      'Thing.t["4114791485511"]': { box: crate, name: "red", note: "n 4114791485511", color: "red" },
    });
  });

  test("a key that doesn't fit its field is shown where the key is", async () => {
    const project = await load("{abc: red, abcdefghijk: blue}", '{box: crate, name: "${each.key}"}');
    expect(project.diagnostics.map(brief)).toEqual(["t.yaml:3:42 wrong-length"]);
  });

  test("by maps, whose fields keep their types", async () => {
    const project = await load(
      "{a: {size: 3, on: true, paint: {color: red}}}",
      '{box: crate, name: a, size: "${each.value.size}", shiny: "${each.value.on}", paint: "${each.value.paint}", note: "${each.value.size} big"}',
    );
    expect(project.diagnostics).toEqual([]);
    expect(specs(project)).toEqual({
      'Thing.t["a"]': { box: crate, name: "a", size: 3, shiny: true, paint: { color: "red" }, note: "3 big" },
    });
  });

  test("by a list of texts and numbers", async () => {
    const project = await load("[x, 10, y]", '{box: crate, name: "${each.value}"}');
    expect(project.diagnostics).toEqual([]);
    expect(Object.keys(specs(project))).toEqual(['Thing.t["10"]', 'Thing.t["x"]', 'Thing.t["y"]']);
    expect(specs(project)['Thing.t["10"]']?.name).toBe("10");
  });

  test("by files, named from where the pattern begins to vary", async () => {
    const project = await load(
      '{files: "docs/faq/**/*.txt"}',
      '{box: crate, name: "${each.name}", source: {file: "${each.path}"}}',
      {
        "docs/faq/b.txt": "b",
        "docs/faq/退货/a.txt": "a",
        "docs/faq/skip.md": "no",
        "docs/other.txt": "no",
      },
    );
    expect(project.diagnostics).toEqual([]);
    expect(specs(project)).toMatchObject({
      'Thing.t["b.txt"]': { name: "b.txt", source: { file: { $file: "docs/faq/b.txt", size: 1 } } },
      'Thing.t["退货/a.txt"]': { name: "a.txt", source: { file: { $file: "docs/faq/退货/a.txt" } } },
    });
    expect(Object.keys(specs(project))).toHaveLength(2);
  });

  test("by one map named files, when it holds more than that", async () => {
    const project = await load('{files: "a", other: "b"}', '{box: crate, name: "${each.value}"}');
    expect(Object.keys(specs(project))).toEqual(['Thing.t["files"]', 'Thing.t["other"]']);
  });

  test("by files whose names macOS takes apart", async () => {
    const project = await load('{files: "*.txt"}', '{box: crate, name: a, source: {file: "${each.path}"}}', {
      "caf\u0065\u0301.txt": "a",
    });
    expect(Object.keys(specs(project))).toEqual(['Thing.t["caf\u00e9.txt"]']);
    expect(project.diagnostics).toEqual([]);
  });

  test("an empty list stands for none, and its manifest is still checked", async () => {
    const spec = '{box: crat, name: "${each.value}", colour: red, friends: ["${each.key}", cup]}';
    const project = await load("[]", spec);
    expect(specs(project)).toEqual({});
    expect(project.diagnostics.map(brief)).toEqual([
      "t.yaml:4:13 unknown-reference",
      "t.yaml:4:42 unknown-key",
      "t.yaml:4:80 unknown-reference",
    ]);
  });

  test("an item's own mistake is shown in the item", async () => {
    const project = await load(
      "{a: red, b: gren, c: grean}",
      '{box: crate, name: a, color: "${each.value}"}',
    );
    expect(project.diagnostics.map(brief)).toEqual(["t.yaml:3:43 unknown-word", "t.yaml:3:52 unknown-word"]);
    expect(Object.keys(specs(project))).toEqual(['Thing.t["a"]']);
  });

  test("a mistake of all items is shown once", async () => {
    const project = await load(
      "{a: 1, b: 2, c: 3}",
      '{box: crat, name: "${each.key}", size: 99, note: "${var.x}"}',
    );
    expect(project.diagnostics.map(brief)).toEqual([
      "t.yaml:4:13 unknown-reference",
      "t.yaml:4:46 out-of-range",
      "t.yaml:4:57 unset-variable",
    ]);
  });

  test.each([
    ["text", "3:31 wrong-type"],
    ["[a, {b: 1}]", "3:35 bad-for-each"],
    ["[a, b, a]", "3:38 bad-for-each"],
    ["[1, '1']", "3:35 bad-for-each"],
    ['{files: "none/*.txt"}', "3:39 no-match"],
    ['{files: "../*.txt"}', "3:39 outside-project"],
    ["{a: '${var.x}'}", "3:36 unset-variable"],
    ["{a: '${each.key}'}", "3:36 bad-interpolation"],
  ])("%s is reported", async (forEach, expected) => {
    const { diagnostics } = await load(forEach, '{box: crate, name: "${each.key}", note: "${each.value}"}');
    expect(diagnostics.map(brief)).toEqual([`t.yaml:${expected}`]);
  });

  test.each([
    ["${each.path}", "${each.path} doesn't exist", "available here: ${each.key}, ${each.value}"],
    ["${each.value.colr}", "this item of for_each has no value.colr", 'did you mean "color"?'],
    ["a ${each.value}", "only a string, a number or a boolean can be inserted into a text", undefined],
  ])("%s is reported", async (text, message, hint) => {
    const { diagnostics } = await load("{a: {color: red}}", `{box: crate, name: a, note: "${text}"}`);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ message: `${message} (Thing.t["a"])`, ...(hint && { hint }) });
  });

  test.each([
    ["{a: {}}", "its value is an empty map"],
    ["{a: b}", "its value isn't a map"],
  ])("the items of %s have no field", async (forEach, hint) => {
    const { diagnostics } = await load(forEach, '{box: crate, name: a, note: "${each.value.q}"}');
    expect(diagnostics).toMatchObject([{ code: "bad-interpolation", hint }]);
  });
});

test.each([
  ["{}", "${each.nam}", "available here: ${each.key}, ${each.value}"],
  ["{}", "${each.path}", "available here: ${each.key}, ${each.value}"],
  ["[]", "${each.vale}", "did you mean ${each.value}?"],
  ["[]", "${each.key.x}", "available here: ${each.key}, ${each.value}"],
  ["{files: none/*}", "${each.nam}", "did you mean ${each.name}?"],
])("what no item can have is told where %s has no item", async (forEach, text, hint) => {
  const { diagnostics } = await load(forEach, `{box: crate, name: a, note: "${text}"}`);
  const found = diagnostics.filter(({ code }) => code === "bad-interpolation");
  expect(found).toMatchObject([{ at: { line: 4 }, hint }]);
});

test.each(["${each.path}", "${each.name}", "${each.value}", "${each.key}"])(
  "%s is known of files that aren't there",
  async (text) => {
    const { diagnostics } = await load("{files: none/*}", `{box: crate, name: a, note: "${text}"}`);
    expect(diagnostics.map(brief)).toEqual(["t.yaml:3:39 no-match"]);
  },
);

describe("references to one of many", () => {
  const many = things("[a, b]", '{box: crate, name: "${each.value}"}');
  const refer = (friend: string, metadata = "") =>
    loadFiles({
      "a.yaml": boxManifest,
      "t.yaml": many,
      "u.yaml": `apiVersion: cozeform/v1\nkind: Thing\nmetadata: {name: u${metadata}}\nspec: {box: crate, name: u, friends: [${friend}]}\n`,
    });

  test("name their key", async () => {
    const { diagnostics, resources } = await refer(`'t["b"]'`);
    expect(diagnostics).toEqual([]);
    expect(resources.at(-1)?.dependencies).toEqual(["Box.crate", 'Thing.t["b"]']);
    expect(resources.at(-1)?.spec.friends).toEqual([{ $ref: 'Thing.t["b"]' }]);
  });

  test("say so when they don't", async () => {
    const { diagnostics } = await refer("t");
    expect(diagnostics.map(brief)).toEqual(["u.yaml:4:39 ambiguous-reference"]);
    expect(diagnostics[0]?.hint).toBe('refer to one of them: t["a"]');
  });

  test("say so when the key is another", async () => {
    const { diagnostics } = await refer(`'t["c"]'`);
    expect(diagnostics[0]).toMatchObject({ code: "unknown-reference", message: 'Thing.t has no key "c"' });
  });

  test("depends_on means all of them, or one", async () => {
    const all = await refer("", ", depends_on: [Thing.t]");
    expect(all.resources.at(-1)?.dependencies).toEqual(["Box.crate", 'Thing.t["a"]', 'Thing.t["b"]']);
    const one = await refer("", ", depends_on: ['Thing.t[\"b\"]']");
    expect(one.resources.at(-1)?.dependencies).toEqual(["Box.crate", 'Thing.t["b"]']);
  });
});
