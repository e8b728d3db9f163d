import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { App, Fn, TerraformOutput, TerraformStack, TerraformVariable, Testing, Token } from "cdktf";
import { Bot, CozeProvider, Workspace } from "../../src/cdktf/index.ts";
import { CozeManifests, type CozeManifestsConfig, InvalidManifests } from "../../src/cdktf/manifests.ts";
import { cozeProvider } from "../../src/kinds/index.ts";
import { loadProject } from "../../src/manifest/load.ts";
import { createConsole } from "../cli/console.ts";
import { layManifests, manifest, openDesk } from "./manifests-ground.ts";

const project = (environments = "", manifests = "[desk.yaml]") =>
  `apiVersion: cozeform/v1\nkind: Project\n${environments}manifests: ${manifests}\n`;

const environments = `environments:
  dev: { variables: { suffix: -dev, hooks: https://dev.example.com } }
  prod: { variables: { suffix: '', hooks: https://prod.example.com }, patches: [prod.yaml] }
default_environment: dev
`;

const small = {
  "cozeform.yaml": project(environments),
  "prod.yaml": manifest("Bot", "{ name: support }", "model: { temperature: 0.1 }"),
  "desk.yaml": [
    manifest(
      "Workspace",
      "{ name: desk, lifecycle: { prevent_destroy: true } }",
      "name: 客服${var.suffix}\ndescription: 售后\nicon: assets/shop.png",
    ),
    manifest(
      "Dataset",
      "{ name: faq }",
      "workspace: desk\nname: 常见问题\nformat: text\nicon: assets/shop.png",
    ),
    manifest(
      "Document",
      "{ name: faq, for_each: { files: knowledge/*.txt } }",
      "dataset: faq\nname: ${each.name}\nsource: { file: '${each.path}' }",
    ),
    manifest(
      "WorkspaceMember",
      "{ name: desk, for_each: { '1001': admin } }",
      "workspace: desk\nuser_id: '${each.key}'\nrole: ${each.value}",
    ),
    manifest(
      "Bot",
      "{ name: support, depends_on: [CallbackApp.events], lifecycle: { ignore_changes: [onboarding.prologue] } }",
      [
        "workspace: desk",
        "name: 售后${var.suffix}",
        "prompt: { file: prompts/support.md }",
        "model: { id: '1', temperature: 0.5 }",
        "knowledge: { datasets: [faq] }",
        "onboarding: { prologue: 您好 }",
        "workflows: [{ lookup: { name: 查询订单 } }, { id: '88' }]",
        "plugins: [{ plugin: { id: '55' }, tool: { lookup: { name: now } } }]",
        "publish: { connectors: [api, { id: '999', config: { token: 'Bearer ${env.CHANNEL_TOKEN}', key: '${env.CHANNEL_KEY}' } }] }",
      ].join("\n"),
    ),
    manifest(
      "CallbackApp",
      "{ name: events }",
      "name: 通知\ncallback_url: ${var.hooks}/coze\nevents: [bot.published]",
    ),
    manifest(
      "Copy",
      "{ name: practice }",
      "type: bot\nsource: { bot: support }\nworkspace: { id: '77' }\nrevision: '1'",
    ),
  ].join("---\n"),
  "assets/shop.png": "png",
  "knowledge/价目表.txt": "锅 100",
  "prompts/support.md": "你是 ${name}，打 %{x} 折\n",
};

const icon = "assets/desk_fileassets--shoppng_306FA2B7/8f8cbb7dcf46e0bc7d53265749a6c17d/shop.png";
const priceList = "assets/desk_fileknowledge--txt_1A8ECB67/756905053c293c8a59654ef8a51be55f/价目表.txt";
const variable = (name: string) => ({
  description: `What manifests name as env.${name}; give it as TF_VAR_${name}.`,
  nullable: false,
  sensitive: true,
  type: "string",
});

