import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Field } from "../../src/core/field.ts";
import { kinds } from "../../src/kinds/index.ts";
import { describeSchema, tellFacts } from "../../src/terraform/docs/schema-section.ts";
import { blankState, toObject } from "../../src/terraform/resource/attribute-conversion.ts";
import { mergeLive } from "../../src/terraform/resource/merge-live.ts";
import { planResource } from "../../src/terraform/resource/plan.ts";
import { writeNotes } from "../../src/terraform/resource/private-state.ts";
import type { Attributes } from "../../src/terraform/schema/attribute.ts";
import type { CozeKind } from "../../src/terraform/schema/names.ts";
import { attributesOf, resourceSchema } from "../../src/terraform/schema/resource-schema.ts";
import { unknown } from "../../src/terraform/values/unknown.ts";
import { terraformPages } from "./pages-stage.ts";

const docs = resolve(import.meta.dirname, "../../docs");
const { schema, pages } = terraformPages();

test("docs are those of the schema, the kinds and the examples; if not, run npm run generate", () => {
  const folders = ["resources", "data-sources", "functions"];
  const found = folders.flatMap((folder) =>
    readdirSync(join(docs, folder)).map((file) => `${folder}/${file}`),
  );
  expect(["index.md", ...found].sort()).toEqual(Object.keys(pages).sort());
  for (const [path, text] of Object.entries(pages)) {
    expect([path, readFileSync(join(docs, path), "utf8")]).toEqual([path, text]);
  }
});

/** Pages by path with the attributes that each has to show. */
const shown: readonly (readonly [string, Attributes])[] = [
  ["index.md", schema.provider.attributes],
  ...Object.entries(schema.resources).map(
    ([type, { attributes }]) => [`resources/${type.slice(5)}.md`, attributes] as const,
  ),
  ...Object.entries(schema.dataSources).map(
    ([type, { attributes }]) => [`data-sources/${type.slice(5)}.md`, attributes] as const,
  ),
];

