import { describe, expect, test } from "@jest/globals";
import type { Resource } from "../../src/kind/resource.ts";
import { kinds } from "../../src/kinds/index.ts";
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

describe("patches of a for_each", () => {
  const thing = (name: string, rest: string) =>
    `apiVersion: cozeform/v1\nkind: Thing\nmetadata: {name: ${name}}\n${rest}`;
  const box = (name: string, rest: string) => thing(name, rest).replace("Thing", "Box");
  const things = (resources: readonly Resource[]) => resources.filter(({ kind }) => kind === "Thing");
  const family = (forEach: string) =>
    thing(`b, for_each: ${forEach}`, 'spec: {box: crate, name: "${each.key}", note: n}\n');
  const load = (forEach: string, patch: string) =>
    loadFiles({
      "cozeform.yaml": project,
      "a.yaml": boxManifest,
      "b.yaml": family(forEach),
      "prod/b.yaml": patch,
    });

  test("go over all its items, and those of one item over that one, at last", async () => {
    const patch = [
      thing("'b[\"x\"]', lifecycle: {prevent_destroy: true}", 'spec: {name: "one ${each.key}"}\n'),
      thing("b", 'spec: {name: "all ${each.key}", note: null}\n'),
    ].join("---\n");
    const { diagnostics, resources } = await load("[x, y]", patch);
    expect(diagnostics).toEqual([]);
    expect(
      things(resources).map(({ address, spec, lifecycle }) => [address, spec, lifecycle.preventDestroy]),
    ).toEqual([
      ['Thing.b["x"]', { box: { $ref: "Box.crate" }, name: "one x" }, true],
      ['Thing.b["y"]', { box: { $ref: "Box.crate" }, name: "all y" }, false],
    ]);
  });

  test("give one item labels, by which it may be excluded", async () => {
    const { diagnostics, resources } = await loadFiles({
      "cozeform.yaml": project.replace("prod/*.yaml]", "prod/*.yaml], exclude: [tier=lab]"),
      "a.yaml": boxManifest,
      "b.yaml": family("[x, y]"),
      "prod/b.yaml": thing("'b[\"x\"]', labels: {tier: lab}", ""),
    });
    expect(diagnostics).toEqual([]);
    expect(things(resources).map(({ address }) => address)).toEqual(['Thing.b["y"]']);
  });

  test("go over items that another patch adds", async () => {
    const patch = [
      thing("'b[\"z\"]'", "spec: {name: last}\n"),
      thing("b, for_each: {z: 3, x: null}", ""),
    ].join("---\n");
    const { diagnostics, resources } = await load("{x: 1, y: 2}", patch);
    expect(diagnostics).toEqual([]);
    expect(things(resources).map(({ spec }) => spec.name)).toEqual(["y", "last"]);
  });

  test.each([
    [
      "an item that isn't there",
      "[x1, y1]",
      "'b[\"x2\"]'",
      'Thing.b has no item "x2" to patch',
      'did you mean "x1"?',
    ],
    ["an item of none", "[]", "'b[\"x\"]'", 'Thing.b has no item "x" to patch', undefined],
    [
      "an item that wants to be several",
      "[x]",
      "'b[\"x\"]', for_each: [z]",
      "an item of a for_each can't have a for_each of its own",
      "patch the whole manifest by its name, without a key",
    ],
  ])("are refused for %s", async (_title, forEach, name, message, hint) => {
    const { diagnostics } = await load(forEach, thing(name, "spec: {name: a}\n"));
    expect(diagnostics).toMatchObject([{ message, at: { file: "prod/b.yaml", line: 3 } }]);
    expect(diagnostics[0]?.hint).toBe(hint);
  });

  test("are refused where there is no for_each, and a manifest itself can't be called like an item", async () => {
    const item = box("'crate[\"x\"]'", "spec: {name: a}\n");
    const { diagnostics } = await loadFiles({
      "cozeform.yaml": project,
      "a.yaml": boxManifest,
      "prod/p.yaml": item,
    });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'Box.crate has no for_each, so it has no item "x" to patch',
    ]);
    const named = await loadFiles({ "a.yaml": item });
    expect(named.diagnostics.map(brief)).toEqual(["a.yaml:3:18 malformed"]);
  });
});

describe("several patches", () => {
  const name = (text: string) => manifest("Box", "crate", [`name: ${text}`]);
  const load = async (patterns: string) => {
    const { diagnostics, resources } = await loadFiles({
      "cozeform.yaml": project
        .replace("[prod/*.yaml]", patterns)
        .replace("default_", "manifests: [a.yaml]\ndefault_"),
      "a.yaml": boxManifest,
      "prod/a.yaml": name("first"),
      "prod/b.yaml": `${name("second")}---\n${name("third")}`,
      "shared/a.yaml": name("shared"),
    });
    expect(diagnostics).toEqual([]);
    return resources.map(({ spec }) => spec.name);
  };

  test("of one address go over each other by file name, in a file one after the other", async () => {
    expect(await load("[prod/*.yaml]")).toEqual(["third"]);
    expect(await load("[prod/a.yaml]")).toEqual(["first"]);
  });

  test("go over each other in the order of their patterns", async () => {
    expect(await load("[shared/*.yaml, prod/a.yaml]")).toEqual(["first"]);
    expect(await load("[prod/a.yaml, shared/*.yaml]")).toEqual(["shared"]);
  });
});

