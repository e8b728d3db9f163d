import { describe, expect, test } from "@jest/globals";
import type { Check } from "../../src/kind/resource.ts";
import type { KindSchema } from "../../src/kind/schema.ts";
import { kinds as realKinds } from "../../src/kinds/index.ts";
import type { LoadOptions } from "../../src/manifest/load.ts";
import { toyKinds } from "./toy-kinds.ts";
import { brief, type Files, loadFiles } from "./toy-project.ts";

const parrot = {
  name: "Parrot",
  description: "Something that answers.",
  identity: ["name"],
  removal: "delete",
  fields: {
    name: { type: "string", presence: "required", description: "What it is called." },
    sort: { type: "string", presence: "optional", description: "What sort it is." },
  },
  replyProbe: {
    asks: ({ sort }) => (sort === "dead" ? { refusal: "a dead parrot says nothing" } : "say"),
  },
} as const satisfies KindSchema;

const engine = {
  ...parrot,
  name: "Engine",
  replyProbe: { asks: () => "input" },
} as const satisfies KindSchema;

const kinds = [...toyKinds, parrot, engine];

/** A manifest whose checks begin on line 6, two spaces in. */
const asked = (kind: string, lines: readonly string[], spec = "{name: a}"): string =>
  [
    "apiVersion: cozeform/v1",
    `kind: ${kind}`,
    "metadata: {name: polly}",
    `spec: ${spec}`,
    "checks:",
    ...lines.map((line) => `  ${line}`),
    "",
  ].join("\n");

const load = (files: Files, more: Partial<LoadOptions> = {}) => loadFiles(files, { kinds, ...more });

async function checksOf(files: Files, more: Partial<LoadOptions> = {}): Promise<readonly Check[]> {
  const { resources, diagnostics } = await load(files, more);
  expect(diagnostics).toEqual([]);
  return resources.flatMap(({ checks = [] }) => checks);
}

describe("checks", () => {
  test("are read with their places, short forms and defaults", async () => {
    const manifest = asked("Parrot", [
      "- {name: hello, say: 你好, expect: 您好}",
      "- name: full",
      "  say: {file: ask.md}",
      '  expect: {text: a, pattern: "^b\\\\d", schema: {type: object}}',
      "  within: 2m",
      "- {name: quick, say: x, expect: y, within: 2.5}",
      '- {name: brisk, say: x, expect: y, within: "90 s"}',
    ]);
    expect(await checksOf({ "a.yaml": manifest, "ask.md": "问\n" })).toEqual([
      {
        name: "hello",
        say: "你好",
        expect: { text: "您好" },
        within: 60,
        at: { file: "a.yaml", line: 6, column: 5 },
      },
      {
        name: "full",
        say: "问\n",
        expect: { text: "a", pattern: "^b\\d", schema: { type: "object" } },
        within: 120,
        at: { file: "a.yaml", line: 7, column: 5 },
      },
      expect.objectContaining({ name: "quick", within: 2.5 }),
      expect.objectContaining({ name: "brisk", within: 90 }),
    ]);
  });

  test("take variables, items of for_each, and what isn't to be shown", async () => {
    const manifest = asked("Engine", [
      "- name: ${each.key}",
      '  input: {order: {number: "${each.value.number}", from: "a ${var.shop}"}}',
      '  expect: {schema: {const: "${each.value.number}"}}',
      "  within: ${var.patience}",
      "- {name: hidden, input: {}, expect: 'the ${env.WORD}'}",
    ])
      .replace("{name: polly}", "{name: polly, for_each: {one: {number: 1}, two: {number: 2}}}")
      .replace("spec: {name: a}", 'spec: {name: "${each.key}"}');
    const project = `apiVersion: cozeform/v1
kind: Project
environments: {dev: {variables: {shop: 店, patience: 5s}}}
`;
    const checks = await checksOf(
      { "cozeform.yaml": project, "a.yaml": manifest },
      { env: { WORD: "secret word" } },
    );
    expect(checks.map(({ at: _, ...check }) => check)).toEqual(
      [1, 2].flatMap((number) => [
        {
          name: number === 1 ? "one" : "two",
          input: { order: { number, from: "a 店" } },
          expect: { schema: { const: number } },
          within: 5,
        },
        { name: "hidden", input: {}, expect: { text: "the secret word" }, within: 60, hidden: true },
      ]),
    );
  });

  test("are merged with those of patches by name", async () => {
    const base = asked("Parrot", [
      "- {name: hello, say: 你好, expect: {pattern: x}}",
      "- {name: bye, say: 再见, expect: 再见}",
    ]);
    const patch = `apiVersion: cozeform/v1
kind: Parrot
metadata: {name: polly}
checks:
  - {name: hello, expect: 您好, within: 5}
  - {name: more, say: 喂, expect: 嗯}
`;
    const project = `apiVersion: cozeform/v1
kind: Project
environments: {dev: {patches: [patches/*.yaml]}}
`;
    const files = { "cozeform.yaml": project, "a.yaml": base };
    const merged = await checksOf({ ...files, "patches/a.yaml": patch });
    expect(merged.map(({ name, say, expect, within }) => [name, say, expect, within])).toEqual([
      ["hello", "你好", { pattern: "x", text: "您好" }, 5],
      ["bye", "再见", { text: "再见" }, 60],
      ["more", "喂", { text: "嗯" }, 60],
    ]);
    const none = patch.replace(/checks:.*/su, "checks: null\n");
    expect(await checksOf({ ...files, "patches/a.yaml": none })).toEqual([]);
  });
});

