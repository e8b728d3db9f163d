import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatPath } from "../../src/core/spec-walk.ts";
import { isTextFile } from "../../src/core/text-content.ts";
import type { Json, Values } from "../../src/core/value.ts";
import { kinds } from "../../src/kinds/index.ts";
import { validateConfig } from "../../src/terraform/provider/validation.ts";
import { blankOf, toObject } from "../../src/terraform/resource/attribute-conversion.ts";
import type { Attribute, Attributes } from "../../src/terraform/schema/attribute.ts";
import { resourceSchema } from "../../src/terraform/schema/resource-schema.ts";
import { unknown } from "../../src/terraform/values/unknown.ts";
import { arbitrarySpec } from "../support/arbitrary-spec.ts";

const kindOf = (name: string) => kinds.find((one) => one.name === name) ?? raise(name);

function raise(name: string): never {
  throw new Error(`no kind ${name}`);
}

const sizes: { readonly [path: string]: number } = {
  "a.txt": 3,
  "x.png": 3,
  "none.txt": 0,
  "long.txt": 11 * 1024 * 1024,
  "huge.png": 600 * 1024 * 1024,
};
const files = {
  look: (path: string) =>
    sizes[path] === undefined
      ? undefined
      : { sha256: `hash of ${path}`, size: sizes[path], isText: isTextFile(path) },
};

/** A configuration with every attribute; objects of several attributes are filled up as Terraform does it. */
function configOf(kind: string, values: Values): Values {
  const { attributes } = resourceSchema(kindOf(kind));
  return fill(attributes, values);
}

function fill(attributes: Attributes, values: Values): Values {
  const entries = Object.entries(attributes).map(([name, { type }]): [string, Json] => [
    name,
    fillValue(type, values[name] ?? null),
  ]);
  return Object.fromEntries(entries);
}

function fillValue(type: Attribute["type"], value: Json): Json {
  if (typeof type === "string" || !("nested" in type) || value === null || value === unknown) return value;
  const { attributes } = type.nested;
  if (Array.isArray(value)) return value.map((item: Json) => fillValue(type, item));
  return fill(attributes, value as Values);
}

/** Each complaint as `path | summary | detail`, a warning marked. */
function check(kind: string, values: Values): readonly string[] {
  return validateConfig(kindOf(kind), configOf(kind, values), files).map(
    ({ severity, path = [], summary, detail = "-" }) =>
      `${severity === "warning" ? "warning: " : ""}${formatPath(path)} | ${summary} | ${detail}`,
  );
}

const bot = { workspace: "7", name: "售后" };
const dataset = { workspace: "7", name: "d", format: "text" };
const document = { dataset: "8", name: "d" };
const app = { name: "a", callback_url: "https://example.com/c" };
const model = { id: "1" };

