import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
  Fn,
  Lazy,
  TerraformDataSource,
  TerraformIterator,
  TerraformOutput,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
  Testing,
} from "cdktf";
import { generateConstructs } from "../../src/cdktf/codegen.ts";
import {
  Bot,
  Copy,
  CozeProvider,
  DataCozeBot,
  DataCozeWorkflow,
  Dataset,
  Workspace,
} from "../../src/cdktf/index.ts";
import { dataSourceClasses, resourceClasses } from "../../src/cdktf/manifests/context.ts";
import { camelCase, toConfig } from "../../src/cdktf/runtime/config.ts";
import type { Attributes } from "../../src/terraform/schema/attribute.ts";
import { providerSchema } from "../../src/terraform/schema/provider-schema.ts";

/** A stack with a workspace in it. */
function open() {
  const stack = new TerraformStack(Testing.app(), "stack");
  const workspace = new Workspace(stack, "desk", { name: "客服中心", description: "售后" });
  const synth = () => JSON.parse(Testing.synth(stack));
  return { stack, workspace, synth, bots: () => synth().resource.coze_bot };
}

describe("the classes", () => {
  test("are those that the schema gives: after a change run npm run generate", () => {
    const folder = join(import.meta.dirname, "../../src/cdktf/gen");
    const written = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]);
    expect(Object.fromEntries(written)).toEqual(generateConstructs(providerSchema));
  });

  test("are one for each type, which CDKTF finds by it", () => {
    expect(Object.keys(resourceClasses).sort()).toEqual(Object.keys(providerSchema.resources).sort());
    expect(Object.keys(dataSourceClasses).sort()).toEqual(Object.keys(providerSchema.dataSources).sort());
  });

  const types: (readonly [string, Attributes, object])[] = [
    ...Object.entries(providerSchema.resources).map(
      ([type, { attributes }]) => [type, attributes, TerraformResource.prototype] as const,
    ),
    ...Object.entries(providerSchema.dataSources).map(
      ([type, { attributes }]) => [`data.${type}`, attributes, TerraformDataSource.prototype] as const,
    ),
  ];

  test.each(types)("%s hides nothing that CDKTF's own classes have", (_, attributes, base) => {
    const taken = [
      "node",
      "provider",
      "count",
      "forEach",
      "lifecycle",
      "connection",
      "provisioners",
      "dependsOn",
    ];
    const hidden = Object.keys(attributes)
      .map(camelCase)
      .filter((property) => property in base || taken.includes(property));
    expect(hidden).toEqual([]);
  });
});