interface Mistake {
  readonly title: string;
  readonly checks: readonly string[];
  readonly at: string;
  readonly message: string;
  readonly hint?: string;
}

const mistakes: readonly Mistake[] = [
  {
    title: "a pattern that is none",
    checks: ["- {name: a, say: x, expect: {pattern: (七}}"],
    at: "6:41 malformed",
    message: "checks[0].expect.pattern isn't a regular expression: unterminated group",
    hint: "escape literal characters with a backslash: \\( \\? \\.; or expect a literal text with text:",
  },
  {
    title: "a pattern that is one without flag u alone",
    checks: ["- {name: a, say: x, expect: {pattern: '7\\-15'}}"],
    at: "6:41 malformed",
    message: "checks[0].expect.pattern isn't a regular expression: invalid escape",
  },
  {
    title: "a schema with a type that is none",
    checks: ["- {name: a, say: x, expect: {schema: {properties: {a: {type: txt}}}}}"],
    at: "6:64 malformed",
    message:
      "checks[0].expect.schema.properties.a.type isn't a valid JSON Schema: must be equal to one of the allowed values",
  },
  {
    title: "a schema with a word that means nothing",
    checks: ["- {name: a, say: x, expect: {schema: {requird: [a]}}}"],
    at: "6:40 malformed",
    message: 'checks[0].expect.schema isn\'t a valid JSON Schema: unknown keyword: "requird"',
    hint: "correct it; cozeform reads it as JSON Schema draft 2020-12",
  },
  {
    title: "a schema that refers to another one",
    checks: ['- {name: a, say: x, expect: {schema: {$ref: "https://example.com/a"}}}'],
    at: "6:40 malformed",
    message:
      "checks[0].expect.schema isn't a valid JSON Schema: can't resolve reference https://example.com/a from id #",
  },
  {
    title: "a schema of another draft",
    checks: ['- {name: a, say: x, expect: {schema: {$schema: "http://json-schema.org/draft-07/schema#"}}}'],
    at: "6:50 malformed",
    message: "checks[0].expect.schema.$schema isn't a valid JSON Schema: only draft 2020-12 is supported",
    hint: "correct it; cozeform reads it as JSON Schema draft 2020-12",
  },
  {
    title: "a schema whose draft is no text",
    checks: ["- {name: a, say: x, expect: {schema: {$schema: 5}}}"],
    at: "6:50 malformed",
    message: "checks[0].expect.schema.$schema isn't a valid JSON Schema: only draft 2020-12 is supported",
  },
  {
    title: "a schema whose test would answer later",
    checks: ["- {name: a, say: x, expect: {schema: {$async: true, type: string}}}"],
    at: "6:49 malformed",
    message:
      "checks[0].expect.schema.$async isn't a valid JSON Schema: asynchronous schemas aren't supported",
  },
  {
    title: "a schema's pattern that is none",
    checks: ["- {name: a, say: x, expect: {schema: {pattern: (}}}"],
    at: "6:40 malformed",
    message:
      "checks[0].expect.schema isn't a valid JSON Schema: Invalid regular expression: /(/u: Unterminated group",
  },
  {
    title: "an entry without a value",
    checks: ["-", "- {name: a, say: x, expect: y}"],
    at: "6:4 no-value",
    message: "checks[0] has no value",
    hint: "remove the key or set a value",
  },
  {
    title: "an entry that is a text",
    checks: ["- 退货"],
    at: "6:5 wrong-type",
    message: "checks[0]: expected a map with exactly one of say, input, found a string",
  },
  {
    title: "a question of the other sort",
    checks: ["- {name: a, input: {}, expect: x}"],
    at: "6:15 rule",
    message: "checks[0].input: this Parrot takes say, not input",
    hint: "write say: and the message to send",
  },
  {
    title: "two questions",
    checks: ["- {name: a, say: x, input: {}, expect: x}"],
    at: "6:23 exactly-one",
    message: "checks[0] requires exactly one of say, input; found say, input",
    hint: "remove one of them",
  },
  {
    title: "no question",
    checks: ["- {name: a, expect: x}"],
    at: "6:5 exactly-one",
    message: "checks[0] requires exactly one of say, input",
  },
  {
    title: "no expectation",
    checks: ["- {name: a, say: x, expect: {}}"],
    at: "6:31 missing",
    message: "checks[0].expect expects nothing",
    hint: "set at least one of text, pattern, schema",
  },
  {
    title: "a misspelt key",
    checks: ["- {name: a, sya: x, expect: y}"],
    at: "6:15 unknown-key",
    message: 'unknown key "sya" in checks[0]',
    hint: 'did you mean "say"?',
  },
  {
    title: "a misspelt expectation",
    checks: ["- {name: a, say: x, expect: {patern: y}}"],
    at: "6:32 unknown-key",
    message: 'unknown key "patern" in checks[0].expect',
    hint: 'did you mean "pattern"?',
  },
  {
    title: "a name that is taken",
    checks: ["- {name: a, say: x, expect: y}", "- {name: a, say: z, expect: y}"],
    at: "7:12 duplicate-item",
    message: "checks[1].name is already the name of the check at a.yaml:6:12",
    hint: "rename one of them",
  },
  {
    title: "a time that is none",
    checks: ["- {name: a, say: x, expect: y, within: soon}"],
    at: "6:42 wrong-type",
    message: "checks[0].within: expected a number of seconds or a duration, such as 90s, found a string",
  },
  {
    title: "a time that is too long",
    checks: ["- {name: a, say: x, expect: y, within: 1h}"],
    at: "6:42 out-of-range",
    message: "checks[0].within is 3600; the maximum is 600",
  },
  {
    title: "no time at all",
    checks: ["- {name: a, say: x, expect: y, within: 0s}"],
    at: "6:42 out-of-range",
    message: "checks[0].within is 0; the minimum is 1",
  },
  {
    title: "a file that isn't there",
    checks: ["- {name: a, say: {file: ask.md}, expect: y}"],
    at: "6:27 missing-file",
    message: "there is no file ask.md",
    hint: "paths are relative to the project's directory",
  },
  {
    title: "a secret in clear",
    checks: ["- {name: a, say: pat_abcdefghijklmnop0123, expect: y}"],
    at: "6:20 secret-in-clear",
    message: "this is a Coze token in plain text",
  },
];