/** A variable of Terraform's within a text of JSON. */
const quoted = (name: string) => `$\{replace(jsonencode(var.${name}), "/^\\"|\\"$/", "")}`;

test("manifests are native resources that refer to each other, lookups data sources, files assets, secrets variables", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const hooks = new TerraformVariable(stack, "HOOKS", { type: "string" }).stringValue;
  new CozeManifests(stack, "desk", { directory: layManifests(small), variables: { hooks } });
  expect(JSON.parse(Testing.synth(stack))).toEqual({
    data: {
      coze_plugin_tool: { desk_now_45f277: { name: "now", plugin: "55" } },
      coze_workflow: {
        desk_查询订单_0a4c17: { name: "查询订单", workspace: "${coze_workspace.desk_desk.id}" },
      },
    },
    resource: {
      coze_bot: {
        desk_support: {
          // Its dataset's document has to be ready first.
          depends_on: ["coze_callback_app.desk_events", "coze_document.desk_faq_价目表_txt_438ad1"],
          knowledge: { datasets: ["${coze_dataset.desk_faq.id}"] },
          lifecycle: { ignore_changes: ["onboarding.prologue"] },
          model: { id: "1", temperature: 0.5 },
          name: "售后-dev",
          onboarding: { prologue: "您好" },
          plugins: [{ plugin: "55", tool: "${data.coze_plugin_tool.desk_now_45f277.id}" }],
          prompt: "你是 $${name}，打 %%{x} 折\n",
          publish: {
            connectors: [
              { id: "1024" },
              {
                config: `{"key":"${quoted("CHANNEL_KEY")}","token":"Bearer ${quoted("CHANNEL_TOKEN")}"}`,
                id: "999",
              },
            ],
          },
          workflows: ["${data.coze_workflow.desk_查询订单_0a4c17.id}", "88"],
          workspace: "${coze_workspace.desk_desk.id}",
        },
      },
      coze_callback_app: {
        desk_events: { callback_url: "${var.HOOKS}/coze", events: ["bot.published"], name: "通知" },
      },
      coze_copy: {
        desk_practice: {
          revision: "1",
          source: { bot: "${coze_bot.desk_support.id}" },
          type: "bot",
          workspace: "77",
        },
      },
      coze_dataset: {
        desk_faq: { format: "text", icon, name: "常见问题", workspace: "${coze_workspace.desk_desk.id}" },
      },
      coze_document: {
        desk_faq_价目表_txt_438ad1: {
          dataset: "${coze_dataset.desk_faq.id}",
          name: "价目表.txt",
          source: { file: priceList },
        },
      },
      coze_workspace: {
        desk_desk: { description: "售后", icon, lifecycle: { prevent_destroy: true }, name: "客服-dev" },
      },
      coze_workspace_member: {
        desk_desk_1001: { role: "admin", user_id: "1001", workspace: "${coze_workspace.desk_desk.id}" },
      },
    },
    variable: {
      CHANNEL_TOKEN: variable("CHANNEL_TOKEN"),
      CHANNEL_KEY: variable("CHANNEL_KEY"),
      HOOKS: { type: "string" },
    },
  });
});

test("an environment brings its variables and patches", () => {
  const { desk, synth } = openDesk({ directory: layManifests(small), environment: "prod" });
  expect(synth().resource.coze_bot.desk_support).toMatchObject({
    name: "售后",
    model: { id: "1", temperature: 0.1 },
  });
  expect(synth().resource.coze_callback_app.desk_events.callback_url).toBe("https://prod.example.com/coze");
  expect([desk.environment, desk.endpoint]).toEqual(["prod", "https://api.coze.cn"]);
});

test("the same manifests give the same text, and name no place on this machine", () => {
  const [one, other] = [layManifests(small), layManifests(small)].map((directory) => ({
    directory,
    text: openDesk({ directory }).text(),
  }));
  expect(one?.text).toBe(other?.text);
  expect(one?.text).not.toContain(one?.directory);
});

