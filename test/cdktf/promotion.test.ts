import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
  App,
  AssetType,
  DataResource,
  Fn,
  TerraformAsset,
  TerraformCount,
  TerraformIterator,
  TerraformLocal,
  TerraformStack,
  TerraformVariable,
  Testing,
  Token,
} from "cdktf";
import {
  Bot,
  type BotConfig,
  CozePromotion,
  CozeProvider,
  CozeSpace,
  type CozeSpaceConfig,
  DataCozeWorkflow,
  DataCozeWorkspace,
  Dataset,
  Document,
  type Inside,
} from "../../src/cdktf/index.ts";
import { makeScratch } from "../support/scratch.ts";

const desk = (name: string): CozeSpaceConfig => ({ name, description: "售后" });

/** Two spaces of a stack, and a dataset in the first. */
function open(production: CozeSpaceConfig = desk("正式")) {
  const stack = new TerraformStack(Testing.app(), "stack");
  const staging = new CozeSpace(stack, "staging", desk("试用"));
  const target = new CozeSpace(stack, "production", production);
  const faq = staging.add(Dataset, "faq", { name: "常见问题", format: "text" });
  const promote = (more: object = {}) =>
    new CozePromotion(stack, "release", { from: staging, to: target, ...more });
  /** A resource's JSON with the ids that CDKTF gives shortened to the construct's. */
  const jsonOf = (resource: Bot | Dataset | Document) => {
    const json = JSON.parse(Testing.synth(stack)).resource[resource.terraformResourceType];
    return JSON.parse(JSON.stringify(json[resource.friendlyUniqueId]).replaceAll(/_[0-9A-F]{8}\b/gu, ""));
  };
  return { stack, staging, production: target, faq, promote, jsonOf };
}

type Ground = ReturnType<typeof open>;

describe("a reference is to what was made there", () => {
  const translated: (readonly [string, (ground: Ground) => Partial<Inside<BotConfig>>, unknown])[] = [
    [
      "alone and in a text",
      ({ faq }) => ({ prompt: `查 ${faq.id}，再答 $\{x}`, knowledge: { datasets: [faq.id, "751"] } }),
      {
        prompt: "查 ${coze_dataset.production_faq.id}，再答 ${x}",
        knowledge: { datasets: ["${coze_dataset.production_faq.id}", "751"] },
      },
    ],
    [
      "to another attribute, as a number, as a list and as an object",
      ({ staging }) => {
        const other = staging.add(Bot, "other", { name: "别的" });
        return {
          description: other.version,
          workflows: other.workflows,
          plugins: other.plugins,
          model: { id: other.model.id, temperature: other.model.temperature },
          knowledge: other.knowledge as never,
        };
      },
      {
        description: "${coze_bot.production_other.version}",
        workflows: "${tolist(coze_bot.production_other.workflows)}",
        plugins: "${tolist(coze_bot.production_other.plugins)}",
        model: {
          id: "${coze_bot.production_other.model.id}",
          temperature: "${coze_bot.production_other.model.temperature}",
        },
        knowledge: "${coze_bot.production_other.knowledge}",
      },
    ],
    [
      "in functions and in what becomes JSON",
      ({ faq, stack }) => ({
        prompt: Fn.templatefile("prompt.md", {
          faq: faq.id,
          who: new TerraformVariable(stack, "who", {}).value,
        }),
        model: { id: "1", parameters: { faq: faq.id } },
      }),
      {
        prompt: '${templatefile("prompt.md", {"faq" = coze_dataset.production_faq.id, "who" = var.who})}',
        model: { id: "1", parameters: expect.stringContaining("coze_dataset.production_faq.id") },
      },
    ],
    [
      "to the workspace",
      ({ staging }) => ({ prompt: `空间 ${staging.made?.id}` }),
      { prompt: "空间 ${coze_workspace.production_workspace.id}" },
    ],
    [
      "and none where it has nothing to do with the space",
      ({ stack }) => ({
        prompt: new Dataset(stack, "else", { workspace: "7", name: "别处", format: "text" }).id,
        description: `${new TerraformVariable(stack, "said", {}).stringValue} coze_dataset.staging_faq`,
      }),
      { prompt: "${coze_dataset.else.id}", description: "${var.said} coze_dataset.staging_faq" },
    ],
  ];

  test.each(translated)("%s", (_, configure, expected) => {
    const ground = open();
    const bot = ground.staging.add(Bot, "support", { name: "客服", ...configure(ground) });
    const copy = ground.promote().promoted(bot) as Bot;
    expect(ground.jsonOf(copy)).toEqual({
      workspace: "${coze_workspace.production_workspace.id}",
      name: "客服",
      depends_on: ["terraform_data.release_ready"],
      ...(expected as object),
    });
  });

  test("also in overrides, which may say what stands for what stays behind", () => {
    const { staging, production, faq, promote, jsonOf } = open();
    const prices = staging.add(Dataset, "prices", { name: "价目", format: "text" });
    const own = production.add(Dataset, "own", { name: "自有", format: "text" });
    const bot = staging.add(Bot, "support", { name: "客服", knowledge: { datasets: [prices] } });
    const release = promote({
      except: ["prices"],
      overrides: { support: { knowledge: { datasets: [own, faq] }, prompt: `见 ${faq.id}` } },
    });
    expect(jsonOf(release.promoted(bot) as Bot)).toMatchObject({
      prompt: "见 ${coze_dataset.production_faq.id}",
      knowledge: { datasets: ["${coze_dataset.production_own.id}", "${coze_dataset.production_faq.id}"] },
    });
  });

  test("and to the workspace that is there, where none is made", () => {
    const { staging, promote, jsonOf } = open({ workspace: "751" });
    const bot = staging.add(Bot, "support", { name: "客服", prompt: `空间 ${staging.made?.id}` });
    expect(jsonOf(promote().promoted(bot) as Bot)).toMatchObject({ workspace: "751", prompt: "空间 751" });
  });
});

