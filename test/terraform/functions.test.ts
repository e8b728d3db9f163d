import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Json, Values } from "../../src/core/value.ts";
import { isObject } from "../../src/core/value.ts";
import { kinds } from "../../src/kinds/index.ts";
import { callFunction } from "../../src/terraform/functions/functions.ts";
import { toObject } from "../../src/terraform/resource/attribute-conversion.ts";
import { resourceSchema } from "../../src/terraform/schema/resource-schema.ts";
import { decodeValue, encodeValue } from "../../src/terraform/values/codec.ts";
import { arbitrarySpec, writeManifest } from "../support/arbitrary-spec.ts";
import { makeScratch } from "../support/scratch.ts";

const quickstart = join(import.meta.dirname, "../../examples/quickstart");

const kindOf = (name: string) => kinds.find((one) => one.name === name) ?? raise(name);

function raise(name: string): never {
  throw new Error(`no kind ${name}`);
}

/** What a function gives; fails the test when that is an error. */
async function give(name: string, ...args: readonly Json[]): Promise<Json> {
  const called = await callFunction(name, args);
  if ("error" in called) throw new Error(called.error);
  return called.value;
}

/** The lines of the error that a function tells of; Terraform puts a full stop behind the last. */
async function refuse(name: string, ...args: readonly Json[]): Promise<readonly string[]> {
  const called = await callFunction(name, args);
  if ("value" in called) throw new Error(`gave ${JSON.stringify(called.value)}`);
  expect(called.error).not.toMatch(/\.$/u);
  return called.error.split("\n");
}

const withoutStop = (lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => (index === lines.length - 1 ? line.replace(/\.$/u, "") : line));

/** What isn't null, all the way down. */
function given(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => given(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([name, item]) => [name, given(item)]));
}

const head = (kind: string, spec: string) =>
  `apiVersion: cozeform/v1\nkind: ${kind}\nmetadata: { name: x }\nspec:\n${spec.replaceAll(/^/gmu, "  ")}`;

describe("the manifests of the quickstart", () => {
  test("every document that holds no interpolation is read", async () => {
    const text = readFileSync(join(quickstart, "manifests/knowledge.yaml"), "utf8");
    const [policies = "", products = ""] = text.split("---\n");
    const read = await give("manifests", [policies, products].join("---\n"), "../quickstart");
    expect(given(read)).toEqual([
      {
        kind: "Dataset",
        name: "policies",
        spec: {
          workspace: "desk",
          name: "店铺政策",
          format: "text",
          description: "退换货、发货、发票、支付、会员和质量问题的现行规则。",
          icon: "../quickstart/assets/shop.png",
        },
      },
      {
        kind: "Dataset",
        name: "products",
        spec: {
          workspace: "desk",
          name: "商品与养护",
          format: "text",
          description: "在售商品的规格、选购要点和日常养护方法。",
          icon: "../quickstart/assets/shop.png",
        },
      },
    ]);
  });

  test("with its variables put in, a bot is read with its prompt and its words written out", async () => {
    const text = readFileSync(join(quickstart, "manifests/bots.yaml"), "utf8")
      .replaceAll("${var.suffix}", "-dev")
      .replaceAll("${var.model}", '"17"');
    const [bot] = (await give("manifests", text, quickstart)) as readonly Values[];
    expect(given(bot ?? null)).toEqual({
      kind: "Bot",
      name: "after-sales",
      spec: {
        workspace: "desk",
        name: "售后助手-dev",
        description: "回答退换货、物流、发票和质量问题，需要人工时整理好信息再转交。",
        icon: join(quickstart, "assets/shop.png"),
        prompt: readFileSync(join(quickstart, "prompts/after-sales.md"), "utf8"),
        model: {
          id: "17",
          temperature: 0.3,
          max_tokens: 1024,
          context_round: 10,
          response_format: "text",
          current_time: true,
        },
        knowledge: { datasets: ["policies", "products"], search_strategy: "hybrid" },
        onboarding: {
          prologue: "您好，我是栗树湾小铺的售后助手。退换货、物流、发票或者商品有问题，都可以直接告诉我。",
          suggested_questions: [
            "收到的商品有破损怎么办？",
            "七天无理由退货怎么申请？",
            "电子发票在哪里下载？",
          ],
        },
        suggested_replies: { mode: "enable" },
        publish: { connectors: [{ id: "1024" }, { id: "999" }] },
      },
    });
  });

  test.each(["bots.yaml", "callbacks.yaml", "workspace.yaml"])("%s needs its variables", async (name) => {
    const text = readFileSync(join(quickstart, "manifests", name), "utf8");
    const lines = await refuse("manifests", text, quickstart);
    const hint =
      'Read the file with templatefile("…", { var = { suffix = … } }) rather than file("…"); write $${ for the characters themselves.';
    expect(lines.find((line) => line.includes("${var.suffix}"))).toMatch(
      /^line \d+, column \d+: spec\.name: \$\{var\.suffix\} isn't replaced here\. /u,
    );
    expect(lines.some((line) => `${line}.`.includes(hint))).toBe(true);
  });
});