test("what is in a construct bears the construct's name, so that two of them are kept apart", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const directory = layManifests(small);
  new CozeManifests(stack, "desk", { directory });
  new CozeManifests(new Workspace(stack, "outer", { name: "x", description: "x" }), "desk", { directory });
  const { resource, variable } = JSON.parse(Testing.synth(stack));
  expect(Object.keys(resource.coze_bot)).toEqual(["desk_support", "outer_desk_ADC1ED34_support"]);
  expect(Object.keys(variable).sort()).toEqual(["CHANNEL_KEY", "CHANNEL_TOKEN"]);
});

test("secrets that Terraform needn't keep go to write-only arguments, with a version", () => {
  const { synth } = openDesk({ directory: layManifests(small), secretsVersion: "2026-05" });
  const [, { config, ...channel }] = synth().resource.coze_bot.desk_support.publish.connectors;
  expect([config, channel]).toEqual([
    undefined,
    { id: "999", config_wo: expect.stringContaining("var.CHANNEL_TOKEN"), config_wo_version: "2026-05" },
  ]);
});

test("variables may be tokens, and environment variables variables that the stack has", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const space = new Workspace(stack, "space", { name: "x", description: "x" });
  const name = new TerraformVariable(stack, "NAME", { type: "string" }).stringValue;
  const warmth = new TerraformVariable(stack, "T", { type: "number" }).numberValue;
  new TerraformVariable(stack, "KEY", { type: "string", default: "k" });
  const directory = layManifests({
    "cozeform.yaml": project(),
    "desk.yaml": manifest(
      "Bot",
      "{ name: b }",
      [
        "workspace: { id: '${var.space}' }",
        "name: ${var.name}",
        "model: { id: '1', temperature: '${var.warmth}', max_tokens: '${var.tokens}' }",
        "publish: { connectors: [{ id: '9', config: { key: '${env.KEY}' } }] }",
      ].join("\n"),
    ),
  });
  new CozeManifests(stack, "desk", { directory, variables: { space: space.id, name, warmth, tokens: 100 } });
  const { resource, variable } = JSON.parse(Testing.synth(stack));
  expect(resource.coze_bot.desk_b).toEqual({
    workspace: "${coze_workspace.space.id}",
    name: "${var.NAME}",
    model: { id: "1", temperature: "${var.T}", max_tokens: 100 },
    publish: { connectors: [{ id: "9", config: `{"key":"${quoted("KEY")}"}` }] },
  });
  expect(variable.KEY).toEqual({ type: "string", default: "k" });
});

test("beside what is filled in, every other character of a text means itself", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const [who, t] = ["who", "T"].map((name) => new TerraformVariable(stack, name, {}).stringValue);
  const directory = layManifests({
    "cozeform.yaml": project(),
    "desk.yaml": manifest(
      "Bot",
      "{ name: b }",
      [
        "workspace: { id: '1' }",
        "name: x",
        "prompt: 'a $${b ${var.t} } %{c} ${var.who}'",
        "description: '$${TfToken[TOKEN.0]}'",
        "model: { id: '1', parameters: { k: '$${b ${var.who} }' } }",
        "publish: { connectors: [{ id: '9', config: { k: '$${b ${env.K} } %{c}' } }] }",
      ].join("\n"),
    ),
  });
  new CozeManifests(stack, "desk", { directory, variables: { who: `"$\{x} ${who}`, t: String(t) } });
  expect(JSON.parse(Testing.synth(stack)).resource.coze_bot.desk_b).toEqual({
    workspace: "1",
    name: "x",
    prompt: 'a ${"$"}{b ${var.T} } %%{c} "${"$"}{x} ${var.who}',
    description: '${"$"}{TfToken[TOKEN.0]}',
    model: {
      id: "1",
      parameters: '{"k":"${"$"}{b ${replace(jsonencode("\\"$${x} ${var.who}"), "/^\\"|\\"$/", "")} }"}',
    },
    publish: { connectors: [{ id: "9", config: `{"k":"\${"$"}{b ${quoted("K")} } %%{c}"}` }] },
  });
});

