import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { parse } from "yaml";
import { isError } from "../../src/core/diagnostic.ts";
import { cozeProvider } from "../../src/kinds/index.ts";
import {
  kindSchema,
  manifestSchema,
  projectSchema,
  schemaFiles,
} from "../../src/manifest/schema/json-schema.ts";
import { arbitrarySpec, writeManifest } from "../support/arbitrary-spec.ts";
import { box, thing, toyKinds } from "./toy-kinds.ts";
import { boxManifest, loadFiles } from "./toy-project.ts";

const editors = new Ajv2020({ strict: false, allErrors: true });
formats.default(editors);
const compile = ({ $id: _, ...schema }: { readonly $id?: unknown }) => editors.compile(schema);
const accepts = (schema: object, value: unknown): boolean => compile(schema)(value) === true;

const files = { "a.png": "picture", "a.txt": "text" };
const specs = arbitrarySpec(thing, {
  shorthand: true,
  file: ({ extensions }) => fc.constant(extensions.includes("png") ? "a.png" : "a.txt"),
  ref: (kind) =>
    kind === "Box" ? fc.constant("crate") : fc.stringMatching(/^[1-9]{5,19}$/u).map((id) => ({ id })),
});

test.each([
  ["manifests", manifestSchema(cozeProvider.kinds, { form: "strict" })],
  ["the project file", projectSchema("strict")],
])("the schema that checks %s is one itself", (_what, schema) => {
  expect([editors.validateSchema(schema), editors.errors]).toEqual([true, null]);
});

describe("schemas and manifests agree", () => {
  const manifests = manifestSchema(toyKinds, { form: "editor" });
  const things = kindSchema(thing, toyKinds);

  test("whatever fits a kind's fields loads and is accepted by its schemas", async () => {
    const [anyKind, oneKind] = [compile(manifests), compile(things)];
    // Things of one name are refused.
    const lists = fc.uniqueArray(specs, { minLength: 1, maxLength: 15, selector: ({ name }) => name });
    const property = fc.asyncProperty(lists, async (wanted) => {
      const documents = wanted.map((spec, index) => writeManifest("Thing", `mug-${index}`, spec));
      const yaml = documents.join("---\n");
      const { diagnostics, resources } = await loadFiles({ "a.yaml": boxManifest, "t.yaml": yaml, ...files });
      // Any text may hold what is warned of.
      expect(diagnostics.filter(isError)).toEqual([]);
      const loaded = new Map(resources.map(({ address, spec }) => [address, spec]));
      wanted.forEach((spec, index) => {
        for (const name of ["name", "note", "labels", "extra", "weight", "tags"]) {
          expect(loaded.get(`Thing.mug-${index}`)?.[name]).toEqual(spec[name]);
        }
      });
      for (const document of documents) {
        expect([anyKind(parse(document)), oneKind(parse(document))]).toEqual([true, true]);
      }
    });
    await fc.assert(property, { numRuns: 10 });
  });

  const document = (kind: string, spec: unknown) => ({
    apiVersion: "cozeform/v1",
    kind,
    metadata: { name: "a" },
    spec,
  });
  const required = { box: "crate", name: "mug" };

  test.each([
    ["an interpolation where a number belongs", { ...required, size: "${var.size}" }, true],
    ["an interpolation where a word of a few belongs", { ...required, color: "${var.color}" }, true],
    ["another text where a number belongs", { ...required, size: "big" }, false],
    ["a word that isn't known", { ...required, color: "grey" }, false],
    ["another word where the set is open", { ...required, make: "mould" }, true],
    ["a text out of a file", { ...required, note: { file: "a.md" } }, true],
    ["a field that only Coze sets", { ...required, serial: "1" }, false],
    ["an unknown field", { ...required, colour: "red" }, false],
    ["a lookup by a field of the kind", { ...required, tool: { lookup: { name: "saw" } } }, true],
    ["a lookup by any other field", { ...required, tool: { lookup: { colour: "red" } } }, false],
    ["two alternatives", { ...required, source: { file: "a", url: "b" } }, false],
    ["nothing", {}, false],
  ])("editors are told of %s", (_title, spec, expected) => {
    expect(accepts(manifests, document("Thing", spec))).toBe(expected);
  });

  test("the fields of a spec depend on its kind", () => {
    expect(accepts(manifests, document("Box", { name: "crate" }))).toBe(true);
    expect(accepts(manifests, document("Box", required))).toBe(false);
    expect(accepts(manifests, document("Tool", { name: "saw", box: "crate" }))).toBe(false);
    expect(accepts(kindSchema(box), document("Thing", { name: "crate" }))).toBe(false);
  });

  test("descriptions come with and without Markdown, and defaults are shown", () => {
    expect(things).toMatchObject({
      $id: "thing.schema.json",
      $defs: {
        Thing: {
          properties: {
            name: {
              description: "What it is called; see names.",
              markdownDescription: "What it is called; see [names](https://example.com/names).",
            },
            note: { default: "" },
          },
        },
      },
    });
  });

  test("no words for messages are left in what editors read", () => {
    expect(JSON.stringify(schemaFiles(toyKinds))).not.toMatch(
      /"(?:expected|patternHint|computed|lookupOnly)"/u,
    );
  });
});

test("there is a file for manifests, one for projects, and one for each kind that can be made", () => {
  expect(Object.keys(schemaFiles([...toyKinds, { ...box, name: "BigBox" }]))).toEqual([
    "manifest.schema.json",
    "project.schema.json",
    "box.schema.json",
    "thing.schema.json",
    "big-box.schema.json",
  ]);
});

test("editors are told what a project file holds", () => {
  const project = {
    apiVersion: "cozeform/v1",
    kind: "Project",
    environments: { dev: { variables: { a: 1 } } },
  };
  expect(accepts(projectSchema(), project)).toBe(true);
  expect(accepts(projectSchema(), { ...project, environments: { dev: { variables: { a: [] } } } })).toBe(
    false,
  );
  expect(accepts(projectSchema(), { ...project, environments: { dev: { endpont: "x" } } })).toBe(false);
  expect(accepts(projectSchema(), { ...project, environments: { "../dev": {} } })).toBe(false);
});
