import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import type { Values } from "../../../src/core/value.ts";
import { acceptResource, contents } from "../../support/acceptance.ts";
import type { Files } from "../../support/story.ts";
import { createTerraformStory, terraformTest } from "../../support/terraform.ts";

const updated = ["update_bot", "publish_bot"];
const model = { id: "1706077826", temperature: 0.3 };
const cached = {
  prompt: null,
  cached_prompt: { prefix: "你是售后助手。", dynamic: "今天店里放假。" },
  model: { ...model, cache: "prefix" },
};
const own = "7512000000000090001";
const publishedTo = (...connectors: readonly Values[]): Values => ({ publish: { connectors } });

acceptResource({
  kind: "Bot",
  seed(world) {
    const desk = world.addWorkspace({ name: "客服" }).id;
    const shop = world.addWorkspace({ name: "导购" }).id;
    const [policies, products] = ["店铺政策", "商品"].map(
      (name) => world.addDataset({ space_id: desk, name }).id,
    );
    const [orders, parcels] = ["查订单", "查物流"].map(
      (name) => world.addWorkflow({ space_id: desk, name }).id,
    );
    const [tax, maps] = ["税率", "地图"].map((name) => {
      const tools = ["查", "算"].map((tool) => ({ id: world.newId(), name: tool, description: "" }));
      return world.addPlugin({ name, tools });
    });
    return { desk, shop, policies, products, orders, parcels, tax, maps };
  },
  base: ({ desk }) => ({
    workspace: desk,
    name: "售后助手",
    description: "退换货与发票",
    icon: "one.png",
    prompt: "你是售后助手。",
    onboarding: { prologue: "您好。", suggested_questions: ["怎么退货？", "发票在哪？"] },
    model,
    publish: { connectors: [{ id: "1024" }] },
  }),
  creation: {
    calls: ["upload_files", "create_bot", "publish_bot"],
    shows: {
      publish: { connectors: [{ id: "1024", config: null, config_wo: null, config_wo_version: null }] },
      workflows: [],
      plugins: [],
      version: expect.stringMatching(/^\d+$/),
      unfinished: null,
    },
  },
  cases: ({ shop, policies = "", products = "", orders = "", parcels = "", tax, maps }) => {
    const tool = (plugin: typeof tax, index: number) => ({
      plugin: plugin?.id ?? "",
      tool: plugin?.tools[index]?.id ?? "",
    });
    const ofModel = (name: string, value: string | number | boolean) => ({
      [`model.${name}`]: { to: { model: { ...model, [name]: value } }, calls: updated },
    });
    return {
      workspace: {
        to: { workspace: shop },
        calls: ["unpublish_agent", "upload_files", "create_bot", "publish_bot"],
        replacedFor: ["workspace"],
        warns: ["coze_bot … stays at Coze"],
        leaves: true,
      },
      name: { to: { name: "客服助手" }, calls: updated },
      description: { to: { description: "物流" }, calls: updated },
      "description (taken out)": { to: { description: null }, calls: updated },
      icon: {
        to: { icon: "two.png" },
        changes: ["icon", "icon_sha256"],
        calls: ["upload_files", ...updated],
      },
      "icon (other content)": {
        to: {},
        files: { "one.png": contents["two.png"] },
        changes: ["icon_sha256"],
        calls: ["upload_files", ...updated],
      },
      "icon (taken out)": {
        to: { icon: null },
        changes: ["icon", "icon_sha256"],
        calls: [],
        warns: ["icon can't be unset through Coze's API"],
        leaves: true,
      },
      prompt: { to: { prompt: "你是导购。" }, calls: updated },
      "prompt (taken out)": { to: { prompt: null }, calls: updated },
      "cached_prompt.prefix": {
        from: cached,
        to: { cached_prompt: { ...cached.cached_prompt, prefix: "你是导购。" } },
        calls: updated,
      },
      "cached_prompt.dynamic": {
        from: cached,
        to: { cached_prompt: { ...cached.cached_prompt, dynamic: "今天照常营业。" } },
        calls: updated,
      },
      "cached_prompt.prefix (in place of prompt)": {
        to: cached,
        changes: ["cached_prompt", "model", "prompt"],
        calls: updated,
      },
      "onboarding.prologue": {
        to: { onboarding: { prologue: "欢迎。", suggested_questions: ["怎么退货？", "发票在哪？"] } },
        calls: updated,
      },
      "onboarding.suggested_questions": {
        to: { onboarding: { prologue: "您好。", suggested_questions: ["发票在哪？", "怎么退货？"] } },
        calls: updated,
      },
      "onboarding.suggested_questions (taken out)": {
        to: { onboarding: { prologue: "您好。" } },
        calls: updated,
      },
      "onboarding.prologue (all taken out)": { to: { onboarding: null }, calls: updated },
      "model.id": { to: { model: { ...model, id: "1706077827" } }, calls: updated },
      "model.temperature": { to: { model: { ...model, temperature: 0.8 } }, calls: updated },
      ...ofModel("top_p", 0.5),
      ...ofModel("top_k", 20),
      ...ofModel("max_tokens", 1024),
      ...ofModel("context_round", 10),
      ...ofModel("response_format", "markdown"),
      ...ofModel("presence_penalty", 0.25),
      ...ofModel("frequency_penalty", -0.5),
      "model.cache": {
        from: cached,
        to: { model: { ...model, cache: "closed" }, prompt: "你是售后助手。", cached_prompt: null },
        calls: updated,
      },
      ...ofModel("api_mode", "responses_api"),
      ...ofModel("anti_leak", true),
      ...ofModel("current_time", true),
      "model.parameters": {
        to: { model: { ...model, parameters: '{"thinking_type":"disabled"}' } },
        calls: updated,
      },
      "model.parameters (spelled in another way)": {
        from: { model: { ...model, parameters: '{"a":1,"b":{"c":true,"d":2}}' } },
        to: { model: { ...model, parameters: '{ "b": { "d": 2, "c": true }, "a": 1 }' } },
        changes: [],
        calls: [],
      },
      "plugins.plugin": {
        from: { plugins: [tool(tax, 0)] },
        to: { plugins: [tool(maps, 0)] },
        calls: updated,
      },
      "plugins.tool": {
        from: { plugins: [tool(tax, 0)] },
        to: { plugins: [tool(tax, 0), tool(tax, 1)] },
        calls: updated,
      },
      "plugins.plugin (taken out)": {
        from: { plugins: [tool(tax, 0)] },
        to: { plugins: null },
        calls: updated,
      },
      workflows: { from: { workflows: [orders] }, to: { workflows: [orders, parcels] }, calls: updated },
      "workflows (in another order)": {
        from: { workflows: [orders, parcels] },
        to: { workflows: [parcels, orders] },
        changes: [],
        calls: [],
      },
      "workflows (taken out)": { from: { workflows: [orders] }, to: { workflows: null }, calls: updated },
      "knowledge.datasets": {
        from: { knowledge: { datasets: [policies] } },
        to: { knowledge: { datasets: [policies, products] } },
        calls: updated,
      },
      "knowledge.datasets (taken out)": {
        from: { knowledge: { datasets: [policies] } },
        to: { knowledge: null },
        calls: updated,
        leaves: true,
      },
      "knowledge.auto_call": {
        from: { knowledge: { datasets: [policies] } },
        to: { knowledge: { datasets: [policies], auto_call: false } },
        calls: updated,
      },
      "knowledge.search_strategy": {
        from: { knowledge: { datasets: [policies], search_strategy: "hybrid" } },
        to: { knowledge: { datasets: [policies], search_strategy: "fulltext" } },
        calls: updated,
      },
      "suggested_replies.mode": {
        from: { suggested_replies: { mode: "enable" } },
        to: { suggested_replies: { mode: "disable" } },
        calls: updated,
      },
      "suggested_replies.prompt": {
        from: { suggested_replies: { mode: "customized", prompt: "三个问题" } },
        to: { suggested_replies: { mode: "customized", prompt: "两个问题" } },
        calls: updated,
      },
      "publish.connectors.id": {
        to: publishedTo({ id: "1024" }, { id: "999" }),
        calls: ["publish_bot"],
        leaves: true,
      },
      "publish.connectors.id (one less)": {
        from: publishedTo({ id: "1024" }, { id: "999" }),
        to: publishedTo({ id: "1024" }),
        calls: ["unpublish_agent"],
        leaves: true,
      },
      "publish.connectors.id (in another order)": {
        from: publishedTo({ id: "1024" }, { id: "999" }),
        to: publishedTo({ id: "999" }, { id: "1024" }),
        changes: [],
        calls: [],
      },
      "publish.connectors.id (taken out)": {
        to: { publish: null },
        calls: ["unpublish_agent"],
        leaves: true,
      },
      "publish.connectors.config": {
        from: publishedTo({ id: "1024" }, { id: own, config: '{"device_id":"a"}' }),
        to: publishedTo({ id: "1024" }, { id: own, config: '{"device_id":"b"}' }),
        calls: ["publish_bot"],
      },
    };
  },
  imported: {
    ids: ({ desk }, id) => ({
      "its id": id,
      "workspace and id": `${desk}/${id}`,
      "workspace and name": `${desk}/售后助手`,
    }),
    action: "update",
    warns: ["icon is taken on trust"],
  },
  drifts: {
    "another prompt": {
      by: (world, id) => void world.editBot(id, { prompt_info: { prompt: "谁改的" } }),
      changes: ["prompt"],
      calls: updated,
    },
    "another temperature": {
      by: (world, id) =>
        void world.editBot(id, { model_info_config: { model_id: model.id, temperature: 1 } }),
      changes: ["model"],
      calls: updated,
    },
    "taken down from a channel": {
      by: ({ bots }, id) => void delete bots.get(id)?.channels["1024"],
      changes: ["publish"],
      calls: ["publish_bot"],
    },
  },
  delete: ({ bots }, id) => void bots.delete(id),
  end: { calls: ["unpublish_agent"], warns: ["coze_bot … stays at Coze"], stays: true },
});

