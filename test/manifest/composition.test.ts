import { symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { isError } from "../../src/core/diagnostic.ts";
import type { Project } from "../../src/manifest/load.ts";
import { loadProject } from "../../src/manifest/load.ts";
import { toyKinds } from "./toy-kinds.ts";
import { boxManifest, brief, type Files, loadFiles, manifest, withDirectory } from "./toy-project.ts";

const projectFile = (...lines: readonly string[]): string =>
  ["apiVersion: cozeform/v1", "kind: Project", ...lines, ""].join("\n");

const specOf = ({ resources }: Project, address: string) =>
  resources.find((one) => one.address === address)?.spec;

const problems = ({ diagnostics }: Project) => diagnostics.map((one) => `${brief(one)} ${one.message}`);

describe("defaults are under every manifest of their kind", () => {
  const defaults = (...lines: readonly string[]) => ({
    "cozeform.yaml": projectFile(...lines),
    "box.yaml": boxManifest,
  });

  test("maps merge key by key, lists are replaced, null removes, and a required field isn't missing", async () => {
    const project = await loadFiles({
      ...defaults(
        "defaults:",
        "  Thing:",
        "    box: crate",
        "    tags: [a, b]",
        "    paint: {color: red, gloss: 2}",
        "    outlets: [shop]",
        "    size: 3",
        "    note: ${var.word}",
        "environments: {dev: {variables: {word: hi}}}",
      ),
      "t.yaml": manifest("Thing", "mug", [
        "name: mug",
        "tags: [c]",
        "paint: {gloss: 5}",
        "outlets: [web]",
        "size: null",
      ]),
      "u.yaml": manifest("Thing", "cup", ["name: cup"]),
    });
    expect(problems(project)).toEqual([]);
    const box = { $ref: "Box.crate" };
    const spec = {
      box,
      name: "mug",
      tags: ["c"],
      paint: { color: "red", gloss: 5 },
      outlets: [{ id: "2" }],
      note: "hi",
    };
    expect(specOf(project, "Thing.mug")).toEqual(spec);
    const paint = { color: "red", gloss: 2 };
    const whole = { box, name: "cup", tags: ["a", "b"], paint, outlets: [{ id: "1" }], size: 3, note: "hi" };
    expect(specOf(project, "Thing.cup")).toEqual(whole);
    expect(project.resources.find(({ address }) => address === "Thing.cup")?.dependencies).toEqual([
      "Box.crate",
    ]);
  });

  test("an environment's defaults go over the project's, under manifests, and patches over all", async () => {
    const files = {
      ...defaults(
        "default_environment: prod",
        "defaults: {Thing: {box: crate, size: 1, weight: 1, paint: {color: red, gloss: 1}, shiny: true}}",
        "environments:",
        "  prod:",
        "    defaults: {Thing: {size: 2, weight: 2, paint: {gloss: 2}, shiny: null}}",
        "    patches: [prod/*.yaml]",
        "  dev: {patches: [prod/none.yaml]}",
      ),
      "t.yaml": manifest("Thing", "mug", ["name: mug", "weight: 3", "color: blue"]),
      "prod/t.yaml": manifest("Thing", "mug", ["weight: 4", "paint: null"]),
      "prod/none.yaml": manifest("Thing", "mug", ["color: null"]),
    };
    const prod = await loadFiles({ ...files, "prod/none.yaml": manifest("Thing", "mug", ["color: green"]) });
    expect(problems(prod)).toEqual([]);
    const box = { $ref: "Box.crate" };
    expect(specOf(prod, "Thing.mug")).toEqual({ box, name: "mug", size: 2, weight: 4, color: "green" });
    const dev = await loadFiles(files, { environment: "dev" });
    const paint = { color: "red", gloss: 1 };
    expect(specOf(dev, "Thing.mug")).toEqual({ box, name: "mug", size: 1, weight: 3, paint, shiny: true });
  });

  test("items of for_each go into them", async () => {
    const project = await loadFiles({
      ...defaults("defaults: {Thing: {box: crate, name: '${each.key}', note: 'of ${each.value}'}}"),
      "t.yaml": manifest("Thing", "t", ["size: 1"]).replace("{name: t}", "{name: t, for_each: {a: x, b: y}}"),
    });
    expect(problems(project)).toEqual([]);
    expect(specOf(project, 'Thing.t["b"]')).toEqual({
      box: { $ref: "Box.crate" },
      name: "b",
      note: "of y",
      size: 1,
    });
  });

  test("their problems are told once, in the project file, whatever manifests there are", async () => {
    const lines = [
      "defaults:",
      "  Thign: {box: crate}",
      "  Thing:",
      "    box: crat",
      "    colour: red",
      "    size: 20",
      "    icon: nothing.png",
      "    note: ${var.missing}",
      "    paint: {gloss: many}",
    ];
    const things = Object.fromEntries(
      ["a", "b"].map((name) => [`${name}.yaml`, manifest("Thing", name, [`name: ${name}`])]),
    );
    const found = [
      '4:3 unknown-kind there is no kind "Thign"',
      '6:10 unknown-reference there is no Box called "crat"',
      "7:5 unknown-key",
      "8:11 out-of-range",
      "9:11 missing-file",
      "10:11 unset-variable",
      "11:20 wrong-type",
    ];
    const items = manifest("Thing", "t", ["name: '${each.key}'"]).replace(
      "{name: t}",
      "{name: t, for_each: [c, d]}",
    );
    const told = async (manifests: Files) =>
      problems(await loadFiles({ ...defaults(...lines), ...manifests })).filter((one) =>
        one.startsWith("cozeform.yaml:"),
      );
    const alone = await told({});
    expect(alone).toEqual(found.map((start) => expect.stringContaining(`cozeform.yaml:${start}`)));
    expect(await told({ ...things, "t.yaml": items })).toEqual(alone);
  });

  test("what a manifest has to give is missing there, and what it has differently is judged there", async () => {
    const project = await loadFiles({
      ...defaults("defaults: {Thing: {paint: {gloss: 1}, name: tiny, size: 9}}"),
      "a.yaml": manifest("Thing", "a", ["box: crate", "size: 1"]),
      "b.yaml": manifest("Thing", "b", ["paint: {color: red}"]),
    });
    expect(problems(project)).toEqual([
      expect.stringContaining("a.yaml:4:1 missing spec.paint.color is missing"),
      expect.stringContaining("b.yaml:4:1 missing spec.box is missing"),
    ]);
  });

  test("a default gives way to what can't be set together with it, in manifests, environments and patches", async () => {
    const files = {
      ...defaults("defaults: {Thing: {box: crate, name: it, note: hi}}"),
      "a.yaml": manifest("Thing", "a", ["brief: {file: b.txt}"]),
      "b.yaml": manifest("Thing", "b", ["name: b"]),
      "b.txt": "b",
    };
    const project = await loadFiles(files);
    expect(problems(project)).toEqual([]);
    expect([specOf(project, "Thing.a"), specOf(project, "Thing.b")]).toMatchObject([
      { name: "it", brief: "b" },
      { name: "b", note: "hi" },
    ]);
    expect(specOf(project, "Thing.a")).not.toHaveProperty("note");
    const dev = {
      ...files,
      ...defaults(
        "defaults: {Thing: {box: crate, name: it, note: hi}}",
        "default_environment: dev",
        "environments: {dev: {defaults: {Thing: {brief: {file: b.txt}}}, patches: [p/*.yaml]}}",
      ),
      "a.yaml": manifest("Thing", "a", ["note: own"]),
      "p/b.yaml": manifest("Thing", "b", ["note: patched"]),
    };
    const other = await loadFiles(dev);
    expect(problems(other)).toEqual([]);
    for (const [name, note] of [
      ["a", "own"],
      ["b", "patched"],
    ] as const) {
      expect(specOf(other, `Thing.${name}`)).toMatchObject({ note });
      expect(specOf(other, `Thing.${name}`)).not.toHaveProperty("brief");
    }
    const both = { ...files, "a.yaml": manifest("Thing", "a", ["note: own", "brief: {file: b.txt}"]) };
    expect(problems(await loadFiles(both))).toEqual([expect.stringContaining("a.yaml:6:3 conflict")]);
  });

  test("a null that removes nothing is a mistake", async () => {
    const project = await loadFiles({
      ...defaults("defaults: {Thing: {size: 1}}", "environments: {dev: {defaults: {Thing: {siz: null}}}}"),
      "t.yaml": manifest("Thing", "t", ["box: crate", "name: t", "weight: null"]),
    });
    expect(problems(project)).toEqual([
      expect.stringContaining("cozeform.yaml:4:41 unknown-patch-target"),
      expect.stringContaining("t.yaml:7:11 no-value"),
    ]);
  });

  test("a secret may stand only where it may stand in a manifest", async () => {
    const project = await loadFiles(
      {
        ...defaults("defaults: {Box: {key: '${env.COZE_KEY}'}, Thing: {note: '${env.COZE_KEY}'}}"),
        "t.yaml": manifest("Thing", "t", ["box: crate", "name: t"]),
      },
      { env: { COZE_KEY: "k-1" } },
    );
    expect(problems(project)).toEqual([expect.stringContaining("cozeform.yaml:3:57 secret-in-open")]);
    expect(specOf(project, "Box.crate")).toEqual({ name: "crate", key: "k-1" });
  });
});

describe("an environment has manifests of its own and leaves resources out", () => {
  const files = {
    "cozeform.yaml": projectFile(
      "default_environment: dev",
      "environments:",
      "  dev: {}",
      "  prod:",
      "    manifests: [env/prod/*.yaml]",
      "    exclude: [Thing.sandbox, tier=lab, 'Thing.t[\"b\"]']",
    ),
    "box.yaml": boxManifest,
    "env/prod/t.yaml": manifest("Thing", "extra", ["box: crate", "name: extra"]),
    "sandbox.yaml": manifest("Thing", "sandbox", ["box: crate", "name: ${var.only_in_dev}"]),
    "lab.yaml": manifest("Thing", "lab", ["box: crate", "name: lab"]).replace(
      "{name: lab}",
      "{name: lab, labels: {tier: lab}}",
    ),
    "t.yaml": manifest("Thing", "t", ["box: crate", "name: '${each.key}'"]).replace(
      "{name: t}",
      "{name: t, for_each: {a: home, b: home, c: lab}, labels: {tier: '${each.value}'}}",
    ),
  };
  const addressesOf = ({ resources }: Project) => resources.map(({ address }) => address);

  test("each environment has what is its own", async () => {
    const dev = await loadFiles(files, { variables: { only_in_dev: "x" } });
    expect(problems(dev)).toEqual([]);
    const items = ['Thing.t["a"]', 'Thing.t["b"]', 'Thing.t["c"]'];
    expect(addressesOf(dev)).toEqual(["Box.crate", "Thing.lab", "Thing.sandbox", ...items]);
    expect(dev.resources.find(({ address }) => address === "Thing.lab")?.labels).toEqual({ tier: "lab" });
    expect((await dev.findUnmatched()).manifests).toEqual([]);
    const prod = await loadFiles(files, { environment: "prod" });
    expect(problems(prod)).toEqual([]);
    expect(addressesOf(prod)).toEqual(["Box.crate", "Thing.extra", 'Thing.t["a"]']);
  });

  test("what another one refers to can't be left out, and what isn't there can't either", async () => {
    const project = await loadFiles(
      {
        ...files,
        "cozeform.yaml": projectFile(
          "environments:",
          "  prod: {exclude: [Box.crate, Thing.sandbx, team=x, 'Thing.t[\"z\"]'], variables: {only_in_dev: y}}",
        ),
        "env/prod/t.yaml": manifest("Thing", "extra", [
          "box: {id: '1'}",
          "name: extra",
          "friends: ['t[\"a\"]']",
        ]),
      },
      { environment: "prod" },
    );
    const left = "Box.crate isn't in this environment: Box.crate excludes it at cozeform.yaml:4:20";
    expect(project.diagnostics.map((one) => [brief(one), one.message, one.hint])).toEqual(
      expect.arrayContaining([
        [
          "cozeform.yaml:4:31 no-match",
          expect.stringContaining("Thing.sandbx"),
          "did you mean Thing.sandbox?",
        ],
        [
          "cozeform.yaml:4:45 no-match",
          expect.stringContaining("team=x"),
          expect.stringContaining("label=value"),
        ],
        ["lab.yaml:5:8 unknown-reference", left, expect.stringContaining("exclude what refers to it")],
      ]),
    );
  });

  test("a misspelt pattern of manifests is an error", async () => {
    const project = await loadFiles({
      "cozeform.yaml": projectFile("environments: {dev: {manifests: [env/dve/*.yaml]}}"),
      "env/dev/box.yaml": boxManifest,
    });
    expect(problems(project)).toEqual([expect.stringContaining("cozeform.yaml:3:34 no-match")]);
  });
});

describe("a patch may be for many", () => {
  const labelled = (name: string, labels: string) =>
    manifest("Thing", name, ["box: crate", `name: ${name}`]).replace(
      `{name: ${name}}`,
      `{name: ${name}, labels: ${labels}}`,
    );
  const files = (...patch: readonly string[]): Files => ({
    "cozeform.yaml": projectFile("environments: {prod: {patches: [prod/*.yaml]}}"),
    "box.yaml": boxManifest,
    "a.yaml": labelled("a", "{team: sales, tier: gold}"),
    "b.yaml": labelled("b", "{team: sales}"),
    "c.yaml": labelled("c", "{team: labs}"),
    "prod/p.yaml": ["apiVersion: cozeform/v1", ...patch, ""].join("\n"),
  });
  const sizes = (project: Project) => ["a", "b", "c"].map((name) => specOf(project, `Thing.${name}`)?.size);

  test.each([
    [
      "a kind and labels",
      ["match: {kind: Thing, labels: {team: sales}}", "spec: {size: 4}"],
      [4, 4, undefined],
    ],
    ["a kind", ["match: {kind: Thing}", "spec: {size: 4}"], [4, 4, 4]],
    ["labels", ["match: {labels: {team: sales, tier: gold}}", "spec: {size: 4}"], [4, undefined, undefined]],
    [
      "a kind beside labels",
      ["kind: Thing", "match: {labels: {team: labs}}", "spec: {size: 4}"],
      [undefined, undefined, 4],
    ],
    [
      "what an earlier patch said",
      [
        "kind: Thing",
        "metadata: {name: c, labels: {team: sales}}",
        "---",
        "match: {kind: Thing, labels: {team: sales}}",
        "spec: {size: 4}",
      ],
      [4, 4, 4],
    ],
  ])("%s choose them", async (_, patch, expected) => {
    const project = await loadFiles(files(...patch));
    expect(problems(project)).toEqual([]);
    expect(sizes(project)).toEqual(expected);
  });

  test.each([
    [
      "nothing",
      ["match: {kind: Thing, labels: {team: sale}}", "spec: {size: 4}"],
      "2:8 unknown-patch-target",
      'did you mean "team=sales"?',
    ],
    ["no kind", ["match: {kind: Thign}", "spec: {size: 4}"], "2:15 unknown-kind", 'did you mean "Thing"?'],
    [
      "no form",
      ["match: {kind: Thing, label: {a: b}}", "spec: {size: 4}"],
      "2:22 unknown-key",
      'did you mean "labels"?',
    ],
    ["no labels", ["match: {labels: {}}", "spec: {size: 4}"], "2:17 wrong-type", expect.anything()],
    ["no change", ["match: {kind: Thing}"], "1:1 empty-patch", expect.anything()],
    [
      "two forms",
      ["kind: Thing", "match: {kind: Thing}", "metadata: {name: a}", "spec: {size: 4}"],
      "4:18 conflict",
      expect.anything(),
    ],
  ])("%s is told with its place", async (_, patch, place, hint) => {
    const project = await loadFiles(files(...patch));
    expect(project.diagnostics.map((one) => [brief(one), one.hint])).toEqual([
      [`prod/p.yaml:${place}`, hint],
    ]);
  });
});

test("the title of a file goes wherever a text names it, and is read only there", async () => {
  const items = (name: string, spec: readonly string[]) =>
    manifest("Thing", name, ["box: crate", ...spec]).replace(
      `{name: ${name}}`,
      `{name: ${name}, labels: {of: x}, for_each: {files: "docs/*.md"}}`,
    );
  const files = {
    "cozeform.yaml": projectFile(
      "defaults: {Thing: {name: '${each.title}'}}",
      "environments: {dev: {patches: [p.yaml], exclude: ['of=out']}}",
    ),
    "box.yaml": boxManifest,
    "docs/a.md": "---\ntitle: 退货\n---\n",
    "docs/b.md": "b",
    "docs/c.md": "---\ntitle: out\n---\n",
    "t.txt": "T ${each.title} ${file:u.txt}",
    "u.txt": "U ${each.title}",
    "p.yaml": manifest("Thing", "p", ["brief: 'P ${each.title}'"]).replace(
      "{name: p}",
      "{name: 'p[\"a.md\"]'}",
    ),
    "default.yaml": items("default", []),
    "label.yaml": items("label", ["name: 'l ${each.name}'"]).replace("of: x", "of: '${each.title}'"),
    "patch.yaml": items("p", ["name: 'p ${each.name}'"]),
    "template.yaml": items("template", ["name: 't ${each.name}'", "note: {template: t.txt}"]),
  };
  const project = await loadFiles(files);
  expect(problems(project)).toEqual([]);
  const of = (name: string) =>
    project.resources
      .filter(({ address }) => address.startsWith(`Thing.${name}[`))
      .map(({ spec, labels }) => [spec.name, labels?.of, spec.note ?? spec.brief]);
  expect(of("default").map(([name]) => name)).toEqual(["退货", "b.md", "out"]);
  expect(of("label").map(([, label]) => label)).toEqual(["退货", "b.md"]);
  expect(of("p").map(([, , text]) => text)).toEqual(["P 退货", undefined, undefined]);
  expect(of("template").map(([, , text]) => text)).toEqual(["T 退货 U 退货", "T b.md U b.md", "T out U out"]);
  const plain = { "box.yaml": boxManifest, "docs/a.md": "a", "t.yaml": items("t", ["name: x"]) };
  expect((await loadFiles(plain)).files).toEqual(["box.yaml", "t.yaml"]);
});

describe("a directory beside the project is included", () => {
  const kinds = toyKinds.map((kind) => (kind.name === "Thing" ? { ...kind, body: "brief" } : kind));
  const load = (files: Files, prepare?: (directory: string) => Promise<void>, tree = true) =>
    withDirectory({ ...(tree && { ".git/HEAD": "" }), ...files }, async (directory) => {
      await prepare?.(directory);
      return loadProject({ directory: path.join(directory, "sales"), kinds, env: {} });
    });
  const shared = {
    "shared/box.yaml": boxManifest,
    "shared/notes/a.md": "hello",
    "shared/pictures/小.png": "png",
    "shared/things.yaml": manifest("Thing", "t", [
      "box: crate",
      "name: '${each.name}'",
      "icon: '${each.path}'",
      "note: {file: notes/a.md}",
    ]).replace("{name: t}", "{name: t, for_each: {files: pictures/*.png}}"),
  };

  test("its manifests and files are those of the project; files are relative to it", async () => {
    const project = await load({
      "sales/cozeform.yaml": projectFile(
        "include: [../shared/]",
        "environments: {dev: {patches: [p.yaml]}}",
        "defaults: {Thing: {tool: {lookup: {name: saw}}, brief: {file: own.md}}}",
      ),
      "sales/own.md": "own",
      "sales/p.yaml": manifest("Thing", "t", ["note: null"]),
      ...shared,
    });
    expect(problems(project)).toEqual([]);
    const icon = expect.objectContaining({ $file: "../shared/pictures/小.png" });
    const tool = { $lookup: { name: "saw" } };
    expect(specOf(project, 'Thing.t["小.png"]')).toEqual({
      ...{ box: { $ref: "Box.crate" }, name: "小.png", icon, tool, brief: "own" },
    });
    expect(project.resources.map(({ at }) => at.file)).toEqual([
      "../shared/box.yaml",
      "../shared/things.yaml",
    ]);
  });

  test("a path of its for_each leads there, whichever file names it; one of the project's to the project", async () => {
    const items = manifest("Thing", "t", ["box: crate", "name: '${each.name}'"]);
    const project = await load({
      "sales/cozeform.yaml": projectFile(
        "include: [../shared]",
        "defaults: {Thing: {note: {file: '${each.path}'}}}",
        "environments: {dev: {patches: [p.yaml]}}",
      ),
      "sales/p.yaml": [
        manifest("Thing", 't["a.md"]', ["brief: {template: './${each.value}'}", "note: null"]).replace(
          /\{name: .*\}/u,
          "{name: 't[\"a.md\"]'}",
        ),
        manifest("Thing", "u", [])
          .replace("{name: u}", "{name: u, for_each: {files: own/*.md}}")
          .replace("spec:", "spec: {}"),
      ].join("---\n"),
      "sales/docs/a.md": "wrong",
      "sales/docs/b.md": "wrong",
      "sales/own/c.md": "own c",
      "shared/own/c.md": "wrong",
      "shared/docs/a.md": "shared a",
      "shared/docs/b.md": "shared b",
      "shared/box.yaml": boxManifest,
      "shared/t.yaml": items.replace("{name: t}", "{name: t, for_each: {files: docs/*.md}}"),
      "shared/u.yaml": `${items}  note: {file: '\${each.path}'}\n`.replace(
        "{name: t}",
        "{name: u, for_each: {files: docs/*.md}}",
      ),
    });
    expect(problems(project)).toEqual([]);
    const texts = project.resources.map(({ address, spec }) => [address, spec.note ?? spec.brief]);
    expect(texts.filter(([, text]) => text !== undefined)).toEqual([
      ['Thing.t["a.md"]', "shared a"],
      ['Thing.t["b.md"]', "shared b"],
      ['Thing.u["c.md"]', "own c"],
    ]);
  });

  test("pages that its files list are read there, and told there", async () => {
    const items = manifest("Thing", "t", ["box: crate", "name: '${each.name}'"]);
    const project = await load({
      "sales/cozeform.yaml": projectFile("include: [../shared]"),
      "sales/pages.txt": "https://a.cn/wrong",
      "shared/pages.txt": "https://a.cn/b\nb\n",
      "shared/box.yaml": boxManifest,
      "shared/t.yaml": items.replace("{name: t}", "{name: t, for_each: {sources: {list: pages.txt}}}"),
    });
    expect(problems(project)).toEqual([expect.stringMatching(/^\.\.\/shared\/pages\.txt:2:1 rule/u)]);
    expect(specOf(project, 'Thing.t["https://a.cn/b"]')).toMatchObject({ name: "a.cn/b" });
  });

  test("patterns of the project lead there, too: to its files, and to manifests of Markdown", async () => {
    const project = await load({
      "sales/cozeform.yaml": projectFile(
        "include: [../shared]",
        "manifests:",
        "  - '*.yaml'",
        "  - {glob: '../shared/**/*.md', kind: Thing}",
        "environments: {dev: {manifests: [../shared/sub/box.yaml]}}",
      ),
      "sales/t.yaml": manifest("Thing", "t", [
        "box: crate",
        "name: '${each.name}'",
        "note: {file: '${each.path}'}",
      ]).replace("{name: t}", "{name: t, for_each: {files: '../shared/docs/*.txt'}}"),
      "shared/sub/box.yaml": boxManifest,
      "shared/sub/own.md":
        "---\nmetadata: {name: md}\nspec: {box: crate, name: md}\n---\n${file:docs/a.txt}\n",
      "shared/docs/a.txt": "shared",
    });
    expect(problems(project)).toEqual([]);
    expect(specOf(project, 'Thing.t["a.txt"]')).toMatchObject({ name: "a.txt", note: "shared" });
    expect(specOf(project, "Thing.md")).toMatchObject({ name: "md", brief: "shared\n" });
    expect(project.resources.map(({ address }) => address)).toEqual([
      "Box.crate",
      "Thing.md",
      'Thing.t["a.txt"]',
    ]);
  });

  test("it may hold Markdown alone; patterns that miss are told with what is there, and others are refused", async () => {
    const files = {
      "sales/box.yaml": boxManifest,
      "shared/sub/own.md": "---\nmetadata: {name: md}\nspec: {box: crate, name: md}\n---\nx\n",
      "secret/own.md": "---\nmetadata: {name: secret}\nspec: {box: crate, name: s}\n---\nx\n",
    };
    const withPattern = (glob: string) =>
      load({
        "sales/cozeform.yaml": projectFile(
          "include: [../shared]",
          `manifests: ['*.yaml', {glob: '${glob}', kind: Thing}]`,
        ),
        ...files,
      });
    expect(problems(await withPattern("../shared/sub/*.md"))).toEqual([]);
    const told = async (glob: string) => {
      const { diagnostics } = await withPattern(glob);
      return diagnostics.map(({ code, hint }) => `${code} ${hint}`);
    };
    expect(await told("../shared/sbu/*.md")).toContain("no-match did you mean ../shared/sub/*.md?");
    for (const glob of [
      "../secret/*.md",
      "../shared/../secret/*.md",
      "../shared/*/../../secret/*.md",
      "../*/*.md",
    ])
      expect(await told(glob)).toContainEqual(expect.stringMatching(/^outside-project /u));
    const { diagnostics, resources } = await withPattern("../shared/{../secret,sub/..}/*.md");
    expect([diagnostics.some(isError), resources.map(({ address }) => address)]).toEqual([
      true,
      ["Box.crate"],
    ]);
  });

  test("files of other tools in it are passed over; what was meant as a manifest isn't", async () => {
    const files = {
      "sales/cozeform.yaml": projectFile("include: [../shared]"),
      "shared/box.yaml": boxManifest,
      "shared/ci.yaml": "stages: [build]\n---\njobs: {}\n",
      "shared/list.yaml": "- a\n",
    };
    expect(problems(await load(files))).toEqual([]);
    const meant = await load({
      ...files,
      "shared/a.yaml": "metadata: {name: x}\nspec: {}\n",
      "shared/both.yaml": `${manifest("Box", "b", ["name: b"])}---\nx: 1\n`,
    });
    expect(meant.diagnostics.map(brief)).toEqual([
      "../shared/a.yaml:1:1 not-a-manifest",
      "../shared/both.yaml:7:1 not-a-manifest",
    ]);
    expect(meant.diagnostics[0]?.hint).not.toContain("cozeform.yaml");
    const { "shared/box.yaml": _, ...others } = files;
    expect((await load(others)).diagnostics.map(brief)).toEqual(["cozeform.yaml:3:11 no-match"]);
  });

  test("one address in both is told with both places", async () => {
    const project = await load({
      "sales/cozeform.yaml": projectFile("include: [../shared]"),
      "sales/box.yaml": boxManifest,
      ...shared,
    });
    expect(problems(project)).toEqual([
      expect.stringMatching(/^\.\.\/shared\/box\.yaml:3:18 duplicate-address .*box\.yaml:3:18/u),
    ]);
  });

  test("a file that isn't there is told by its path, with one that is", async () => {
    const project = await load({
      "sales/cozeform.yaml": projectFile("include: [../shared]"),
      "shared/t.yaml": manifest("Thing", "t", ["box: {id: '1'}", "name: t", "note: {file: note/a.md}"]),
      "shared/notes/a.md": "",
    });
    expect(project.diagnostics.map((one) => [brief(one), one.message, one.hint])).toEqual([
      [
        "../shared/t.yaml:7:16 missing-file",
        expect.stringContaining("../shared/note/a.md"),
        "did you mean ../shared/notes/a.md?",
      ],
    ]);
  });

  test.each([
    ["outside", "outside-project", "include: [../../elsewhere]", {}],
    ["absent", "missing-file", "include: [../sharde]", {}],
    ["around", "conflict", "include: [..]", {}],
    ["inside", "conflict", "include: [below]", { "sales/below/box.yaml": boxManifest }],
    ["a project", "conflict", "include: [../shared]", { "shared/cozeform.yml": projectFile() }],
    ["hidden", "bad-file", "include: [../.github]", { ".github/box.yaml": boxManifest }],
    ["twice", "duplicate-item", "include: [../shared, ../shared/]", {}],
    [
      "above another one",
      "conflict",
      "include: [../shared/notes, ../shared]",
      { "shared/notes/b.yaml": manifest("Box", "b", ["name: b"]) },
    ],
    [
      "below another one",
      "conflict",
      "include: [../shared, ../shared/notes]",
      { "shared/notes/b.yaml": manifest("Box", "b", ["name: b"]) },
    ],
    ["without manifests", "no-match", "include: [../empty]", { "empty/a.md": "" }],
  ])("%s is refused", async (_, code, line, more) => {
    const project = await load({ "sales/cozeform.yaml": projectFile(line), ...shared, ...more });
    expect(project.diagnostics.filter(isError).map(brief)).toEqual([expect.stringContaining(code)]);
    expect(project.diagnostics[0]?.at?.file).toBe("cozeform.yaml");
  });

  test("of what is outside the work tree nothing is told, not even whether it is there", async () => {
    const messages = ["../..", "../../elsewhere"].map(async (folder) => {
      const project = await load({ "sales/cozeform.yaml": projectFile(`include: [${folder}]`), ...shared });
      return project.diagnostics.map(({ message }) => message);
    });
    expect((await Promise.all(messages)).flat()).toEqual([
      "../.. is outside the project's git work tree",
      "../../elsewhere is outside the project's git work tree",
    ]);
  });

  test("without a work tree nothing is included", async () => {
    const files = { "sales/cozeform.yaml": projectFile("include: [../shared]"), ...shared };
    expect((await load(files, undefined, false)).diagnostics.map(brief)).toEqual([
      "cozeform.yaml:3:11 outside-project",
    ]);
  });

  test("links that leave it, and paths that do, aren't followed", async () => {
    const files = {
      "sales/cozeform.yaml": projectFile("include: [../shared]"),
      "secret.md": "s",
      "shared/t.yaml": manifest("Thing", "t", ["box: {id: '1'}", "name: t", "note: {file: link.md}"]),
      "shared/u.yaml": manifest("Thing", "u", ["box: {id: '1'}", "name: u", "note: {file: ../secret.md}"]),
    };
    const link = (directory: string) => symlink("../secret.md", path.join(directory, "shared/link.md"));
    expect((await load(files, link)).diagnostics.map(brief)).toEqual([
      "../shared/t.yaml:7:16 outside-project",
      "../shared/u.yaml:7:16 outside-project",
    ]);
  });
});
