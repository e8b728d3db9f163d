import { describe, expect, test } from "@jest/globals";
import { boxManifest, brief, type Files, loadFiles, manifest } from "./toy-project.ts";

const header = ["apiVersion: cozeform/v1", "kind: Box", "metadata: {name: crate}"];
const lines = (...all: readonly string[]): string => `${all.join("\n")}\n`;

interface Row {
  readonly title: string;
  readonly yaml: string;
  readonly expected: readonly string[];
  readonly message?: string;
  readonly hint?: string;
}

const rows: readonly Row[] = [
  {
    title: "no apiVersion",
    yaml: lines(...header.slice(1), "spec: {name: a}"),
    expected: ["1:1 missing"],
    message: "apiVersion is missing",
    hint: 'set it to "cozeform/v1"',
  },
  {
    title: "another apiVersion",
    yaml: lines("apiVersion: cozeform/v2", ...header.slice(1), "spec: {name: a}"),
    expected: ["1:13 unknown-word"],
    message: 'apiVersion must be "cozeform/v1"; found "cozeform/v2"',
  },
  {
    title: "no kind",
    yaml: lines("apiVersion: cozeform/v1", "metadata: {name: a}", "spec: {}"),
    expected: ["1:1 missing"],
    hint: "set it to one of Box, Thing",
  },
  {
    title: "an unknown kind",
    yaml: lines("apiVersion: cozeform/v1", "kind: Bax", "metadata: {name: a}", "spec: {}"),
    expected: ["2:7 unknown-kind"],
    message: 'there is no kind "Bax"',
    hint: 'did you mean "Box"?',
  },
  {
    title: "a kind that can only be looked up",
    yaml: lines("apiVersion: cozeform/v1", "kind: Tool", "metadata: {name: a}", "spec: {}"),
    expected: ["2:7 unknown-kind"],
    message: "a Tool can't be created through Coze's API",
  },
  {
    title: "a project file of another name",
    yaml: lines("apiVersion: cozeform/v1", "kind: Project", "name: a"),
    expected: ["1:1 missing", "1:1 missing", "2:7 unknown-kind", "3:1 unknown-key"],
  },
  {
    title: "no spec",
    yaml: lines(...header),
    expected: ["1:1 missing"],
    message: "spec is missing",
    hint: "write spec: with the resource's fields below it",
  },
  { title: "an empty spec", yaml: lines(...header, "spec:"), expected: ["4:1 no-value"] },
  {
    title: "no metadata",
    yaml: lines(...header.slice(0, 2), "spec: {name: a}"),
    expected: ["1:1 missing"],
    message: "metadata is missing",
    hint: "write metadata: {name: support}",
  },
  {
    title: "no name",
    yaml: lines(...header.slice(0, 2), "metadata: {lifecycle: {}}", "spec: {name: a}"),
    expected: ["3:11 missing"],
    message: "metadata.name is missing",
  },
  {
    title: "a name with capitals",
    yaml: lines(...header.slice(0, 2), "metadata: {name: Crate}", "spec: {name: a}"),
    expected: ["3:18 malformed"],
    message: 'metadata.name must be lower-case letters, digits and hyphens; found "Crate"',
  },
  {
    title: "a name with an interpolation",
    yaml: lines(...header.slice(0, 2), "metadata: {name: 'a${var.b}'}", "spec: {name: a}"),
    expected: ["3:18 malformed"],
    hint: "interpolation isn't supported here",
  },
  {
    title: "an unknown key of metadata",
    yaml: lines(...header.slice(0, 2), "metadata: {name: a, depend_on: []}", "spec: {name: a}"),
    expected: ["3:21 unknown-key"],
    hint: 'did you mean "depends_on"?',
  },
  {
    title: "a misspelt lifecycle",
    yaml: lines(
      ...header.slice(0, 2),
      "metadata:",
      "  name: a",
      "  lifecycle:",
      "    prevent_destory: true",
      "spec: {name: a}",
    ),
    expected: ["6:5 unknown-key"],
    hint: 'did you mean "prevent_destroy"?',
  },
  {
    title: "changes to ignore in a field that isn't there",
    yaml: lines(
      ...header.slice(0, 2),
      "metadata: {name: a, lifecycle: {ignore_changes: [locks.frnt]}}",
      "spec: {name: a}",
    ),
    expected: ["3:50 unknown-field"],
    message: "there is no field locks.frnt",
    hint: 'did you mean "front"?',
  },
  {
    title: "an address that is none",
    yaml: lines(...header.slice(0, 2), "metadata: {name: a, depends_on: [crate]}", "spec: {name: a}"),
    expected: ["3:34 malformed"],
    message: 'metadata.depends_on[0] must be an address, such as Dataset.faq; found "crate"',
  },
  {
    title: "an address whose key is no text",
    yaml: lines(
      ...header.slice(0, 2),
      `metadata: {name: a, depends_on: ['Box.a["\\x"]']}`,
      "spec: {name: a}",
    ),
    expected: ["3:34 unknown-reference"],
  },
  {
    title: "an address of nothing",
    yaml: lines(
      ...header.slice(0, 2),
      "metadata: {name: a, depends_on: [Box.b, Thing.a]}",
      "spec: {name: a}",
    ),
    expected: ["3:34 unknown-reference", "3:41 unknown-reference"],
  },
  {
    title: "a list for a manifest",
    yaml: "- a\n",
    expected: ["1:1 not-a-manifest"],
    message: "this isn't a manifest: a manifest is a map",
  },
  {
    title: "another tool's file",
    yaml: "services: {web: {image: x}}\n",
    expected: ["1:1 not-a-manifest"],
    hint: "a manifest has apiVersion, kind, metadata: {name: …} and spec; if this file isn't one, list the files that are under manifests: in cozeform.yaml",
  },
  {
    title: "a manifest without apiVersion and kind",
    yaml: lines("metadata: {name: a}", "spec: {name: a}"),
    expected: ["1:1 not-a-manifest"],
    hint: "a manifest has apiVersion, kind, metadata: {name: …} and spec",
  },
  {
    title: "a list of manifests",
    yaml: lines("- apiVersion: cozeform/v1", "  kind: Box", "  metadata: {name: a}", "  spec: {name: a}"),
    expected: ["1:1 not-a-manifest"],
    hint: "write the items as separate documents, with --- between them",
  },
  {
    title: "an unknown key at the top",
    yaml: lines(...header, "spec: {name: a}", "specs: {}"),
    expected: ["5:1 unknown-key"],
  },
  {
    title: "a key that isn't a text",
    yaml: lines(...header, "spec: {name: a}", "? [a]", ": b"),
    expected: ["5:3 yaml-syntax"],
  },
  {
    title: "an alias within itself",
    yaml: lines(...header, "spec: &a {name: b, key: *a}"),
    expected: ["4:25 yaml-syntax"],
  },
  {
    title: "an unknown tag",
    yaml: lines(...header, "spec: {name: !name a}"),
    expected: ["4:14 yaml-syntax"],
  },
  {
    title: "bytes",
    yaml: lines(...header, "spec: {name: !!binary aGVsbG8=}"),
    expected: ["4:23 yaml-syntax"],
    message: "the tag !!binary isn't supported",
  },
  {
    title: "a time",
    yaml: lines(...header, "spec: {name: !!timestamp 2024-01-01}"),
    expected: ["4:26 yaml-syntax"],
    message: "the tag !!timestamp isn't supported",
  },
  { title: "broken YAML", yaml: lines(...header, "spec: {name: [a}"), expected: ["4:14 yaml-syntax"] },
];