describe("a resource", () => {
  test("is what its configuration says, with constructs as references and objects as JSON where Coze takes any", () => {
    const { stack, workspace, bots } = open();
    const dataset = new Dataset(stack, "faq", { workspace, name: "常见问题", format: "text" });
    const order = new DataCozeWorkflow(stack, "order", { workspace, name: "query_order" });
    const copy = new Copy(stack, "flow", { type: "workflow", workspace, source: { id: "7" } });
    new Bot(stack, "support", {
      workspace,
      name: "客服助手",
      knowledge: { datasets: [dataset, "751"] },
      workflows: [order, copy, dataset.id],
      model: { id: "1706077826", temperature: 0.3, parameters: { thinking: { type: "disabled" } } },
      publish: { connectors: [{ id: "1024" }] },
      description: undefined,
      lifecycle: { preventDestroy: true },
      dependsOn: [order],
    });
    expect(bots().support).toEqual({
      workspace: "${coze_workspace.desk.id}",
      name: "客服助手",
      knowledge: { datasets: ["${coze_dataset.faq.id}", "751"] },
      workflows: ["${data.coze_workflow.order.id}", "${coze_copy.flow.id}", "${coze_dataset.faq.id}"],
      model: {
        id: "1706077826",
        temperature: 0.3,
        parameters: '${jsonencode({"thinking" = {"type" = "disabled"}})}',
      },
      publish: { connectors: [{ id: "1024" }] },
      lifecycle: { prevent_destroy: true },
      depends_on: ["data.coze_workflow.order"],
    });
  });

  test("keeps every character, null and token of what becomes JSON", () => {
    const { stack, workspace, bots } = open();
    const said = new TerraformVariable(stack, "said", {});
    const parameters = {
      'a"b${x}': 'v${y} "q" \n%{if} \\b \b',
      list: [1, null, { id: workspace.id, made: workspace }],
      [`key ${workspace.id}`]: `x"${said.stringValue}"$`,
      left: undefined,
      later: Lazy.anyValue({ produce: () => ({ id: workspace.id, text: 'p"q' }) }),
      upper: Fn.upper(said.stringValue),
      number: said.numberValue,
      words: said.listValue,
    };
    new Bot(stack, "b", { workspace, name: "助手", model: { id: "1", parameters } });
    new Bot(stack, "none", { workspace, name: "助手", model: { id: "1", parameters: null as never } });
    expect(bots().b.model.parameters).toBe(
      [
        '${jsonencode({"a\\"b$${x}" = "v$${y} \\"q\\" \\n%%{if} \\\\b \\u0008"',
        '"list" = [1, null, {"id" = coze_workspace.desk.id, "made" = coze_workspace.desk.id}]',
        '"key ${coze_workspace.desk.id}" = "x\\"${var.said}\\"$"',
        '"later" = {"id" = coze_workspace.desk.id, "text" = "p\\"q"}',
        '"upper" = upper(var.said)',
        '"number" = var.said',
        '"words" = var.said})}',
      ].join(", "),
    );
    expect(bots().none.model).toEqual({ id: "1", parameters: null });
  });

  test("can be read, set, put and reset after it was made", () => {
    const { stack, workspace, bots } = open();
    const bot = new Bot(stack, "b", { workspace, name: "旧名", prompt: "你好", model: { id: "1", topK: 3 } });
    bot.name = "新名";
    bot.resetPrompt();
    bot.model.temperature = 0.5;
    bot.model.resetTopK();
    bot.putOnboarding({ prologue: "您好" });
    bot.workflows = ["1"];
    bot.workflows = ["2", "3"];
    expect([bot.nameInput, bot.promptInput, bot.modelInput, bot.model.temperatureInput]).toEqual([
      "新名",
      undefined,
      { id: "1", temperature: 0.5 },
      0.5,
    ]);
    expect(bots().b).toEqual({
      workspace: "${coze_workspace.desk.id}",
      name: "新名",
      model: { id: "1", temperature: 0.5 },
      onboarding: { prologue: "您好" },
      workflows: ["2", "3"],
    });
    bot.resetModel();
    bot.onboarding.resetPrologue();
    expect(bots().b).toEqual({
      workspace: "${coze_workspace.desk.id}",
      name: "新名",
      onboarding: {},
      workflows: ["2", "3"],
    });
  });

  test("gives tokens of what Terraform will know", () => {
    const { stack, workspace, synth } = open();
    const bot = new Bot(stack, "b", { workspace, name: "助手" });
    const shown = new DataCozeBot(stack, "shown", { workspace, name: "别的" });
    const values = {
      id: bot.id,
      version: bot.version,
      number: bot.model.temperature,
      truth: bot.knowledge.autoCall,
      list: bot.unfinished,
      set: bot.knowledge.datasets,
      item: bot.plugins.get(0).tool,
      deep: bot.publish.connectors.get(1).id,
      object: bot.model,
      other: shown.prompt,
    };
    for (const [name, value] of Object.entries(values)) new TerraformOutput(stack, name, { value });
    const told = Object.entries(synth().output).map(([name, one]) => [
      name,
      (one as { value: unknown }).value,
    ]);
    expect(Object.fromEntries(told)).toEqual({
      id: "${coze_bot.b.id}",
      version: "${coze_bot.b.version}",
      number: "${coze_bot.b.model.temperature}",
      truth: "${coze_bot.b.knowledge.auto_call}",
      list: "${coze_bot.b.unfinished}",
      set: "${tolist(coze_bot.b.knowledge.datasets)}",
      item: "${tolist(coze_bot.b.plugins).0.tool}",
      deep: "${coze_bot.b.publish.connectors[1].id}",
      object: "${coze_bot.b.model}",
      other: "${data.coze_bot.shown.prompt}",
    });
  });

  test("is imported, moved and made by a provider of several as any other", () => {
    const { stack, workspace, synth } = open();
    const cn = new CozeProvider(stack, "cn", {});
    const com = new CozeProvider(stack, "com", { alias: "com", endpoint: "https://api.coze.com" });
    const bot = new Bot(stack, "b", { workspace, name: "助手", provider: com });
    bot.importFrom("751/助手", com);
    bot.moveFromId("coze_bot.old");
    Bot.generateConfigForImport(stack, "other", "752", cn);
    const { provider, resource, moved, ...rest } = synth();
    expect(provider.coze).toEqual([{}, { alias: "com", endpoint: "https://api.coze.com" }]);
    expect(resource.coze_bot.b.provider).toBe("coze.com");
    expect(moved).toEqual([{ from: "coze_bot.old", to: "coze_bot.b" }]);
    expect(rest.import).toEqual([
      { id: "751/助手", to: "coze_bot.b", provider: "coze.com" },
      { id: "752", to: "coze_bot.other", provider: "coze" },
    ]);
  });

  test.each([
    [
      "a property that is near another",
      { promt: "x" },
      "stack/b has no property promt: did you mean prompt?",
    ],
    [
      "one inside",
      { model: { temprature: 1 } },
      "stack/b.model has no property temprature: did you mean temperature?",
    ],
    [
      "one in a list",
      { plugins: [{ plugin: "1", tol: "2" }] },
      "stack/b.plugins[0] has no property tol: did you mean tool?",
    ],
    ["what only Coze sets", { version: "1" }, /^stack\/b has no property version; it has workspace, name, /u],
    [
      "an attribute's name of Terraform's",
      { cached_prompt: {} },
      "stack/b has no property cached_prompt: did you mean cachedPrompt?",
    ],
  ])("refuses %s", (_, more, message) => {
    const { stack, workspace } = open();
    const make = () => new Bot(stack, "b", { workspace, name: "助手", ...(more as object) });
    expect(make).toThrow(message);
  });
});