describe("what is wrong with one attribute", () => {
  const cases: readonly (readonly [string, string, Values, readonly string[]])[] = [
    ["nothing", "Bot", bot, []],
    [
      "a required one is null",
      "Bot",
      { name: "b" },
      [
        "workspace | workspace is missing | Set it to the id of a coze_workspace: coze_workspace.NAME.id, or data.coze_workspace.NAME.id for one that isn't managed here.",
      ],
    ],
    [
      "too long, in characters",
      "Bot",
      { ...bot, name: "😀".repeat(21) },
      ["name | name has 21 characters, at most 20 are allowed | Shorten it by 1."],
    ],
    ["as long as allowed", "Bot", { ...bot, name: "😀".repeat(20) }, []],
    ["empty", "Bot", { ...bot, name: "" }, ["name | name is empty | -"]],
    [
      "a word",
      "Dataset",
      { ...dataset, format: "texts" },
      ['format | format must be one of text, image; found "texts" | Did you mean text?'],
    ],
    [
      "a word that nobody means",
      "Dataset",
      { ...dataset, format: "parquet" },
      ['format | format must be one of text, image; found "parquet" | -'],
    ],
    [
      "a word of a set that Coze extends",
      "CallbackApp",
      { ...app, events: ["bot.publish"] },
      [
        `warning: events[0] | events[0]: "bot.publish" isn't in Coze's documentation | Did you mean bot.published?`,
      ],
    ],
    [
      "an id",
      "WorkspaceMember",
      { workspace: "7", user_id: "u1", role: "admin" },
      ['user_id | user_id must be a user id of digits; found "u1" | -'],
    ],
    [
      "a name where an id belongs",
      "Bot",
      { ...bot, workspace: "desk" },
      [
        'workspace | workspace must be the id of a coze_workspace; found "desk" | Refer to it: coze_workspace.NAME.id, or data.coze_workspace.NAME.id for one that isn\'t managed here.',
      ],
    ],
    [
      "a word of manifests inside",
      "Bot",
      { ...bot, publish: { connectors: [{ id: "chat_sdk" }] } },
      [
        'publish.connectors[0].id | publish.connectors[0].id must be an id of digits; found "chat_sdk" | Set it to "999".',
      ],
    ],
    [
      "a word that nobody knows inside",
      "Bot",
      { ...bot, publish: { connectors: [{ id: "app" }] } },
      [
        'publish.connectors[0].id | publish.connectors[0].id must be an id of digits; found "app" | "1024" is api, "999" is chat_sdk.',
      ],
    ],
    [
      "a name where an id belongs inside",
      "Bot",
      { ...bot, knowledge: { datasets: ["faq"] } },
      [
        'knowledge.datasets[0] | knowledge.datasets[0] must be the id of a coze_dataset; found "faq" | Refer to it: coze_dataset.NAME.id, or data.coze_dataset.NAME.id for one that isn\'t managed here.',
      ],
    ],
    [
      "too large",
      "Bot",
      { ...bot, model: { ...model, top_p: 1.5 } },
      ["model.top_p | model.top_p is 1.5; the maximum is 1 | -"],
    ],
    [
      "too small",
      "Document",
      { ...document, source: { url: "https://a.example", refresh_hours: 3 } },
      ["source.refresh_hours | source.refresh_hours is 3; the minimum is 24 | -"],
    ],
    [
      "no whole number",
      "Bot",
      { ...bot, model: { ...model, top_k: 1.5 } },
      ["model.top_k | model.top_k must be a whole number; found 1.5 | Set it to 2."],
    ],
    [
      "too many items",
      "Bot",
      { ...bot, knowledge: { datasets: Array.from({ length: 151 }, (_, index) => String(index)) } },
      ["knowledge.datasets | knowledge.datasets has 151 items, at most 150 are allowed | Shorten it by 1."],
    ],
    [
      "a null in a list",
      "Bot",
      { ...bot, workflows: ["1", null] },
      ["workflows[1] | workflows[1] has no value | Remove it or set a value."],
    ],
    [
      "a required one within",
      "Bot",
      { ...bot, model: { top_p: 1 } },
      ["model.id | model.id is missing | Set it to an id of digits."],
    ],
    [
      "no URL",
      "CallbackApp",
      { ...app, callback_url: "example.com" },
      [
        'callback_url | callback_url must be a URL; found "example.com" | For example https://example.com/path.',
      ],
    ],
    [
      "a URL that isn't encoded",
      "CallbackApp",
      { ...app, callback_url: "https://example.com/回调" },
      [
        'callback_url | callback_url must be a URL; found "https://example.com/回调" | Write https://example.com/%E5%9B%9E%E8%B0%83.',
      ],
    ],
    [
      "no JSON",
      "Bot",
      { ...bot, model: { ...model, parameters: "{" } },
      ["model.parameters | model.parameters isn't valid JSON | Set it to jsonencode({…})."],
    ],
    [
      "JSON of something else",
      "Bot",
      { ...bot, model: { ...model, parameters: "[1]" } },
      ["model.parameters | model.parameters must be a JSON object | Set it to jsonencode({…})."],
    ],
    [
      "a number that JSON can't hold",
      "Bot",
      { ...bot, model: { ...model, parameters: '{"a":{"b":7530000000000000001}}' } },
      [
        "model.parameters | model.parameters contains the number 7530000000000000001, which would lose digits | Write it as a string.",
      ],
    ],
    [
      "a secret that isn't JSON is never shown",
      "Bot",
      { ...bot, publish: { connectors: [{ id: "1024", config: '{"k":75300000000000000017}' }] } },
      [
        "publish.connectors[0].config | publish.connectors[0].config contains a number that would lose digits | Write it as a string.",
      ],
    ],
    [
      "what Coze sets",
      "Bot",
      { ...bot, id: "9", version: "1" },
      [
        "id | id is set by Coze or the provider | Remove it.",
        "version | version is set by Coze or the provider | Remove it.",
      ],
    ],
    [
      "what the provider works out, within",
      "Document",
      { ...document, source: { file: "a.txt", file_sha256: "x" } },
      ["source.file_sha256 | source.file_sha256 is set by Coze or the provider | Remove it."],
    ],
    [
      "a token in the wrong place is masked",
      "Bot",
      { ...bot, workspace: "pat_0123456789abcdefABCDEF" },
      [
        `workspace | workspace must be the id of a coze_workspace; found "${"*".repeat(26)}" | Refer to it: coze_workspace.NAME.id, or data.coze_workspace.NAME.id for one that isn't managed here.`,
      ],
    ],
  ];
  test.each(cases)("%s", (_name, kind, values, diagnostics) => {
    expect(check(kind, values)).toEqual(diagnostics);
  });
});