describe("each mistake around a spec is reported where it is", () => {
  test.each(rows)("$title", async ({ yaml, expected, message, hint }) => {
    const { diagnostics } = await loadFiles({ "b.yaml": yaml });
    expect(diagnostics.map(brief)).toEqual(expected.map((one) => `b.yaml:${one}`));
    if (message !== undefined) expect(diagnostics[0]?.message).toBe(message);
    if (hint !== undefined) expect(diagnostics[0]?.hint).toBe(hint);
  });
});

test.each([
  ["- a\n", {}],
  [
    "- a\n",
    { "cozeform.yaml": lines("apiVersion: cozeform/v1", "kind: Project", "manifests: [manifests/*]") },
  ],
])("what is no manifest among manifests is told what one has", async (yaml, files: Files) => {
  const { diagnostics } = await loadFiles({ "manifests/a.yaml": yaml, ...files });
  expect(diagnostics.map(brief)).toEqual(["manifests/a.yaml:1:1 not-a-manifest"]);
  expect(diagnostics[0]?.hint).toBe("a manifest has apiVersion, kind, metadata: {name: …} and spec");
});

test("what has no name is checked like any other, for references too", async () => {
  const yaml = manifest("Thing", "Mug", ["box: crat", "name: mug", "icon: a.png", "brief: a", "note: b"]);
  const { diagnostics, resources } = await loadFiles({ "a.yaml": boxManifest, "t.yaml": yaml });
  expect(diagnostics.map(brief)).toEqual([
    "t.yaml:3:18 malformed",
    "t.yaml:5:8 unknown-reference",
    "t.yaml:7:9 missing-file",
    "t.yaml:9:3 conflict",
  ]);
  expect(resources.map(({ address }) => address)).toEqual(["Box.crate"]);
});