test.each(shown)(
  "%s shows every attribute under what holds it, and every link leads somewhere",
  (path, all) => {
    const page = pages[path] ?? "";
    const places = (attributes: Attributes, at: readonly string[]): readonly (readonly [string, string])[] =>
      Object.entries(attributes).flatMap(([name, { type }]) => [
        [at.join("."), name] as const,
        ...(typeof type === "object" && "nested" in type
          ? places(type.nested.attributes, [...at, name])
          : []),
      ]);
    const listed = page.split(/^### Nested Schema for /mu).flatMap((part, index) => {
      const place = index === 0 ? "" : (/^`(.*)`/u.exec(part)?.[1] ?? "?");
      const [text = ""] = part.split(/^## Import/mu);
      const schemaText = index === 0 ? text.slice(text.indexOf("## Schema")) : text;
      return [...schemaText.matchAll(/^- `(\w+)` \(/gmu)].map(([, name = ""]) => [place, name] as const);
    });
    const inOrder = (pairs: readonly (readonly [string, string])[]) =>
      pairs.map((pair) => pair.join("/")).sort();
    expect(inOrder(listed)).toEqual(inOrder(places(all, [])));
    const anchors = [...page.matchAll(/<a id="(.*?)">/gu)].map(([, id]) => id);
    const links = [...page.matchAll(/\]\(#(.*?)\)/gu)].map(([, id]) => id);
    expect(links.sort()).toEqual(anchors.sort());
    expect(new Set(anchors).size).toBe(anchors.length);
  },
);

test.each(Object.entries(pages))("%s begins with what registries read, and has an example", (_path, page) => {
  expect(page).toMatch(
    /^---\npage_title: ".*coze.*"\nsubcategory: ""\ndescription: \|-\n {2}\S.*\n---\n\n# /u,
  );
  expect(page).toContain("\n## Example Usage\n\n```terraform\n");
  expect(page.endsWith("\n")).toBe(true);
  expect(page).not.toMatch(/undefined|\[object|\n\n\n/u);
});

test("no page speaks of what only manifests have", () => {
  const found = Object.entries(pages).flatMap(([path, page]) =>
    path.startsWith("functions/") || !/manifest|\{id\}|\$\{env|lookup:|`promote`/u.test(page) ? [] : [path],
  );
  expect(found).toEqual([]);
});

test("what a bot's page says of imports is what a plan does", () => {
  const [, ...said] =
    /^- After an import the configuration is assumed to match in (.*), and nothing is sent; (.*) are assumed /mu.exec(
      pages["resources/bot.md"] ?? "",
    ) ?? [];
  const bot = kinds.find(({ name }) => name === "Bot") as CozeKind;
  const live = {
    workspace: "7",
    name: "售后",
    model: { id: "1" },
    knowledge: { datasets: ["5"] },
    publish: { connectors: [{ id: "1024" }] },
  };
  const blank = blankState(resourceSchema(bot).attributes);
  const prior = mergeLive(bot.fields, { ...blank, id: "9" }, live, { whole: false, guess: true });
  const given = {
    icon: { icon: "icon.png" },
    "model.cache": { model: { id: "1", cache: "prefix" } },
    "model.anti_leak": { model: { id: "1", anti_leak: true } },
    "model.current_time": { model: { id: "1", current_time: true } },
    "knowledge.auto_call": { knowledge: { datasets: ["5"], auto_call: false } },
    "knowledge.search_strategy": { knowledge: { datasets: ["5"], search_strategy: "hybrid" } },
    "publish.connectors.config": { publish: { connectors: [{ id: "1024", config: { a: 1 } }] } },
  };
  const sent = Object.entries(given).map(([path, values]) => {
    const config = { ...blank, ...toObject(bot.fields, { workspace: "7", name: "售后", ...values }) };
    const privateState = writeNotes({ imported: true });
    const request = { prior, proposed: null, config, privateState };
    const { planned } = planResource(bot, request, {
      look: () => ({ sha256: "aaa", size: 3, isText: false }),
    });
    return [path, planned.version === unknown] as const;
  });
  const pathsOf = (isSent: boolean) => sent.flatMap(([path, one]) => (one === isSent ? [path] : []));
  const namesIn = (text: string) => [...text.matchAll(/`(.*?)`/gu)].map(([, name]) => name);
  expect(said.map(namesIn)).toEqual([pathsOf(false), pathsOf(true)]);
});

const base = { description: "What it is.", presence: "optional" } as const;

const facts: readonly (readonly [string, Field, readonly string[]])[] = [
  [
    "a text of some length",
    { ...base, type: "string", minLength: 1, maxLength: 2000 },
    ["1 to 2,000 characters."],
  ],
  [
    "a length that is told already",
    { ...base, type: "string", maxLength: 2000, description: "Up to 2000 characters." },
    [],
  ],
  [
    "a text like a pattern",
    { ...base, type: "string", pattern: "^a$", patternHint: () => "an id of digits" },
    ["Must be an id of digits."],
  ],
  ["an address", { ...base, type: "string", format: "uri" }, ["Must be a URL."]],
  [
    "words",
    { ...base, type: "enum", values: ["a", "b"], default: "a" },
    ["One of `a` or `b`.", 'Default `"a"`.'],
  ],
  [
    "words and others",
    { ...base, type: "enum", values: ["a", "b"], open: true },
    ["Known are `a` and `b`; others are sent as they are."],
  ],
  ["a range", { ...base, type: "integer", minimum: 24 }, ["At least 24."]],
  ["both ends of a range", { ...base, type: "number", minimum: 0, maximum: 1 }, ["0 to 1."]],
  [
    "an object of another kind",
    { ...base, type: "ref", kind: "WorkspaceMember" },
    ["The `id` of a `coze_workspace_member`."],
  ],
  [
    "an object that others stand for",
    {
      ...base,
      type: "ref",
      kind: "Workflow",
      others: { copy: { kind: "Copy", where: { type: "workflow" } } },
    },
    ['The `id` of a `coze_workflow` or of a `coze_copy` with `type = "workflow"`.'],
  ],
  [
    "a file",
    { ...base, type: "file", extensions: ["png", "jpg"], maxBytes: 1024 ** 2 },
    ["The path of a file: png or jpg, at most 1 MB."],
  ],
  ["anything", { ...base, type: "map" }, ["A JSON object: `jsonencode({…})`."]],
  [
    "one of two",
    {
      ...base,
      type: "object",
      exactlyOne: ["a", "b"],
      fields: { a: { ...base, type: "boolean" }, b: { ...base, type: "boolean" } },
    },
    ["Exactly one of `a` and `b` is given."],
  ],
  [
    "items",
    { ...base, type: "list", maxItems: 3, items: { type: "ref", kind: "Dataset" }, default: [] },
    ["At most 3 items.", "The `id` of a `coze_dataset`.", "Default `[]`."],
  ],
  [
    "items with a key",
    { ...base, type: "list", key: "id", items: { type: "object", fields: {} } },
    ["Items are told apart by `id`; their order means nothing."],
  ],
  [
    "what excludes another",
    { ...base, type: "boolean", conflictsWith: ["other"] },
    ["Can't be given together with `other`."],
  ],
  [
    "what an object is made with for good",
    { ...base, type: "boolean", immutable: true },
    ["Forces replacement."],
  ],
  [
    "what can't be unset",
    { ...base, type: "boolean", clearable: false },
    ["Nothing unsets it: taken out of the configuration, it stays."],
  ],
  [
    "what only creation takes",
    { ...base, type: "boolean", settable: "create" },
    ["Later changes are ignored, with a warning."],
  ],
];

test.each(facts)("of %s its limits are told", (_what, field, told) => {
  expect(tellFacts(field, { fixed: false })).toEqual(told);
});

describe("a schema as Markdown", () => {
  test("has what is nested below, with what comes of the object that holds it", () => {
    const fields = {
      place: {
        type: "object",
        presence: "required",
        immutable: true,
        description: "Where.",
        fields: {
          city: { type: "string", presence: "required", immutable: true, description: "The city." },
          code: { ...base, type: "string", sensitive: true, readable: false, description: "The code." },
        },
      },
      seen: { type: "boolean", presence: "computed", description: "Whether." },
    } as const;
    expect(describeSchema(attributesOf(fields, "object"), fields)).toBe(`\
## Schema

### Required

- \`place\` (Attributes) Where. Forces replacement. (see [below](#nestedatt--place))

### Read-Only

- \`seen\` (Boolean) Whether.

<a id="nestedatt--place"></a>

### Nested Schema for \`place\`

Required:

- \`city\` (String) The city.

Optional:

- \`code\` (String, Sensitive) The code.
- \`code_wo\` (String, [Write-only](https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments)) The same as \`code\`, kept in no plan and no state (Terraform 1.11 and later). Give it an \`ephemeral\` variable that isn't \`sensitive\`. Raise \`code_wo_version\` to have another value sent.
- \`code_wo_version\` (String) Any text; another one sends \`code_wo\` again.`);
  });
});