describe("a manifest", () => {
  test("has every attribute of its kind's resource, also within", async () => {
    const { spec } = (await give(
      "manifest",
      head("Bot", 'workspace: desk\nname: b\nmodel: { id: "1" }'),
    )) as {
      readonly spec: Values;
    };
    const { id: _id, unfinished: _unfinished, ...attributes } = resourceSchema(kindOf("Bot")).attributes;
    expect(Object.keys(spec)).toEqual(Object.keys(attributes));
    const { type } = attributes.model ?? raise("model");
    const inner = typeof type === "object" && "nested" in type ? type.nested.attributes : {};
    expect(Object.keys(spec.model as Values)).toEqual(Object.keys(inner));
    expect(spec.prompt).toBeNull();
  });

  test.each([
    ["an id in the place of a name", 'workspace: { id: "75" }', { workspace: "75" }],
    ["the name of a copy", "workflows: [{ copy: w }, v]", { workflows: ["w", "v"] }],
    [
      "a map of anything",
      "model: { id: '1', parameters: { b: [1, {}], a: null } }",
      { model: { id: "1", parameters: '{"a":null,"b":[1,{}]}' } },
    ],
    ["an anchor", "description: &d hello\nprompt: *d", { description: "hello", prompt: "hello" }],
    ["characters that begin an interpolation", "prompt: 'a $${b} $c'", { prompt: "a ${b} $c" }],
  ])("%s", async (_name, yaml, spec) => {
    const read = (await give("manifest", head("Bot", yaml))) as Values;
    expect(given(read.spec ?? null)).toEqual(spec);
  });

  test("keeps its parts for cozeform alone to itself", async () => {
    const yaml =
      "apiVersion: cozeform/v1\nkind: Workspace\nmetadata: { name: x, depends_on: [Bot.a], lifecycle: { prevent_destroy: true } }\nspec: { name: n, description: d }\nchecks: [1]\n";
    expect(given(await give("manifest", yaml))).toEqual({
      kind: "Workspace",
      name: "x",
      spec: { name: "n", description: "d" },
    });
  });

  test("goes to Terraform as it is", async () => {
    const value = await give(
      "manifest",
      head("Bot", 'workspace: desk\nname: b\nmodel: { id: "1", top_p: 0.1 }'),
    );
    expect(decodeValue(encodeValue(value, "dynamic"), "dynamic")).toEqual(value);
  });
});