describe("files", () => {
  const cases: readonly (readonly [string, string, Values, readonly string[]])[] = [
    [
      "one that isn't there",
      "Bot",
      { ...bot, icon: "no.png" },
      [
        `icon | no.png can't be read | Paths are relative to the directory that Terraform runs in: write "\${path.module}/…" for a file beside the configuration.`,
      ],
    ],
    ["an empty path", "Bot", { ...bot, icon: "" }, ["icon | icon is empty | Set it to the path of a file."]],
    [
      "of another format",
      "Bot",
      { ...bot, icon: "a.txt" },
      [
        "icon | icon: a.txt must be an image (.jpg .jpeg .png .gif .webp .bmp .heic .heif .tiff) | Convert the file, or use another one.",
      ],
    ],
    [
      "too large",
      "Bot",
      { ...bot, icon: "huge.png" },
      ["icon | icon: huge.png is 600 MB; the limit is 512 MB | -"],
    ],
    [
      "empty",
      "Document",
      { ...document, source: { file: "none.txt" } },
      ["source.file | source.file: none.txt is empty | -"],
    ],
    [
      "too large by a rule of the kind",
      "Document",
      { ...document, source: { file: "long.txt" } },
      [
        "source.file | source.file: the file is too large: a text document must be smaller than 10 MB | Split the file; manifests do it at its headings with metadata.for_each: {files: …, split: true}.",
      ],
    ],
    ["one that isn't known yet", "Document", { ...document, source: { file: unknown } }, []],
  ];
  test.each(cases)("%s", (_name, kind, values, diagnostics) => {
    expect(check(kind, values)).toEqual(diagnostics);
  });
});

describe("attributes among each other", () => {
  const cases: readonly (readonly [string, string, Values, readonly string[]])[] = [
    [
      "two of which one is wanted",
      "Document",
      { ...document, source: { file: "a.txt", url: "https://a.example" } },
      ["source | source requires exactly one of file, url; found file, url | Remove one of them."],
    ],
    [
      "none of which one is wanted",
      "Document",
      { ...document, source: {} },
      ["source | source requires exactly one of file, url | -"],
    ],
    [
      "one, and another that may be null",
      "Document",
      { ...document, source: { file: "a.txt", url: unknown } },
      [],
    ],
    ["none, but one may come", "Document", { ...document, source: { url: unknown } }, []],
    [
      "an original by what Terraform knows of it",
      "Copy",
      { type: "bot", workspace: "7", source: {} },
      ["source | source requires exactly one of id, bot, workflow | -"],
    ],
    [
      "two that exclude each other",
      "Bot",
      { ...bot, prompt: "p", cached_prompt: { prefix: "q" } },
      ["cached_prompt | prompt and cached_prompt can't be set together | Remove one of them."],
    ],
    [
      "two that may exclude each other",
      "Bot",
      { ...bot, prompt: unknown, cached_prompt: { prefix: "q" } },
      [],
    ],
    [
      "a key twice",
      "Bot",
      { ...bot, publish: { connectors: [{ id: "1024" }, { id: "999" }, { id: "1024" }] } },
      [
        "publish.connectors[2].id | publish.connectors[2].id: an item with this id is already in the list | Remove one of them.",
      ],
    ],
    [
      "keys that aren't known",
      "Bot",
      { ...bot, publish: { connectors: [{ id: unknown }, { id: unknown }] } },
      [],
    ],
    [
      "a secret in both ways",
      "Bot",
      { ...bot, publish: { connectors: [{ id: "1024", config: "{}", config_wo: "{}" }] } },
      ["publish.connectors[0].config_wo | config and config_wo can't be set together | Remove one of them."],
    ],
    [
      "a secret that isn't kept",
      "Bot",
      { ...bot, publish: { connectors: [{ id: "1024", config_wo: "[]" }] } },
      [
        "publish.connectors[0].config_wo | publish.connectors[0].config_wo must be a JSON object | Set it to jsonencode({…}).",
      ],
    ],
    [
      "a rule of the kind",
      "Bot",
      { ...bot, suggested_replies: { mode: "customized" } },
      [
        "suggested_replies.mode | suggested_replies.mode: customized suggestions need a prompt | Set suggested_replies.prompt, or use the mode enable or disable.",
      ],
    ],
    [
      "a rule sees what stands in JSON",
      "Bot",
      {
        ...bot,
        plugins: [],
        model: { ...model, parameters: '{"thinking_type":"enabled"}' },
        workflows: ["5"],
      },
      [
        "workflows | workflows: a model with thinking_type enabled can't use workflows | Remove workflows, or set model.parameters.thinking_type to disabled or auto.",
      ],
    ],
    [
      "a rule waits until all is known",
      "Bot",
      { ...bot, description: unknown, suggested_replies: { mode: "customized" } },
      [],
    ],
    [
      "a channel of one's own",
      "Bot",
      { ...bot, publish: { connectors: [{ id: "7777" }] } },
      [
        "publish.connectors | publish.connectors: channel 7777 can only be published to together with api (1024) | Add api (1024) to the list.",
      ],
    ],
    [
      "several at once",
      "Bot",
      { name: "", model: { ...model, top_p: 2 }, workflows: ["w"] },
      [
        "workspace | workspace is missing | Set it to the id of a coze_workspace: coze_workspace.NAME.id, or data.coze_workspace.NAME.id for one that isn't managed here.",
        "name | name is empty | -",
        "model.top_p | model.top_p is 2; the maximum is 1 | -",
        'workflows[0] | workflows[0] must be the id of a coze_workflow; found "w" | Refer to it: coze_copy.NAME.id, or data.coze_workflow.NAME.id for one that isn\'t managed here.',
      ],
    ],
  ];
  test.each(cases)("%s", (_name, kind, values, diagnostics) => {
    expect(check(kind, values)).toEqual(diagnostics);
  });

  test("nothing is said of what isn't known at all", () => {
    for (const kind of kinds.filter(({ removal }) => removal !== undefined)) {
      const { attributes } = resourceSchema(kind);
      const names = Object.entries(attributes).filter(([, one]) => one.required || one.optional);
      const config = Object.fromEntries(names.map(([name]) => [name, unknown]));
      expect(check(kind.name, config)).toEqual([]);
    }
  });
});