test.each([
  ["Box.crete", "did you mean Box.crate?"],
  ["Box.zz", undefined],
  ["Bux.crate", "did you mean Box.crate?"],
  ["Thing.crate", "did you mean Box.crate?"],
])("for %s the address of a near name is proposed, and no other", async (address, hint) => {
  const yaml = lines(
    ...header.slice(0, 2),
    `metadata: {name: a, depends_on: [${address}]}`,
    "spec: {name: a}",
  );
  const { diagnostics } = await loadFiles({ "a.yaml": boxManifest, "b.yaml": yaml });
  expect(diagnostics.map(({ hint }) => hint)).toEqual([hint]);
});

test("ten mistakes in several files are all reported at once, in order", async () => {
  const files: Files = {
    "cozeform.yaml": lines(
      "apiVersion: cozeform/v1",
      "kind: Project",
      "environments:",
      "  dev:",
      "    endpont: https://a.example",
    ),
    "manifests/a.yaml": `${boxManifest}---\n${boxManifest}`,
    "manifests/broken.yaml": lines(
      "apiVersion: cozeform/v1",
      "kind: Box",
      "metadata: {name: x}",
      "spec: {name: 'x}",
    ),
    "manifests/deep/b.yaml": manifest("Thing", "mug", [
      "box: crat",
      "name: 一二三四五六七八九十一",
      "size: big",
      "colour: red",
      "icon: mug.png",
      "note: ${var.greeting}",
    ]),
    "manifests/deep/c.yml": lines(
      "# \uFEFF",
      ...header.slice(0, 1),
      "kind: Thinq",
      "metadata: {name: y}",
      "spec: {}",
    ),
  };
  const { diagnostics, resources } = await loadFiles(files);
  expect(diagnostics.map(brief)).toEqual([
    "cozeform.yaml:5:5 unknown-key",
    "manifests/a.yaml:9:18 duplicate-address",
    "manifests/broken.yaml:4:14 yaml-syntax",
    "manifests/deep/b.yaml:5:8 unknown-reference",
    "manifests/deep/b.yaml:6:9 wrong-length",
    "manifests/deep/b.yaml:7:9 wrong-type",
    "manifests/deep/b.yaml:8:3 unknown-key",
    "manifests/deep/b.yaml:9:9 missing-file",
    "manifests/deep/b.yaml:10:9 unset-variable",
    "manifests/deep/c.yml:3:7 unknown-kind",
  ]);
  expect(diagnostics[1]?.message).toBe("Box.crate is already defined at manifests/a.yaml:3:18");
  expect(diagnostics[3]?.hint).toBe("did you mean crate?");
  expect(resources.map(({ address }) => address)).toEqual(["Box.crate"]);
});