describe("what is wrong is told with its place and the next move", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["nothing", "", ["the text contains no manifest"]],
    ["only a comment", "# a\n---\n", ["the text contains no manifest"]],
    [
      "no map",
      "- a",
      [
        "line 1, column 1: this isn't a manifest: a manifest is a map. A manifest has apiVersion, kind, metadata: {name: …} and spec.",
      ],
    ],
    [
      "no YAML",
      "a: [1, 2\nb: 3\n",
      ["line 1, column 4: the [ on line 1 isn't closed. Write ] where the list ends."],
    ],
    [
      "a key twice",
      head("Bot", "name: a\nname: b"),
      ['line 6, column 3: the key "name" is already on line 5. Remove one of them.'],
    ],
    [
      "an alias of nothing",
      head("Bot", "name: *a"),
      ["line 5, column 9: there is no anchor &a above. Quote strings that begin with *."],
    ],
    [
      "a nest",
      `a: ${"[".repeat(200)}${"]".repeat(200)}`,
      ["line 1, column 104: values are nested more than 100 deep. Nest the values less deeply."],
    ],
    [
      "another version",
      "apiVersion: cozeform/v2\nkind: Bot\nmetadata: { name: a }\nspec: {}",
      ['line 1, column 13: apiVersion must be "cozeform/v1"; found "cozeform/v2". Did you mean cozeform/v1?'],
    ],
    [
      "almost nothing",
      "kind: Bot",
      [
        'line 1, column 1: apiVersion is missing. Set it to "cozeform/v1".',
        "line 1, column 1: metadata is missing. Write metadata: {name: support}.",
        "line 1, column 1: spec is missing. Write spec: with the resource's fields below it.",
      ],
    ],
    ["another kind", head("Bto", "a: 1"), ['line 2, column 7: there is no kind "Bto". Did you mean "Bot"?']],
    [
      "a kind that is looked up",
      head("Workflow", "a: 1"),
      [
        "line 2, column 7: a Workflow can't be created through Coze's API. Look it up with data.coze_workflow.",
      ],
    ],
    [
      "a name that is none",
      "apiVersion: cozeform/v1\nkind: Bot\nmetadata: { name: A b }\nspec: {}",
      ['line 3, column 19: metadata.name must be lower-case letters, digits and hyphens; found "A b"'],
    ],
    [
      "for_each",
      "apiVersion: cozeform/v1\nkind: Bot\nmetadata: { name: a, for_each: [b] }\nspec: {}",
      [
        "line 3, column 22: metadata.for_each has no effect here. Write one manifest for each, or set for_each in the resource's block.",
      ],
    ],
    [
      "a misspelt key",
      head("Bot", "promt: a"),
      ['line 5, column 3: unknown key "promt" in spec. Did you mean "prompt"?'],
    ],
    [
      "a misspelt key within",
      head("Bot", "model:\n  ids: a"),
      ['line 6, column 5: unknown key "ids" in spec.model. Did you mean "id"?'],
    ],
    [
      "a misspelt part",
      "apiVersion: cozeform/v1\nkind: Bot\nmetadata: { name: a }\nspecs: {}",
      [
        'line 4, column 1: unknown key "specs". Did you mean "spec"?',
        "line 1, column 1: spec is missing. Write spec: with the resource's fields below it.",
      ],
    ],
    [
      "what Coze sets",
      head("Bot", "version: a"),
      ["line 5, column 3: spec.version is set by Coze. Remove it."],
    ],
    [
      "another environment",
      head("Copy", "type: bot\nsource: { environment: dev, bot: a }"),
      [
        "line 6, column 13: spec.source.environment refers to other environments of a project, which Terraform doesn't have. Remove it, and write ids.",
      ],
    ],
    [
      "a lookup",
      head("Bot", "workspace: { lookup: { name: a } }"),
      [
        "line 5, column 14: spec.workspace: lookup isn't supported here. Look it up with data.coze_workspace, and set its id in the resource's block.",
      ],
    ],
    [
      "a number for a text",
      head("Bot", "name: 1.10"),
      ['line 5, column 9: spec.name: expected a string, found a number. Quote it: "1.10".'],
    ],
    [
      "a number for an id",
      head("Bot", "workspace: 75"),
      [
        'line 5, column 14: spec.workspace: expected the name of a Workspace or {id: "…"}, found a number. Quote it: "75".',
      ],
    ],
    [
      "a number that loses digits",
      head("Bot", "workspace: 7530000000000000001"),
      [
        'line 5, column 14: the number 7530000000000000001 would lose digits. Quote it: "7530000000000000001".',
      ],
    ],
    [
      "a text for a number",
      head("Bot", "model: { top_p: '0.5' }"),
      ["line 5, column 19: spec.model.top_p: expected a number, found a string. Write it without quotes."],
    ],
    [
      "a text for a list",
      head("Bot", "workflows: w"),
      ['line 5, column 14: spec.workflows: expected a list, found a string. Write it as a list: ["w"].'],
    ],
    [
      "another word",
      head("Dataset", "format: texts"),
      ['line 5, column 11: spec.format must be one of text, image; found "texts". Did you mean text?'],
    ],
    [
      "another channel",
      head("Bot", "publish: { connectors: [apis] }"),
      [
        'line 5, column 27: spec.publish.connectors[0] must be one of api, chat_sdk; found "apis". Did you mean api?',
      ],
    ],
    [
      "no value",
      head("Bot", "prompt:"),
      ["line 5, column 3: spec.prompt has no value. Remove the key or set a value."],
    ],
    [
      "an interpolation",
      head("Bot", "prompt: a ${var.b} c"),
      [
        'line 5, column 11: spec.prompt: ${var.b} isn\'t replaced here. Read the file with templatefile("…", { var = { b = … } }) rather than file("…"); write $${ for the characters themselves.',
      ],
    ],
    [
      "an item of for_each",
      head("Bot", "prompt: ${each.value}"),
      [
        "line 5, column 11: spec.prompt: ${each.value} isn't replaced here. Remove it from the manifest, and set the value in the resource's block.",
      ],
    ],
    [
      "a file that isn't there",
      head("Bot", "prompt: { file: a.md }"),
      [
        "line 5, column 19: nowhere/a.md can't be read. Pass the directory of the manifest's files as second argument, such as path.module.",
      ],
    ],
    [
      "a file outside",
      head("Bot", "icon: ../a.png"),
      [
        'line 5, column 9: spec.icon is "../a.png", outside of the directory nowhere. Name a file in that directory.',
      ],
    ],
    [
      "several at once",
      head("Bot", "nam: a\nprompt: [a]"),
      [
        'line 5, column 3: unknown key "nam" in spec. Did you mean "name"?',
        "line 6, column 11: spec.prompt: expected a string, {file: path} or {template: path}, found a list",
      ],
    ],
  ];
  test.each(cases)("%s", async (_name, yaml, lines) => {
    expect(await refuse("manifest", yaml, "nowhere")).toEqual(withoutStop(lines));
  });

  test("several manifests", async () => {
    const one = head("Workspace", "name: a");
    const other = one.replace("name: x", "name: y").replace("name: a", "name: b");
    expect(await refuse("manifest", `${one}\n---\n${other}`)).toEqual([
      "the text contains 2 manifests: read them with provider::coze::manifests",
    ]);
    expect(await give("manifests", `${one}\n---\n${other}`)).toHaveLength(2);
    expect(await give("manifests", "")).toEqual([]);
  });

  const dataset = (address: string, spec: string) =>
    head("Dataset", `workspace: desk\n${spec}`).replace("name: x", `name: ${address}`);

  test("two manifests of one identity, as validate does", async () => {
    const texts = [dataset("one", "name: faq"), dataset("two", "name: faq"), dataset("other", "name: other")];
    expect(await refuse("manifests", texts.join("\n---\n"))).toEqual([
      "line 6, column 9: Dataset.one and Dataset.two have the same identity (workspace, name). The other one is at line 13, column 9: change name in one of them",
    ]);
  });

  test("two manifests of one address, as validate does", async () => {
    const texts = [dataset("one", "name: faq"), dataset("one", "name: faq")];
    expect(await refuse("manifests", texts.join("\n---\n"))).toEqual([
      "line 10, column 19: Dataset.one is already defined at line 3, column 19. Rename one of them",
    ]);
  });

  test("manifests that don't say in what they are may go to different ones", async () => {
    const texts = ["one", "two"].map((name) => head("Bot", "name: b").replace("name: x", `name: ${name}`));
    expect(await give("manifests", texts.join("\n---\n"))).toHaveLength(2);
  });

  test("two directories", async () => {
    expect(await callFunction("manifest", ["", "a", "b"])).toEqual({
      error: "only one directory can be passed",
      argument: 2,
    });
  });

  test("a text that isn't UTF-8", async () => {
    const directory = makeScratch();
    writeFileSync(join(directory, "a.md"), Buffer.from([0xff, 0xfe]));
    expect(await refuse("manifest", head("Bot", "prompt: { file: a.md }"), directory)).toEqual([
      `line 5, column 19: ${directory}/a.md isn't UTF-8 text; it looks like UTF-16. Save it as UTF-8: iconv -f UTF-16 -t UTF-8 ${directory}/a.md > converted`,
    ]);
  });
});

