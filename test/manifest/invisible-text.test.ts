import { expect, test } from "@jest/globals";
import { isError } from "../../src/core/diagnostic.ts";
import { boxManifest, type Files, loadFiles, manifest } from "./toy-project.ts";

const zero = "\u200b";
const tag = "\u{e0041}";

/** What is told of a project with one thing in a box: `file:line:column message`. */
async function tell(spec: readonly string[], more: Files = {}, variables: Record<string, string> = {}) {
  const files = {
    "a.yaml": boxManifest,
    "t.yaml": manifest("Thing", "mug", ["box: crate", ...spec]),
    ...more,
  };
  const { diagnostics, resources } = await loadFiles(files, { variables });
  expect(diagnostics.filter(isError)).toEqual([]);
  expect(resources).toHaveLength(2);
  return diagnostics.map(({ at, code, severity, message }) => {
    expect([code, severity]).toEqual(["invisible-character", "warning"]);
    return `${at?.file}:${at?.line}:${at?.column} ${message}`;
  });
}

test.each<[string, readonly string[], string]>([
  ["a plain text", [`name: m${zero}`], "t.yaml:6:10 this text contains U+200B (zero width space)"],
  [
    "a text in quotes, behind an escape",
    [`name: "\\t${zero}"`],
    "t.yaml:6:12 this text contains U+200B (zero width space)",
  ],
  [
    "a text in single quotes",
    [`name: 'it''s${zero}'`],
    "t.yaml:6:15 this text contains U+200B (zero width space)",
  ],
  ["an escape, at its text", ['name: "m\\u200b"'], "t.yaml:6:9 this text contains U+200B (zero width space)"],
  [
    "a block",
    ["name: mug", "note: |", "  你好", `  请${zero}忽略`],
    "t.yaml:9:6 this text contains U+200B (zero width space)",
  ],
  [
    "a folded block with a comment beside its sign",
    ["name: mug", `note: >- # ${zero}`, "  你好", `  请${zero}忽略`],
    "t.yaml:9:6 this text contains U+200B (zero width space)",
  ],
  [
    "a tag, of which a column is two units",
    ["name: mug", `note: a${tag}${tag}`],
    't.yaml:7:10 this text contains U+E0041 (a tag character for "A") 2 times',
  ],
  [
    "an odd space, counted",
    ["name: mug", "note: |", "  \u3000甲", "  \u3000\u3000乙"],
    "t.yaml:8:5 this text contains U+3000 (ideographic space) 3 times",
  ],
  [
    "a text in a list",
    ["name: mug", `tags: [a, "b${zero}"]`],
    "t.yaml:7:15 this text contains U+200B (zero width space)",
  ],
  [
    "a text in a map",
    ["name: mug", "labels:", `  color: re${zero}d`],
    "t.yaml:8:14 this text contains U+200B (zero width space)",
  ],
  [
    "bidirectional controls",
    [`name: m\u202e`],
    "t.yaml:6:10 this text contains U+202E (right-to-left override)",
  ],
])("%s is told of where it stands", async (_what, spec, expected) => {
  expect(await tell(spec)).toEqual([expected]);
});

test("what stands in a text's own file has its place there", async () => {
  const file = { "notes/a.md": `# 你好\r\n\r\n请${zero}忽${zero}略\u00a0\r\n` };
  expect(await tell(["name: mug", "note: {file: notes/a.md}"], file)).toEqual([
    "notes/a.md:3:2 this text contains U+200B (zero width space) 2 times",
    "notes/a.md:3:6 this text contains U+00A0 (no-break space)",
  ]);
});

test("what a variable brings has the place of its interpolation", async () => {
  const variables = { plain: "b", odd: `x${zero}` };
  expect(
    await tell(["name: ${var.odd}", "note: |", "  a ${var.plain}", "  c ${var.odd} d"], {}, variables),
  ).toEqual([
    "t.yaml:6:9 this text contains U+200B (zero width space)",
    "t.yaml:9:7 this text contains U+200B (zero width space)",
  ]);
});

test("items of a for_each tell of the place that they share once, and of their own", async () => {
  const thing = [
    "apiVersion: cozeform/v1",
    "kind: Thing",
    "metadata:",
    "  name: mug",
    `  for_each: {a: {note: "甲"}, b: {note: "乙${zero}"}, c: {note: "丙"}}`,
    `spec: {box: crate, name: "\${each.key}\u3000", note: "\${each.value.note}"}`,
    "",
  ].join("\n");
  const { diagnostics } = await loadFiles({ "a.yaml": boxManifest, "t.yaml": thing });
  expect(diagnostics.map(({ at, message }) => `${at?.line}:${at?.column} ${message}`)).toEqual([
    '5:42 this text contains U+200B (zero width space) (Thing.mug["b"])',
    '6:38 this text contains U+3000 (ideographic space) (all 3 items: Thing.mug["a"], Thing.mug["b"], Thing.mug["c"])',
  ]);
});

test("emoji, Chinese punctuation and line ends are no surprise", async () => {
  const text = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u2764\ufe0f 1\ufe0f\u20e3 “你好”。";
  expect(await tell(["name: mug", "note: |", `  ${text}`])).toEqual([]);
  expect(await tell(["name: mug", 'brief: "a\\tb\\r\\n"'])).toEqual([]);
});

test("addresses and ids are refused for what is hidden in them, and not warned of beside that", async () => {
  const spec = ["box: crate", "name: mug", `site: "https://a.example/${zero}"`, `code: "123${zero}"`];
  const { diagnostics } = await loadFiles({
    "a.yaml": boxManifest,
    "t.yaml": manifest("Thing", "mug", spec),
  });
  expect(diagnostics.map(({ at, code }) => `${at?.line} ${code}`)).toEqual(["7 malformed", "8 malformed"]);
});

test("values of which nothing is known aren't searched", async () => {
  expect(await tell(["name: mug", `extra: {x: "a${zero}"}`])).toEqual([]);
});

test("what checks say goes to a model, what they expect doesn't", async () => {
  const { diagnostics } = await loadFiles({
    "a.yaml": boxManifest,
    "t.yaml": `${manifest("Thing", "mug", ["box: crate", "name: mug"])}checks:\n- {name: a, say: "b${zero}", expect: {text: "c${zero}"}}\n`,
  });
  expect(diagnostics.filter(({ code }) => code === "invisible-character").map(({ at }) => at)).toEqual([
    { file: "t.yaml", line: 8, column: 20 },
  ]);
});
