import { describe, expect, test } from "@jest/globals";
import { boxManifest, brief, loadFiles, manifest } from "./toy-project.ts";

const project = `apiVersion: cozeform/v1
kind: Project
default_environment: prod
environments:
  prod: {patches: [prod/*.yaml]}
  test: {}
`;

const mug = manifest("Thing", "mug", [
  "box: crate",
  "name: mug",
  "note: {file: note.md}",
  "tags: [a, b]",
  "paint: {color: red, gloss: 1}",
  "source: {url: a, hours: 2}",
  "tool: {lookup: {name: saw}}",
  "outlets: [shop, {id: '7', price: 1}]",
  "extra: {a: {b: 1, c: 2}}",
]);

const patched = async (spec: readonly string[], metadata = "") => {
  const patch = manifest("Thing", "mug", spec).replace("{name: mug}", `{name: mug${metadata}}`);
  return loadFiles({
    "cozeform.yaml": project,
    "a.yaml": boxManifest,
    "t.yaml": mug,
    "prod/t.yaml": patch,
    "note.md": "hi",
    "t.txt": "t",
  });
};

const t = {
  $file: "t.txt",
  sha256: "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8",
  size: 1,
};

const unpatched = {
  box: { $ref: "Box.crate" },
  name: "mug",
  note: "hi",
  tags: ["a", "b"],
  paint: { color: "red", gloss: 1 },
  source: { url: "a", hours: 2 },
  tool: { $lookup: { name: "saw" } },
  outlets: [{ id: "1" }, { id: "7", price: 1 }],
  extra: { a: { b: 1, c: 2 } },
};

describe("a patch is merged over the manifest of its address", () => {
  test.each([
    ["a value is replaced", ["name: cup"], { name: "cup" }],
    ["a key is added", ["size: 3"], { size: 3 }],
    ["a key is taken away by null", ["tags: null"], { tags: undefined }],
    ["an object is merged", ["paint: {gloss: 2}"], { paint: { color: "red", gloss: 2 } }],
    [
      "a free map is merged all the way down",
      ["extra: {a: {c: 3}, d: 4}"],
      { extra: { a: { b: 1, c: 3 }, d: 4 } },
    ],
    ["a list is replaced", ["tags: [c]"], { tags: ["c"] }],
    [
      "a list whose items have a key is merged by it",
      ["outlets: [web, {id: '1', price: 5}, {id: '7', price: null}]"],
      { outlets: [{ id: "1", price: 5 }, { id: "7" }, { id: "2" }] },
    ],
    ["one form of a text replaces another", ["note: hello"], { note: "hello" }],
    ["one form of a reference replaces another", ['tool: {id: "5"}'], { tool: "5" }],
    ["one alternative replaces another", ["source: {file: t.txt}"], { source: { hours: 2, file: t } }],
  ])("%s", async (_title, spec, expected) => {
    const { diagnostics, resources } = await patched(spec);
    const thing = resources.find(({ kind }) => kind === "Thing");
    expect(diagnostics).toEqual([]);
    expect(thing?.spec).toEqual({ ...unpatched, ...expected });
  });

  test("and what it changes is located in the patch", async () => {
    const { resources } = await patched(["paint: {gloss: 2}"]);
    const [, thing] = resources;
    expect(thing?.locate(["paint", "gloss"])).toEqual({ file: "prod/t.yaml", line: 5, column: 18 });
    expect(thing?.locate(["paint", "color"])).toEqual({ file: "t.yaml", line: 9, column: 18 });
    expect(thing?.at.file).toBe("t.yaml");
  });

  test("and so is what it gets wrong", async () => {
    const { diagnostics } = await patched(
      ["size: big", "colour: red", "paint: {gloss: x}"],
      ", lifecycle: {prevent: true}",
    );
    expect(diagnostics.map(brief)).toEqual([
      "prod/t.yaml:3:35 unknown-key",
      "prod/t.yaml:5:9 wrong-type",
      "prod/t.yaml:6:3 unknown-key",
      "prod/t.yaml:7:18 wrong-type",
    ]);
  });

  test("and only in the environment that names it", async () => {
    const files = {
      "cozeform.yaml": project,
      "a.yaml": boxManifest,
      "prod/a.yaml": manifest("Box", "crate", ["name: other"]),
    };
    const names = async (environment: string) =>
      (await loadFiles(files, { environment })).resources.map(({ spec }) => spec.name);
    expect(await names("prod")).toEqual(["other"]);
    expect(await names("test")).toEqual(["crate"]);
  });

  test("metadata too: lifecycle, and the items of for_each", async () => {
    const many = (items: string, spec: string) =>
      `apiVersion: cozeform/v1\nkind: Box\nmetadata: {name: b, for_each: ${items}}\n${spec}`;
    const { diagnostics, resources } = await loadFiles({
      "cozeform.yaml": project,
      "b.yaml": many("{x: 1, y: 2}", 'spec: {name: "${each.key}${each.value}"}\n'),
      "prod/b.yaml": many("{y: 3, z: 4, x: null}, lifecycle: {prevent_destroy: true}", ""),
    });
    expect(diagnostics).toEqual([]);
    expect(resources.map(({ spec, lifecycle }) => [spec.name, lifecycle.preventDestroy])).toEqual([
      ["y3", true],
      ["z4", true],
    ]);
  });
});

describe("a patch that can't be merged is reported", () => {
  const load = (patch: string) =>
    loadFiles({ "cozeform.yaml": project, "a.yaml": boxManifest, "prod/p.yaml": patch });

  test("when nothing has its address", async () => {
    const { diagnostics } = await load(manifest("Box", "crete", ["name: a"]));
    expect(diagnostics.map(brief)).toEqual(["prod/p.yaml:3:18 unknown-patch-target"]);
    expect(diagnostics[0]?.hint).toBe("did you mean Box.crate?");
  });

  test("when it has no address", async () => {
    const { diagnostics } = await load("apiVersion: cozeform/v1\nkind: Box\nspec: {name: a}\n");
    expect(diagnostics.map(brief)).toEqual(["prod/p.yaml:1:1 missing"]);
    const unknown = await load("kind: Bix\nmetadata: {name: crate}\n");
    expect(unknown.diagnostics.map(brief)).toEqual(["prod/p.yaml:1:7 unknown-kind"]);
  });

  test("and a pattern that matches nothing", async () => {
    const { diagnostics } = await loadFiles({ "cozeform.yaml": project, "a.yaml": boxManifest });
    expect(diagnostics).toMatchObject([{ code: "no-match", severity: "error", at: { line: 5, column: 20 } }]);
  });
});