test("ids of any script, and paths that CDKTF spells the same, keep their names apart", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const files = {
    "cozeform.yaml": project(),
    "desk.yaml": [
      manifest("Dataset", "{ name: faq }", "workspace: { id: '1' }\nname: x\nformat: text"),
      manifest(
        "Document",
        "{ name: faq, for_each: { files: 'k/**/*.txt' } }",
        "dataset: faq\nname: ${each.name}\nsource: { file: '${each.path}' }",
      ),
    ].join("---\n"),
    "k/a/b.txt": "1",
    "k/a--b.txt": "2",
  };
  const directory = layManifests(files);
  new CozeProvider(stack, "coze");
  for (const id of ["客服", "销售", "2026"]) new CozeManifests(stack, id, { directory });
  new Bot(stack, "助手", { workspace: "1", name: "一" });
  new Bot(stack, "助 手", { workspace: "1", name: "二" });
  const { resource } = JSON.parse(Testing.synth(stack, true));
  expect(Object.keys(resource.coze_dataset)).toEqual(["_2026_faq", "客服_e0dcde_faq", "销售_c096bd_faq"]);
  expect(Object.keys(resource.coze_bot)).toEqual(["助_手_3f54f8", "助手_89f1eb"]);
  const documents = Object.entries<{ source: { file: string } }>(resource.coze_document);
  const contents = documents.map(([name, { source }]) => [name, source.file.split("/").at(-1)]);
  expect(Object.fromEntries(contents.filter(([name]) => name?.startsWith("客服")))).toEqual({
    "客服_e0dcde_faq_a--b_txt_50e201": "a--b.txt",
    客服_e0dcde_faq_a_b_txt_4558b5: "b.txt",
  });
});

test.each([
  [
    "a misspelt option",
    { enviroment: "dev" },
    "stack/desk has no property enviroment: did you mean environment?",
  ],
  [
    "a provider of no kind",
    { providers: { Boot: undefined } },
    "stack/desk.providers has no property Boot: did you mean Bot?",
  ],
  [
    "no directory",
    { directory: undefined },
    "stack/desk.directory isn't a path that is known already: say where cozeform.yaml is",
  ],
  [
    "a variable without a value",
    { variables: { suffix: undefined } },
    "stack/desk.variables.suffix is no text, no number, and neither true nor false: give one, or leave it out",
  ],
])("%s is refused", (_, more, message) => {
  const config = { directory: "/nowhere", ...more } as unknown as CozeManifestsConfig;
  expect(() => openDesk(config)).toThrow(new Error(message));
});

test("providers are chosen for all, or by kind", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const provider = new CozeProvider(stack, "one", { alias: "one" });
  const providers = { CallbackApp: new CozeProvider(stack, "other", { alias: "other" }) };
  new CozeManifests(stack, "desk", { directory: layManifests(small), provider, providers });
  const { resource, data } = JSON.parse(Testing.synth(stack));
  expect(resource.coze_callback_app.desk_events.provider).toBe("coze.other");
  expect(resource.coze_bot.desk_support.provider).toBe("coze.one");
  expect(Object.values(data.coze_workflow)).toMatchObject([{ provider: "coze.one" }]);
});

describe("resource()", () => {
  const open = () => openDesk({ directory: layManifests(small) });

  test("gives the construct of an address", () => {
    const { stack, desk, synth } = open();
    new TerraformOutput(stack, "bot", { value: desk.resource("Bot.support").id });
    expect(synth().output.bot.value).toBe("${coze_bot.desk_support.id}");
    expect(desk.resource('Document.faq["价目表.txt"]').friendlyUniqueId).toBe("desk_faq_价目表_txt_438ad1");
  });

  test.each([
    ["Bot.suport", "the manifests of stack/desk have no Bot.suport: did you mean Bot.support?"],
    [
      "Document.faq",
      'the manifests of stack/desk have no Document.faq: there are Document.faq["价目表.txt"]',
    ],
  ])("says of %s what there is instead", (address, message) => {
    expect(() => open().desk.resource(address)).toThrow(new Error(message));
  });
});