const untranslated: (readonly [string, (ground: Ground) => object, string, object?])[] = [
  [
    "a token of what stays behind",
    ({ faq }) => ({ prompt: `见 ${faq.id}` }),
    "stack/release: support.prompt needs faq, which is in except: set its counterpart in overrides.support",
    { except: ["faq"] },
  ],
  [
    "what is in the space at Coze and wasn't added to it",
    ({ stack, staging }) => ({
      workflows: [new DataCozeWorkflow(stack, "order", { workspace: staging.workspace, name: "order" })],
    }),
    "stack/release: support.workflows[0] needs stack/order, which is in stack/staging but wasn't added with add(): set its counterpart in overrides.support",
  ],
  [
    "the same as a token",
    ({ staging }) => ({
      workflows: [new DataCozeWorkflow(staging, "order", { workspace: staging.workspace, name: "order" }).id],
    }),
    "stack/release: support.workflows[0] needs stack/staging/order, which is in stack/staging but wasn't added with add()",
  ],
  [
    "a value that is no expression",
    ({ faq }) => ({ plugins: Token.asAny([{ plugin: faq.id, tool: "1" }]) }),
    'stack/release: support.plugins has [{"plugin":"${coze_dataset.',
  ],
  [
    "an iterator over what has a counterpart",
    ({ staging }) => {
      const other = staging.add(Bot, "other", { name: "别的" });
      return { forEach: TerraformIterator.fromList(other.workflows) };
    },
    "stack/release: support.forEach has ",
  ],
];

test.each(untranslated)("a promotion refuses %s", (...[, configure, message, more]) => {
  const ground = open();
  ground.staging.add(Bot, "support", { name: "客服", ...configure(ground) });
  expect(() => ground.promote(more)).toThrow(message);
});