describe("for any text", () => {
  const managed = kinds.filter(({ removal }) => removal !== undefined);

  test.each(managed.map((kind) => [kind.name, kind] as const))(
    "%s: what a manifest says is what comes out",
    async (_name, kind) => {
      const ref = () => fc.stringMatching(/^[a-z]{1,8}$/u);
      const file = () => fc.constant("x.png");
      await fc.assert(
        fc.asyncProperty(arbitrarySpec(kind, { ref, file }), async (spec) => {
          const read = await give("manifest", writeManifest(kind.name, "a", spec));
          expect(read).toEqual({ kind: kind.name, name: "a", spec: toObject(kind.fields, spec) });
        }),
        { numRuns: 40 },
      );
    },
  );

  test("nothing is thrown", async () => {
    const sign = fc.constantFrom(
      ..."abc:-[]{}&*!|>'\"%@#,\n \t${}~?<=1.0",
      "kind",
      "spec",
      "Bot",
      "cozeform/v1",
      "__proto__",
    );
    const mixed = fc.string({ unit: sign, maxLength: 60 });
    const text = fc.oneof(
      mixed,
      mixed.map((spec) => head("Bot", spec)),
      fc.string({ unit: "binary" }),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom("manifest", "manifests"), async (yaml, name) => {
        const called = await callFunction(name, [yaml]);
        expect("value" in called || called.error.length > 0).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });
});