describe("a mistake is told at its place, with the next move", () => {
  test.each(mistakes)("$title", async ({ checks, at, message, hint }) => {
    const { diagnostics } = await load({ "a.yaml": asked("Parrot", checks) });
    expect(diagnostics.map(brief)).toEqual([`a.yaml:${at}`]);
    expect(diagnostics[0]?.message).toBe(message);
    if (hint !== undefined) expect(diagnostics[0]?.hint).toBe(hint);
  });

  test.each([
    ["Box", "{name: a}", "the kind Box has no checks"],
    ["Parrot", "{name: a, sort: dead}", "a dead parrot says nothing"],
  ])("checks of a %s with %s", async (kind, spec, message) => {
    const { diagnostics } = await load({ "a.yaml": asked(kind, ["- {name: a, say: x, expect: y}"], spec) });
    expect(diagnostics.map(brief)).toEqual(["a.yaml:5:1 rule"]);
    expect(diagnostics[0]).toMatchObject({
      message,
      hint: "remove its checks; kinds that can be checked: Parrot, Engine",
    });
  });

  test.each([
    ["Bot", "name: b", "input: {}", "11:15 rule checks[0].input: this Bot takes say, not input"],
    ["Dataset", "name: b, format: text", "say: x", "10:1 rule the kind Dataset has no checks"],
    ["Copy", "type: app, source: {id: '1'}", "say: x", "10:1 rule Coze's API can't send anything to an app"],
    [
      "Copy",
      "type: workflow, source: {id: '1'}",
      "say: x",
      "11:15 rule checks[0].say: this Copy takes input, not say",
    ],
    [
      "Copy",
      "type: bot, source: {id: '1'}",
      "input: {}",
      "11:15 rule checks[0].input: this Copy takes say, not input",
    ],
  ])("by what a %s with {%s} is: not asked with {%s}", async (kind, spec, question, told) => {
    const desk = `apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
---
`;
    const lines = [`- {name: a, ${question}, expect: y}`];
    const text = desk + asked(kind, lines, `{workspace: desk, ${spec}}`);
    const { diagnostics } = await load({ "a.yaml": text }, { kinds: realKinds });
    expect(diagnostics.map((one) => `${brief(one)} ${one.message}`)).toEqual([`a.yaml:${told}`]);
  });

  test("with all others of the same schema, each at the innermost place", async () => {
    const checks = [
      "- name: a",
      "  say: x",
      "  expect:",
      "    schema:",
      "      properties: {a: {minLength: -1}, b: 5}",
      "      type: [txt]",
      "- {name: b, say: x, expect: {schema: {requird: [a], properties: {a: {tpye: string}}}}}",
    ];
    const { diagnostics } = await load({ "a.yaml": asked("Parrot", checks) });
    expect(diagnostics.map((one) => `${brief(one)} ${one.message}`)).toEqual([
      "a.yaml:10:37 malformed checks[0].expect.schema.properties.a.minLength isn't a valid JSON Schema: must be >= 0",
      "a.yaml:10:45 malformed checks[0].expect.schema.properties.b isn't a valid JSON Schema: must be object,boolean",
      "a.yaml:11:16 malformed checks[0].expect.schema.type.0 isn't a valid JSON Schema: must be equal to one of the allowed values",
      'a.yaml:12:40 malformed checks[1].expect.schema isn\'t a valid JSON Schema: unknown keyword: "requird"',
      'a.yaml:12:40 malformed checks[1].expect.schema isn\'t a valid JSON Schema: unknown keyword: "tpye"',
    ]);
  });

  test("without showing what came from the environment", async () => {
    const checks = [
      "- {name: a, say: x, expect: {pattern: '${env.WORD}'}}",
      "- {name: b, say: x, expect: {schema: {pattern: '${env.WORD}'}}}",
      "- {name: c, say: x, expect: {schema: {$ref: '${env.WORD}'}}}",
    ];
    const { diagnostics } = await load({ "a.yaml": asked("Parrot", checks) }, { env: { WORD: "(hidden" } });
    expect(diagnostics.map(brief)).toEqual([
      "a.yaml:6:41 malformed",
      "a.yaml:7:40 malformed",
      "a.yaml:8:40 malformed",
    ]);
    expect(JSON.stringify(diagnostics)).not.toContain("hidden");
  });

  test("also where the rest of the manifest is wrong", async () => {
    const { diagnostics } = await load({
      "a.yaml": asked("Parrot", ["- {name: a, say: x, expect: {pattern: '('}}"], "{}"),
    });
    expect(diagnostics.map(brief)).toEqual(["a.yaml:4:7 missing", "a.yaml:6:41 malformed"]);
  });
});