test("a promotion refuses what refers to each other, one space, and ids that are taken", () => {
  const { stack, staging, production, faq, promote } = open();
  const bots = ["a", "b"].map((id) => staging.add(Bot, id, { name: id })) as [Bot, Bot];
  bots[0].prompt = bots[1].id;
  bots[1].prompt = bots[0].id;
  expect(() => promote()).toThrow("stack/release: a and what it needs refer to each other");
  expect(() => new CozePromotion(stack, "same", { from: staging, to: staging })).toThrow(
    "stack/same: from and to are the same space: create a second one",
  );
  const third = new CozeSpace(stack, "third", desk("第三"));
  third.add(Dataset, "faq", { name: "常见问题", format: "text" });
  expect(() => new CozePromotion(stack, "again", { from: staging, to: third, except: ["a", "b"] })).toThrow(
    "stack/again: stack/third already has a faq: name it in except, or change one of the ids",
  );
  expect(() => staging.add(Bot, "faq", { name: faq.name })).toThrow(
    "stack/staging has a faq already: give another id",
  );
  expect(production.items).toHaveLength(1);
});

test("what was set before is promoted, also what refers to something that was added later", () => {
  const { stack, staging, production, promote, jsonOf } = open();
  const second = new CozeSpace(stack, "second", {
    ...desk("测试"),
    defaults: { bot: { model: { id: "1", temperature: 0.2 }, prompt: "试用" } },
  });
  const bot = second.add(Bot, "support", {
    name: "客服",
    description: "旧",
    onboarding: { prologue: "您好" },
  });
  const late = second.add(Dataset, "late", { name: "后来", format: "text" });
  bot.description = "新";
  bot.model.temperature = 0.5;
  bot.resetOnboarding();
  bot.putKnowledge({ datasets: [late] });
  bot.lifecycle = { preventDestroy: true };
  const release = new CozePromotion(stack, "late", { from: second, to: production });
  expect(jsonOf(release.promoted(bot) as Bot)).toEqual({
    workspace: "${coze_workspace.production_workspace.id}",
    name: "客服",
    description: "新",
    model: { temperature: 0.5 },
    knowledge: { datasets: ["${coze_dataset.production_late.id}"] },
    lifecycle: { prevent_destroy: true },
    depends_on: ["terraform_data.late_ready"],
  });
  expect(promote({ except: ["faq"] }).promoted(bot)).toBeUndefined();
  expect(staging.items).toHaveLength(1);
});

test("what is added or set later isn't promoted, and is told of; what is set on both is", () => {
  const { stack, staging, promote } = open();
  new CozeProvider(stack, "coze");
  const [first, second] = ["a", "b"].map((id) => staging.add(Bot, id, { name: id })) as [Bot, Bot];
  const release = promote({ except: ["faq"] });
  const warnings = () => {
    Testing.synth(stack, true);
    return release.node.metadata.map(({ data }) => data);
  };
  for (const bot of [first, release.promoted(first) as Bot]) bot.description = "一样";
  expect(warnings()).toEqual([]);
  staging.add(Dataset, "late", { name: "后来", format: "text" });
  second.model.temperature = 0.5;
  expect(warnings()).toEqual([
    "late was added after the promotion and isn't promoted: add it before",
    "what was set on b after the promotion isn't promoted: set it before, or also on promoted()",
  ]);
});

test("a promotion goes on from where another one got to, with what that one made otherwise", () => {
  const { stack, staging, production, faq, promote, jsonOf } = open();
  const bot = staging.add(Bot, "support", { name: "客服", prompt: `见 ${faq.id}` });
  const first = promote({ overrides: { support: { description: "正式" } } });
  const last = new CozeSpace(stack, "last", { workspace: "9" });
  const second = new CozePromotion(stack, "second", { from: production, to: last });
  const copy = second.promoted(first.promoted(bot) as Bot) as Bot;
  expect(jsonOf(copy)).toEqual({
    workspace: "9",
    name: "客服",
    description: "正式",
    prompt: "见 ${coze_dataset.last_faq.id}",
    depends_on: ["terraform_data.release_ready", "terraform_data.second_ready"],
  });
});