test("items of a list are told apart by what their keys come to", async () => {
  const { diagnostics, resources } = await loadFiles({
    "cozeform.yaml": project.replace("patches", 'variables: {outlet: "7"}, patches'),
    "a.yaml": boxManifest,
    "t.yaml": manifest("Thing", "mug", [
      "box: crate",
      "name: mug",
      'outlets: [{id: "${var.outlet}", price: 1}]',
    ]),
    "prod/t.yaml": manifest("Thing", "mug", ['outlets: [{id: "7", price: 2}]']),
  });
  expect(diagnostics).toEqual([]);
  expect(resources.at(-1)?.spec.outlets).toEqual([{ id: "7", price: 2 }]);
});

test("checks are merged by name", async () => {
  const bot = (rest: string) => `apiVersion: cozeform/v1\nkind: Bot\nmetadata: {name: support}\n${rest}`;
  const { diagnostics, resources } = await loadFiles(
    {
      "cozeform.yaml": project,
      "b.yaml": bot(
        'spec: {workspace: {id: "1"}, name: 客服}\nchecks: [{name: 退货, say: 几天内可以退？, expect: 七天, within: 30s}]\n',
      ),
      "prod/b.yaml": bot(
        "checks: [{name: 退货, expect: {text: 十五天}}, {name: 发票, say: 开发票, expect: 订单号}]\n",
      ),
    },
    { kinds },
  );
  expect(diagnostics).toEqual([]);
  expect(resources[0]?.checks).toMatchObject([
    { name: "退货", say: "几天内可以退？", expect: { text: "十五天" }, within: 30, at: { file: "b.yaml" } },
    { name: "发票", say: "开发票", expect: { text: "订单号" }, within: 60, at: { file: "prod/b.yaml" } },
  ]);
});

describe("a patch that hits nothing is reported", () => {
  test.each([
    ["a key that is none", ["nome: null"], "prod/t.yaml:5:3", "spec.nome", 'did you mean "name"?'],
    [
      "a field that isn't given",
      ["site: null"],
      "prod/t.yaml:5:3",
      "spec.site",
      "known keys: box, name, note, tags, paint, source, tool, outlets, extra",
    ],
    [
      "a part of an object",
      ["paint: {code: null}"],
      "prod/t.yaml:5:11",
      "spec.paint.code",
      "known keys: color, gloss",
    ],
    [
      "a part of an item",
      ["outlets: [{id: '1', price: null}]"],
      "prod/t.yaml:5:23",
      "spec.outlets.1.price",
      "known keys: id",
    ],
  ])("when it takes away %s", async (_title, spec, place, path, hint) => {
    const { diagnostics } = await patched(spec);
    expect(diagnostics.map(brief)).toEqual([`${place} unknown-patch-target`]);
    expect(diagnostics[0]).toMatchObject({
      message: `this patch removes ${path}, which the manifest doesn't have`,
      hint,
    });
  });

  test.each(["", "spec: {}\n"])("when it says nothing: %j", async (rest) => {
    const { diagnostics } = await loadFiles({
      "cozeform.yaml": project,
      "a.yaml": boxManifest,
      "prod/p.yaml": `apiVersion: cozeform/v1\nkind: Box\nmetadata: {name: crate}\n${rest}`,
    });
    expect(diagnostics).toMatchObject([
      {
        code: "empty-patch",
        message: "this patch of Box.crate changes nothing",
        hint: "set the fields that differ under spec, or remove the patch",
        at: { file: "prod/p.yaml", line: 1 },
      },
    ]);
  });

  test("when it empties a list whose items are merged", async () => {
    const { diagnostics } = await patched(["outlets: []"]);
    expect(diagnostics.map(brief)).toEqual(["prod/t.yaml:5:12 empty-patch"]);
    expect(diagnostics[0]).toMatchObject({
      message: "the items of spec.outlets are merged by id, so an empty list changes nothing",
      hint: "write null to remove all of them",
    });
    expect((await patched(["outlets: null"])).diagnostics).toEqual([]);
    expect((await patched(["tags: []"])).diagnostics).toEqual([]);
  });

  test.each([
    ["name: null", "prod/t.yaml:5:9"],
    ["paint: {color: null}", "prod/t.yaml:5:18"],
  ])("and one that takes away what is needed, where it does so: %s", async (line, place) => {
    const { diagnostics } = await patched([line]);
    expect(diagnostics.map(brief)).toEqual([`${place} no-value`]);
  });

  test("and a misspelt key comes with the one that the manifest has", async () => {
    const { diagnostics } = await patched(["paint: {colour: red}", "nmae: cup"]);
    expect(diagnostics.map(({ message, hint }) => [message, hint])).toEqual([
      ['unknown key "colour" in spec.paint', 'did you mean "color"?'],
      ['unknown key "nmae" in spec', 'did you mean "name"?'],
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