test("what is put later is refused with its place as well", () => {
  const { stack, workspace } = open();
  const bot = new Bot(stack, "b", { workspace, name: "助手" });
  expect(() => bot.putPlugins([{ plugin: "1", tol: "2" } as never])).toThrow(
    "stack/b.plugins[0] has no property tol: did you mean tool?",
  );
  expect(() => bot.publish.putConnectors([{ id: "1", confg: {} } as never])).toThrow(
    "stack/b.publish.connectors[0] has no property confg: did you mean config?",
  );
});

test("a provider is configured as its pages say, and its settings can be changed", () => {
  const { stack, synth } = open();
  const provider = new CozeProvider(stack, "coze", {
    jwt: { appId: "1", keyId: "2", privateKey: '${file("key.pem")}' },
    requestsPerSecond: 5,
  });
  provider.maxCalls = 400;
  provider.resetRequestsPerSecond();
  expect(provider.jwtInput?.appId).toBe("1");
  provider.alias = "cn";
  expect(provider.aliasInput).toBe("cn");
  provider.resetAlias();
  expect(synth().provider.coze).toEqual([
    { jwt: { app_id: "1", key_id: "2", private_key: '${file("key.pem")}' }, max_calls: 400 },
  ]);
  expect(synth().terraform.required_providers.coze).toEqual({ source: "cozeform/coze", version: "0.1.0" });
});

test("HCL has attributes for objects, where Terraform knows no blocks, and every character of texts", () => {
  const { stack, workspace } = open();
  const said = new TerraformVariable(stack, "said", {});
  new Bot(stack, "b", {
    workspace,
    name: "[助手]",
    description: "007",
    prompt: `"q"\nEOF\n${said.stringValue} $\${x} \${upper("a")} \\`,
    workflows: ["012", workspace.id],
    model: { id: "0071", temperature: 0.5, topK: null as never, parameters: { 'a"b': said.value } },
  });
  expect(Testing.synthHcl(stack).split("\n")).toEqual(
    expect.arrayContaining([
      'name = "[助手]"',
      'description = "007"',
      'prompt = "${"\\"q\\"\\nEOF\\n${var.said} $${x} ${upper("a")} \\\\"}"',
      "workspace = coze_workspace.desk.id",
      'workflows = ["012", coze_workspace.desk.id]',
      'model = {"id" = "0071", "temperature" = 0.5, "top_k" = null, "parameters" = jsonencode({"a\\"b" = var.said})}',
    ]),
  );
});