const secretly = (version: number) => ({
  "main.tf": `\
variable "secret" {
  type      = string
  ephemeral = true
}

resource "coze_workspace" "desk" {
  name        = "客服空间"
  description = "客服"
}

resource "coze_bot" "helper" {
  workspace = coze_workspace.desk.id
  name      = "助手"
  publish = {
    connectors = [
      { id = "1024" },
      { id = "${own}", config_wo = jsonencode({ key = var.secret }), config_wo_version = "${version}" },
    ]
  }
}
`,
});

terraformTest("a channel's write-only parameters reach Coze, and no plan and no state", async () => {
  const story = await createTerraformStory({ files: secretly(1), env: { TF_VAR_secret: "hush-1" } });
  const publications = () =>
    story.emulator.requests.flatMap(({ operation, body }) =>
      operation === "publish_bot" ? [(body as { readonly connectors?: unknown }).connectors] : [],
    );
  const applyPlan = async () => {
    const { json, actions } = await story.plan();
    await story.apply("saved.tfplan");
    const state = readFileSync(join(story.directory, "terraform.tfstate"), "utf8");
    expect(JSON.stringify(json) + state).not.toContain("hush");
    return actions["coze_bot.helper"];
  };
  expect(await applyPlan()).toBe("create");
  expect(publications()).toEqual([{ [own]: { key: '"hush-1"' } }]);
  await story.expectNoChanges();
  // Nobody can tell that it is another one, until its number says so.
  story.env.TF_VAR_secret = "hush-2";
  await story.expectNoChanges();
  story.write(secretly(2));
  expect(await applyPlan()).toBe("update");
  expect(publications().slice(1)).toEqual([{ [own]: { key: '"hush-2"' } }]);
  await story.expectNoChanges();
});