const managed = kinds.filter(({ removal }) => removal !== undefined);

describe("for any configuration", () => {
  /** Any value of a type, with nulls and parts that aren't known anywhere. */
  function arbitraryOf(type: Attribute["type"]): fc.Arbitrary<Json> {
    return fc.oneof(
      { weight: 6, arbitrary: arbitraryKnown(type) },
      { weight: 1, arbitrary: fc.constantFrom<Json[]>(null, unknown) },
    );
  }

  function arbitraryKnown(type: Attribute["type"]): fc.Arbitrary<Json> {
    if (type === "string")
      return fc.oneof(fc.string(), fc.json(), fc.constantFrom("a.txt", "1024", "text", "bot"));
    if (type === "number") return fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
    if (type === "bool") return fc.boolean();
    if (type === "dynamic") return fc.constant(null);
    if ("nested" in type) {
      const { nesting, attributes } = type.nested;
      const item = arbitraryObject(attributes);
      return nesting === "single"
        ? item
        : fc.array(fc.oneof(item, fc.constantFrom<Json[]>(null, unknown)), { maxLength: 3 });
    }
    if ("list" in type) return fc.array(arbitraryOf(type.list), { maxLength: 4 });
    if ("set" in type) return fc.array(arbitraryOf(type.set), { maxLength: 4 });
    return fc.constant(null);
  }

  const arbitraryObject = (attributes: Attributes): fc.Arbitrary<Values> =>
    fc.record(
      Object.fromEntries(Object.entries(attributes).map(([name, { type }]) => [name, arbitraryOf(type)])),
    ) as fc.Arbitrary<Values>;

  test.each(managed.map((kind) => [kind.name, kind] as const))(
    "%s: never throws, and points at attributes",
    (_name, kind) => {
      const { attributes } = resourceSchema(kind);
      fc.assert(
        fc.property(arbitraryObject(attributes), (config) => {
          for (const { summary, path } of validateConfig(kind, config, files)) {
            expect(summary).not.toMatch(/\n|undefined|\[object/u);
            expect(path?.length).toBeGreaterThan(0);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each(managed.map((kind) => [kind.name, kind] as const))(
    "%s: valid ones are left alone",
    (_name, kind) => {
      const ref = () => fc.stringMatching(/^[1-9]\d{5}$/u);
      const file = ({ extensions }: { readonly extensions: readonly string[] }) =>
        fc.constant(extensions.includes("txt") ? "a.txt" : "x.png");
      fc.assert(
        fc.property(arbitrarySpec(kind, { ref, file }), (spec) => {
          const config = { ...blankOf(kind.fields, "object"), ...toObject(kind.fields, spec) };
          const whole = configOf(kind.name, config);
          const errors = validateConfig(kind, whole, files).filter(({ severity }) => severity === "error");
          expect(errors).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
  );
});