describe("what YAML offers is understood", () => {
  const load = async (yaml: string) => {
    const { diagnostics, resources } = await loadFiles({ "a.yaml": yaml });
    expect(diagnostics).toEqual([]);
    return resources;
  };

  test("a byte order mark, CRLF, comments and empty documents", async () => {
    const yaml = `\uFEFF# crates\n---\n${boxManifest}---\n# nothing\n---\n${boxManifest.replaceAll("name: crate", "name: case")}`;
    const resources = await load(yaml.replaceAll("\n", "\r\n"));
    expect(resources.map(({ address, at }) => [address, at.line])).toEqual([
      ["Box.case", 11],
      ["Box.crate", 3],
    ]);
  });

  test("anchors, aliases and merge keys", async () => {
    const yaml = manifest("Thing", "mug", [
      'box: {id: "1"}',
      "name: &name mug",
      "paint: &paint {color: red, gloss: 2}",
      "labels: {a: *name}",
      "extra: {<<: [*paint, {gloss: 3, matt: 4}], color: blue}",
    ]);
    const [mug] = await load(yaml);
    expect(mug?.spec).toMatchObject({ labels: { a: "mug" }, extra: { color: "blue", gloss: 2, matt: 4 } });
    expect(mug?.locate(["extra", "gloss"])).toEqual({ file: "a.yaml", line: 7, column: 37 });
  });

  test("keys that look like numbers keep their digits", async () => {
    const [mug] = await load(
      manifest("Thing", "mug", ['box: {id: "1"}', "name: mug", "labels: {7532000000000000123: a, true: b}"]),
    );
    expect(mug?.spec.labels).toEqual({ "7532000000000000123": "a", true: "b" });
  });

  test("null where anything may stand", async () => {
    const [mug] = await load(manifest("Thing", "mug", ['box: {id: "1"}', "name: mug", "extra: {a: null}"]));
    expect(mug?.spec.extra).toEqual({ a: null });
  });
});

test("aliases of aliases end before memory does", async () => {
  const levels = Array.from(
    { length: 30 },
    (_, index) => `l${index + 1}: &l${index + 1} [*l${index}, *l${index}]`,
  );
  const yaml = manifest("Thing", "mug", [
    'box: {id: "1"}',
    "name: mug",
    "extra:",
    "  l0: &l0 [a]",
    ...levels.map((line) => `  ${line}`),
  ]);
  const { diagnostics } = await loadFiles({ "a.yaml": yaml });
  expect(diagnostics[0]?.message).toBe("aliases expand to more than 10,000 values");
});

test("a part of a spec is located where it is written, or where what holds it is", async () => {
  const yaml = manifest("Thing", "mug", [
    "box: crate",
    "name: mug",
    "paint:",
    "  color: red",
    "tags: [a, b]",
    "outlets:",
    "  - web",
  ]);
  const { resources } = await loadFiles({ "a.yaml": boxManifest, "t.yaml": yaml });
  const [, mug] = resources;
  const place = (...path: (string | number)[]) => {
    const { line, column } = mug?.locate(path) ?? {};
    return [line, column];
  };
  expect(mug?.at).toEqual({ file: "t.yaml", line: 1, column: 1 });
  expect(place("name")).toEqual([6, 9]);
  expect(place("paint")).toEqual([7, 3]);
  expect(place("paint", "color")).toEqual([8, 12]);
  expect(place("paint", "gloss")).toEqual([7, 3]);
  expect(place("tags", 1)).toEqual([9, 13]);
  expect(place("outlets", 0, "id")).toEqual([11, 7]);
  expect(place("note")).toEqual([4, 1]);
});