const handmade = {
  "main.tf": `\
variable "space" {}
variable "dataset" {}

resource "coze_bot" "helper" {
  workspace = var.space
  name      = "助手"
  prompt    = "你是助手。"
  model = {
    id           = "1706077826"
    temperature  = 0.5
    current_time = true
  }
  knowledge = {
    datasets        = [var.dataset]
    search_strategy = "hybrid"
  }
  publish = { connectors = [{ id = "1024" }] }
}
`,
};

/** A bot that somebody made at Coze, imported. */
async function takeOver(files: Files) {
  const story = await createTerraformStory({ files });
  const { world } = story.emulator;
  const space = world.addWorkspace({ name: "客服" }).id;
  const dataset = world.addDataset({ space_id: space, name: "政策" }).id;
  const { id } = world.addBot({
    space_id: space,
    draft: {
      name: "助手",
      prompt_info: { prompt: "你是助手。" },
      model_info_config: { model_id: "1706077826", temperature: 0.5 },
      knowledge: { dataset_ids: [dataset] },
    },
  });
  world.publishBot(id);
  Object.assign(story.env, { TF_VAR_space: space, TF_VAR_dataset: dataset });
  await story.importResource("coze_bot.helper", `${space}/助手`);
  return { story, world, id, dataset };
}

terraformTest("a bot made by hand is taken over: what Coze never shows of it is sent once", async () => {
  const { story, world, id, dataset } = await takeOver(handmade);
  expect((await story.plan()).actions).toEqual({ "coze_bot.helper": "update" });
  await story.apply("saved.tfplan");
  expect(story.writes()).toEqual(["update_bot", "publish_bot"]);
  await story.expectNoChanges();
  expect(world.bots.get(id)?.published).toMatchObject({
    model_info_config: { temperature: 0.5, sp_current_time: true },
    knowledge: { dataset_ids: [dataset], search_strategy: 1 },
  });
});

terraformTest("a bot taken over needs nothing where the configuration gives the defaults", async () => {
  const usual = handmade["main.tf"].replace('"hybrid"', '"semantic"').replace("= true", "= false");
  const { story } = await takeOver({ "main.tf": usual });
  await story.expectNoChanges();
});