test("a resource written by hand under a name of a manifest's is told of, not lost", () => {
  const { stack } = openDesk({ directory: layManifests(small) });
  new Bot(stack, "desk_support", { workspace: "1", name: "x" });
  expect(() => Testing.synth(stack, true)).toThrow(
    /Bot\.support of stack\/desk and stack\/desk_support would both be coze_bot\.desk_support in Terraform: rename one of them/u,
  );
});

describe("mistakes are one error, as the command line tells them", () => {
  const catchInvalid = (config: CozeManifestsConfig): InvalidManifests => {
    try {
      openDesk(config);
    } catch (error) {
      if (error instanceof InvalidManifests) return error;
      throw error;
    }
    throw new Error("the manifests are taken as good ones");
  };

  const refuse = (files: { readonly [path: string]: string }, config: Partial<CozeManifestsConfig> = {}) => {
    const directory = layManifests({ "cozeform.yaml": project(), ...files });
    const error = catchInvalid({ directory, ...config });
    expect(error.stack).toBe(`InvalidManifests: ${error.message}`);
    const [head, , ...lines] = error.message.trimEnd().split("\n");
    expect(head).toBe(`the manifests in ${directory} can't be used`);
    return lines;
  };

  test("all at once, with file, line, column and hint", () => {
    const bots = [
      manifest("Bot", "{ name: a }", "workspace: dsk\nname: x\ntemprature: 1"),
      manifest("Workspace", "{ name: desk }", "name: x\ndescription: ''"),
    ];
    expect(refuse({ "desk.yaml": bots.join("---\n") })).toEqual([
      'desk.yaml:5:14  there is no Workspace called "dsk"',
      "  5 |   workspace: dsk",
      "    |              ^^^",
      "  hint: did you mean desk?",
      "",
      'desk.yaml:7:3  unknown key "temprature" in spec',
      "  7 |   temprature: 1",
      "    |   ^^^^^^^^^^",
      "  hint: known keys: description, icon, prompt, cached_prompt, onboarding, model, plugins, workflows,",
      "        knowledge, suggested_replies, publish",
      "",
      "desk.yaml:14:16  spec.description is empty",
      "  14 |   description: ''",
      "     |                ^^",
      "",
      "3 errors",
    ]);
  });

  const only = (kind: string, metadata: string, spec: string) => ({
    "desk.yaml": manifest(kind, metadata, spec),
  });
  const bot = "workspace: { id: '1' }\nname: x";
  const later = { variables: { x: Token.asString(Fn.upper("x")) } };
  const notYet = [
    "this value must be known when manifests are read, but its variable isn't known yet",
    "hint: set the variable to a value that is known when manifests are read",
  ];

  test.each<[string, { readonly [path: string]: string }, readonly string[], Partial<CozeManifestsConfig>?]>([
    [
      "an original in another environment",
      {
        "cozeform.yaml": project("environments: { dev: {}, prod: {} }\ndefault_environment: prod\n"),
        ...only(
          "Copy",
          "{ name: c }",
          "type: app\nsource: { environment: dev, app: x }\nworkspace: { id: '1' }",
        ),
      },
      [
        "desk.yaml:6:36  the copy source is in the environment dev, which Terraform doesn't know",
        'hint: use its id: source: {id: "…"}',
      ],
    ],
    [
      "ignored changes inside of a text of JSON",
      only("Bot", "{ name: b, lifecycle: { ignore_changes: [model.parameters.x] } }", bot),
      [
        "desk.yaml:1:1  Terraform can't ignore model.parameters.x and manage the rest of",
        "hint: write ignore_changes: [model.parameters], or remove it",
      ],
    ],
    [
      "an object that a manifest takes over",
      only("Bot", "{ name: b, import: { id: '7532' } }", bot),
      [
        "desk.yaml:1:1  metadata.import has no counterpart in a synthesized configuration",
        "hint: remove it, and take 7532 over by terraform import or an import block",
      ],
    ],
    [
      "a secret from a variable",
      {
        "cozeform.yaml": project("environments: { dev: { variables: { key: abcdefgh } } }\n"),
        ...only(
          "Bot",
          "{ name: b }",
          `${bot}\npublish: { connectors: [api, { id: '1', config: { key: '\${var.key}' } }] }`,
        ),
      },
      [
        "desk.yaml:7:58  publish.connectors[1].config.key would be a secret in plain text in the synthesized",
        "configuration",
        "hint: write ${env.NAME}: Terraform then asks for it as the variable NAME (TF_VAR_NAME)",
      ],
    ],
    [
      "an environment variable that Terraform can't have a variable for",
      only(
        "Bot",
        "{ name: b }",
        `${bot}\npublish: { connectors: [{ id: '1', config: { key: '\${env.count}' } }] }`,
      ),
      [
        "desk.yaml:7:53  count can't be the name of a Terraform variable",
        "hint: use an environment variable of letters, digits and _ that isn't one of Terraform's words",
      ],
    ],
    [
      "a file that only Terraform will know",
      only("Bot", "{ name: b }", `${bot}\nprompt: { file: '\${var.x}' }`),
      [`desk.yaml:7:19  ${notYet[0]}`, `${notYet[1]}`],
      later,
    ],
    [
      "an icon that only Terraform will know",
      only("Bot", "{ name: b }", `${bot}\nicon: \${var.x}`),
      [`desk.yaml:7:9  ${notYet[0]}`, `${notYet[1]}`],
      later,
    ],
    [
      "items that only Terraform will know",
      only("Bot", "{ name: b, for_each: ['${var.x}'] }", bot),
      [`desk.yaml:3:33  ${notYet[0]}`, `${notYet[1]}`],
      later,
    ],
    [
      "items for files that only Terraform will know",
      only("Bot", "{ name: b, for_each: { files: '${var.x}' } }", bot),
      [`desk.yaml:3:41  ${notYet[0]}`, `${notYet[1]}`],
      later,
    ],
    [
      "a lifecycle that only Terraform will know",
      only("Bot", "{ name: b, lifecycle: { prevent_destroy: '${var.x}' } }", bot),
      ["desk.yaml:3:52  metadata.lifecycle.prevent_destroy: expected true or false, found a string"],
      later,
    ],
    [
      "a lookup by what no data source looks for",
      only("Bot", "{ name: b }", `${bot}\nknowledge: { datasets: [{ lookup: { name: x, format: text } }] }`),
      [
        "desk.yaml:7:27  Terraform looks up a Dataset by workspace, name, not by format",
        "hint: use workspace, name in the lookup",
      ],
    ],
    [
      "files of one title in two folders",
      {
        ...only(
          "Document",
          "{ name: d, for_each: { files: 'docs/**/*.md' } }",
          "dataset: { id: '1' }\nname: ${each.title}\nsource: { file: '${each.path}' }",
        ),
        "docs/a/faq.md": "---\ntitle: faq\n---\nx",
        "docs/b/faq.md": "---\ntitle: faq\n---\ny",
      },
      [
        'desk.yaml:6:9  Document.d["a/faq.md"] and Document.d["b/faq.md"] have the same identity',
        "hint: they are docs/a/faq.md and docs/b/faq.md: write name: ${each.key}, which differs for each",
      ],
    ],
  ])("%s", (_, files, told, config = {}) => {
    const lines = refuse(files, config);
    for (const line of told) expect(lines.join("\n")).toContain(line);
    expect(lines.at(-1)).toBe("1 error");
  });

  test.each<[place: string, files: { readonly [path: string]: string }, at: string]>([
    ["a text", only("Bot", "{ name: b }", "workspace: { id: '1' }\nname: a ${env.COZE_X}"), "desk.yaml:6:9"],
    [
      "an address",
      only("CallbackApp", "{ name: c }", "name: c\ncallback_url: ${env.COZE_X}/coze"),
      "desk.yaml:6:17",
    ],
    [
      "a number",
      only("Bot", "{ name: b }", `${bot}\nmodel: { id: '1', temperature: '\${env.COZE_X}' }`),
      "desk.yaml:7:34",
    ],
    [
      "a part of a text of JSON",
      only("Bot", "{ name: b }", `${bot}\nmodel: { id: '1', parameters: { a: '\${env.COZE_X}' } }`),
      "desk.yaml:7:38",
    ],
    [
      "a file's path",
      only("Bot", "{ name: b }", `${bot}\nprompt: { file: '\${env.COZE_X}' }`),
      "desk.yaml:7:19",
    ],
    ["an icon", only("Bot", "{ name: b }", `${bot}\nicon: \${env.COZE_X}`), "desk.yaml:7:9"],
    ["an item", only("Bot", "{ name: b, for_each: ['${env.COZE_X}'] }", bot), "desk.yaml:3:33"],
    [
      "a lifecycle",
      only("Bot", "{ name: b, lifecycle: { prevent_destroy: '${env.COZE_X}' } }", bot),
      "desk.yaml:3:52",
    ],
    [
      "a text by way of a variable",
      {
        "cozeform.yaml": project("environments: { dev: { variables: { x: '${env.COZE_X}' } } }\n"),
        ...only("Bot", "{ name: b }", "workspace: { id: '1' }\nname: ${var.x}"),
      },
      "desk.yaml:6:9",
    ],
    [
      "the project's name",
      { "cozeform.yaml": project("name: ${env.COZE_X}\n"), ...only("Bot", "{ name: b }", bot) },
      "cozeform.yaml:3:7",
    ],
  ])("an environment variable in %s", async (_, given, at) => {
    const files = { "cozeform.yaml": project(), ...given };
    const { diagnostics } = catchInvalid({ directory: layManifests(files) });
    expect(diagnostics).toMatchObject([{ code: "secret-in-open", severity: "error" }]);
    const lines = diagnostics.map(({ message, hint }) => `${at}  ${message}  hint: ${hint}\n`);
    const { sh } = createConsole(files);
    expect(await sh("validate", { env: { COZE_X: "hush" } })).toEqual({
      code: 3,
      out: "",
      err: `${lines.join("")}1 error\n`,
    });
    expect(diagnostics.map(({ at: place }) => `${place?.file}:${place?.line}:${place?.column}`)).toEqual([
      at,
    ]);
  });
});

describe("the examples", () => {
  const all = ["quickstart", "team"].flatMap((name) =>
    ["dev", "prod"].map((environment) => [name, environment] as const),
  );

  test.each(all)(
    "%s in %s has a resource for each of its manifests, and all their references",
    async (name, environment) => {
      const directory = resolve(import.meta.dirname, "../../examples", name);
      const { resources } = await loadProject({ directory, environment, env: {}, kinds: cozeProvider.kinds });
      const stack = new TerraformStack(new App({ outdir: layManifests({}) }), "stack");
      const desk = new CozeManifests(stack, "desk", { directory, environment });
      expect([...desk.resources.keys()].sort()).toEqual(resources.map(({ address }) => address).sort());
      const text = Testing.synth(stack);
      for (const { address, dependencies } of resources) {
        const { terraformResourceType: type, friendlyUniqueId } = desk.resource(address);
        const made = JSON.stringify(JSON.parse(text).resource[type][friendlyUniqueId]);
        for (const needed of dependencies) {
          const other = desk.resource(needed);
          expect(made).toContain(`${other.terraformResourceType}.${other.friendlyUniqueId}`);
        }
      }
      expect(text).not.toMatch(/"\/|"file:/u);
    },
  );
});