describe("between stacks", () => {
  /** The JSON of two stacks: a space in the first is promoted to the second. */
  function synthesize(configure: (staging: CozeSpace, faq: Dataset) => Partial<Inside<BotConfig>>) {
    const outdir = mkdtempSync(join(makeScratch(), "out-"));
    const app = new App({ outdir });
    const [one, two] = ["one", "two"].map((name) => {
      const stack = new TerraformStack(app, name);
      new CozeProvider(stack, "coze");
      return stack;
    }) as [TerraformStack, TerraformStack];
    const found = new DataCozeWorkspace(one, "found", { name: "试用" });
    const staging = new CozeSpace(one, "staging", { workspace: found.id });
    const production = new CozeSpace(two, "production", desk("正式"));
    const faq = staging.add(Dataset, "faq", { name: "常见问题", format: "text" });
    const other = new DataCozeWorkspace(one, "else", { name: "别的" });
    staging.add(Bot, "support", { name: "客服", dependsOn: [found, other], ...configure(staging, faq) });
    new CozePromotion(two, "release", { from: staging, to: production });
    app.synth();
    const json = readFileSync(join(outdir, "stacks/two/cdk.tf.json"), "utf8");
    return { json: JSON.parse(json.replaceAll(/_[0-9A-F]{8}\b/gu, "")), needs: two.dependencies };
  }

  test("one stack waits for the other, and has nothing of it", () => {
    const { json, needs } = synthesize((staging, faq) => ({
      prompt: `见 ${faq.id}，在 ${(staging.workspace as string).toString()}`,
      workflows: Fn.sort([faq.name]),
    }));
    expect(needs.map(({ node }) => node.id)).toEqual(["one"]);
    expect(json.resource.coze_bot.production_support).toMatchObject({
      prompt: "见 ${coze_dataset.production_faq.id}，在 ${coze_workspace.production_workspace.id}",
      workflows: "${sort([coze_dataset.production_faq.name])}",
    });
    expect(json.resource.coze_bot.production_support.depends_on).toEqual([
      "coze_workspace.production_workspace",
    ]);
    expect([json.data, JSON.stringify(json).match(/staging|ready/gu)]).toEqual([undefined, null]);
  });

  test("a file of the first stack is refused", () => {
    const path = join(makeScratch(), "p.md");
    writeFileSync(path, "你是客服");
    expect(() =>
      synthesize((staging) => {
        const asset = new TerraformAsset(TerraformStack.of(staging), "p", { path, type: AssetType.FILE });
        return { prompt: Fn.file(asset.path) };
      }),
    ).toThrow(/^two\/release: support\.prompt has assets\/p\/\w+\/p\.md, which is a file of another stack/u);
  });

  test("dots in a text are no reference", () => {
    const { json } = synthesize((_, faq) => ({ prompt: Fn.join(" ", ["见 coze.cn 的", faq.id]) }));
    expect(json.resource.coze_bot.production_support.prompt).toBe(
      '${join(" ", ["见 coze.cn 的", coze_dataset.production_faq.id])}',
    );
  });

  test("an expression that names something else of the first stack is refused", () => {
    expect(() =>
      synthesize((staging, faq) => {
        const secret = new TerraformVariable(TerraformStack.of(staging), "who", {});
        return { prompt: Fn.join("-", [faq.id, secret.stringValue]) };
      }),
    ).toThrow(/^two\/release: support\.prompt has \$\{join\(.*var\.who.*which can't be translated/u);
  });
});

describe("what is reached by way of something else", () => {
  const refused: (readonly [string, (ground: Ground) => Partial<Inside<BotConfig>> & object, RegExp])[] = [
    [
      "a local value",
      ({ stack, faq }) => ({ knowledge: { datasets: new TerraformLocal(stack, "ids", [faq.id]).asList } }),
      /bot\.knowledge\.datasets has \$\{local\.ids\}, which depends on a promoted resource/u,
    ],
    [
      "Terraform's data",
      ({ stack, faq }) => ({
        prompt: `见 ${new DataResource(stack, "kept", { input: { a: faq.id } }).output}`,
      }),
      /bot\.prompt has \$\{terraform_data\.kept\.output\}, which depends/u,
    ],
    [
      "a document beside the space",
      ({ stack, faq }) => ({
        prompt: new Document(stack, "prices", { dataset: faq, name: "价", source: { url: "https://a.cn/b" } })
          .id,
      }),
      /bot\.prompt has \$\{coze_document\.prices\.id\}, which depends/u,
    ],
    [
      "a count",
      ({ faq }) => ({ count: TerraformCount.of(Fn.lengthOf(faq.id)) }),
      /bot\.count has .*length\(coze_dataset\.staging_faq.*can't be translated/u,
    ],
    [
      "an expression written out",
      ({ faq }) => ({ prompt: `见 $\{coze_dataset.${faq.friendlyUniqueId}.id}` }),
      /bot\.prompt has \$\{coze_dataset\.staging_faq_\w+\.id\}, which can't be translated/u,
    ],
  ];

  test.each(refused)("%s is refused", (_, configure, message) => {
    const ground = open();
    ground.staging.add(Bot, "bot", { name: "客服", ...configure(ground) });
    expect(() => ground.promote()).toThrow(message);
  });

  test("what has nothing to do with the space stays as it is", () => {
    const ground = open();
    const local = new TerraformLocal(ground.stack, "word", "好");
    const bot = ground.staging.add(Bot, "bot", { name: "客服", prompt: local.asString });
    expect(ground.jsonOf(ground.promote().promoted(bot) as Bot).prompt).toBe("${local.word}");
  });
});

test("numbers in texts are translated", () => {
  const { staging, faq, promote, jsonOf } = open();
  const guide = staging.add(Bot, "guide", { name: "向导" });
  const prompt = `${guide.model.temperature} 和 ${Fn.lengthOf(faq.id)}`;
  const bot = staging.add(Bot, "bot", {
    name: "客服",
    prompt,
    model: { id: "1", parameters: { a: `${guide.model.temperature}"` } },
  });
  const made = jsonOf(promote().promoted(bot) as Bot);
  const temperature = "${coze_bot.production_guide.model.temperature}";
  expect(made.prompt).toBe(`${temperature} 和 \${length(coze_dataset.production_faq.id)}`);
  expect(made.model.parameters).toBe(`\${jsonencode({"a" = "${temperature}\\""})}`);
});

test("a space that is a variable is translated as well", () => {
  const stack = new TerraformStack(Testing.app(), "stack");
  const [own, other] = ["own", "other"].map((id) => new TerraformVariable(stack, id, {}).stringValue);
  const staging = new CozeSpace(stack, "staging", { workspace: own as string });
  const production = new CozeSpace(stack, "production", { workspace: other as string });
  const bot = staging.add(Bot, "bot", { name: "客服", prompt: `在 ${own}` });
  const made = new CozePromotion(stack, "release", { from: staging, to: production }).promoted(bot) as Bot;
  const json = JSON.parse(Testing.synth(stack)).resource.coze_bot[made.friendlyUniqueId];
  expect(json).toMatchObject({ workspace: "${var.other}", prompt: "在 ${var.other}" });
});

test("names that nobody asked for can still be given", () => {
  const { stack, staging, faq, promote } = open();
  const unrelated = new Dataset(stack, "unrelated", { workspace: "1", name: "别的", format: "text" });
  staging.add(Bot, "bot", { name: "客服", knowledge: { datasets: [faq.id] } });
  promote();
  unrelated.overrideLogicalId("kept");
  expect(Object.keys(JSON.parse(Testing.synth(stack)).resource.coze_dataset)).toContain("kept");
});

test("a provider of a resource's own must be named for the other space", () => {
  const { stack, staging, promote } = open();
  const provider = new CozeProvider(stack, "operations", { alias: "operations" });
  const bot = staging.add(Bot, "bot", { name: "客服", provider });
  expect(() => promote()).toThrow(
    "stack/release: bot has its own provider: set its counterpart in overrides.bot.provider, or undefined for that of stack/production",
  );
  const second = new CozePromotion(stack, "second", {
    from: staging,
    to: new CozeSpace(stack, "other", { workspace: "9" }),
    overrides: { bot: { provider } },
  });
  expect(second.promoted(bot)?.provider).toBe(provider);
});