test("values by attribute become configuration, without what isn't there", () => {
  const { attributes } = providerSchema.resources.coze_bot ?? { attributes: {} };
  const values = {
    name: "助手",
    prompt: null,
    cached_prompt: { prefix: "前", dynamic: null },
    plugins: [{ plugin: "1", tool: "2" }],
    unknown: 1,
  };
  expect(toConfig(attributes, values)).toEqual({
    name: "助手",
    cachedPrompt: { prefix: "前" },
    plugins: [{ plugin: "1", tool: "2" }],
  });
});

test("a construct of another stack is referred to by what the other stack gives", () => {
  const app = Testing.app();
  const [shared, team] = ["shared", "team"].map((name) => new TerraformStack(app, name)) as [
    TerraformStack,
    TerraformStack,
  ];
  const workspace = new Workspace(shared, "ws", { name: "共用", description: "s" });
  new Workspace(team, "ws", { name: "自己的", description: "s" });
  const faq = ["常见问题", "价格表"].map(
    (id) => new Dataset(shared, id, { workspace, name: id, format: "text" }),
  );
  new Bot(team, "bot", {
    workspace,
    name: "客服",
    knowledge: { datasets: faq },
    model: { id: "1", parameters: { workspace } },
  });
  for (const stack of [shared, team]) new CozeProvider(stack, "coze");
  app.synth();
  const { coze_bot } = JSON.parse(Testing.synth(team)).resource;
  const given = (id: string) =>
    `\${data.terraform_remote_state.cross-stack-reference-input-shared.outputs.cross-stack-output-${id}}`;
  expect(coze_bot.bot.workspace).toBe(given("coze_workspacewsid"));
  expect(coze_bot.bot.model.parameters).toBe(
    `\${jsonencode({"workspace" = ${given("coze_workspacewsid").slice(2, -1)}})}`,
  );
  expect(new Set(coze_bot.bot.knowledge.datasets).size).toBe(2);
});

test("braces in an expression's own texts end nothing", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const who = new TerraformVariable(stack, "who", {}).stringValue;
  const parameters = { a: Fn.format("%s }", [who]), b: Fn.join("{", [who, "q"]) };
  const bot = new Bot(stack, "b", { workspace: "1", name: "助手", model: { id: "1", parameters } });
  expect(JSON.parse(Testing.synth(stack)).resource.coze_bot[bot.friendlyUniqueId].model.parameters).toBe(
    '${jsonencode({"a" = format("%s }", var.who), "b" = join("{", [var.who, "q"])})}',
  );
});

test("names of other scripts begin as Terraform's do", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  for (const id of ["２号", "-前", "手册"])
    new Dataset(stack, id, { workspace: "1", name: id, format: "text" });
  const names = Object.keys(JSON.parse(Testing.synth(stack)).resource.coze_dataset);
  for (const name of names) expect(name).toMatch(/^(?:_２号|_-前|手册)_[0-9a-f]{6}$/u);
});

test("objects made for each item have the provider's names", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const each = TerraformIterator.fromList(["1024", "999"]);
  const make = (content: object) =>
    new Bot(stack, "b", {
      workspace: "1",
      name: "助手",
      publish: { connectors: each.dynamic(content as never) as never },
    });
  expect(() => make({ id: each.value, configWoo: 1 })).toThrow(/connectors has no property configWoo/u);
  stack.node.tryRemoveChild("b");
  make({ id: each.value, config: { a: "b" }, configWoVersion: "1" });
  expect(JSON.parse(Testing.synth(stack)).resource.coze_bot.b.publish.connectors).toBe(
    '${[ for key, val in toset(["1024", "999"]): {"id" = val, "config" = jsonencode({"a" = "b"}), "config_wo_version" = "1"}]}',
  );
});
