import { describe, expect, test } from "@jest/globals";
import type { Json, Values } from "../../src/core/value.ts";
import type { BotInfo } from "../../src/coze/api/bots.ts";
import { decodeBot } from "../../src/kinds/bot-encoding.ts";
import { create, fileOf, followUp, kindOf, listAll, look, type Stage, setStage, update } from "./stage.ts";

const kind = kindOf("Bot");

/** A spec with every field, and the objects that it refers to. */
async function fullSpec(stage: Stage) {
  const { world } = stage.emulator;
  const plugin = world.addPlugin({ name: "Search", tools: [{ id: "77", name: "web", description: "" }] });
  const workflow = world.addWorkflow({ space_id: stage.space, name: "sum" });
  const dataset = world.addDataset({ space_id: stage.space, name: "faq" });
  return {
    workspace: stage.space,
    name: "售后助手",
    description: "helps",
    icon: fileOf(stage, "bot.png", "png"),
    prompt: "You help.",
    onboarding: { prologue: "你好！", suggested_questions: ["怎么退货？"] },
    model: {
      id: "1706077826",
      temperature: 0.7,
      max_tokens: 4096,
      anti_leak: true,
      parameters: { thinking_type: "auto" },
    },
    plugins: [{ plugin: plugin.id, tool: "77" }],
    workflows: [workflow.id],
    knowledge: { datasets: [dataset.id], auto_call: false, search_strategy: "hybrid" },
    suggested_replies: { mode: "customized", prompt: "Ask on." },
    publish: { connectors: [{ id: "1024" }] },
  };
}

describe("a bot at Coze", () => {
  test.each(["plain", "capitalised"] as const)(
    "is made and read back with %s keys",
    async (onboardingKeys) => {
      const stage = setStage({ world: { onboardingKeys, toolIds: "real" } });
      const spec = await fullSpec(stage);
      const at = { id: await create(stage, "Bot", spec), parent: stage.space };
      await update(stage, "Bot", at, spec, "knowledge");
      expect(stage.lastBody()).toEqual({
        bot_id: at.id,
        knowledge: { dataset_ids: spec.knowledge.datasets, auto_call: false, search_strategy: 1 },
      });
      const { icon: _icon, publish: _publish, knowledge, model, ...shown } = spec;
      const { anti_leak: _never, ...told } = model;
      expect((await look(stage, "Bot", at)).live).toEqual({
        ...shown,
        model: told,
        knowledge: { datasets: knowledge.datasets },
        version: "",
      });
    },
  );

  test("one that isn't there can't be read", async () => {
    const stage = setStage();
    expect(await kind.read?.(stage.api, { id: "1" })).toBeUndefined();
  });

  test("drafts are listed with the time of their last change", async () => {
    const stage = setStage();
    const { id } = stage.emulator.world.addBot({ space_id: stage.space, draft: { name: "draft" } });
    expect(await listAll(stage, "Bot", stage.space)).toEqual([
      {
        id,
        parent: stage.space,
        owner: stage.emulator.world.options.me.id,
        revision: stage.clock.ms / 1000,
        live: { workspace: stage.space, name: "draft" },
      },
    ]);
  });

  test("an update sends what changed, each part whole, and lists that were emptied", async () => {
    const stage = setStage();
    const spec = await fullSpec(stage);
    const at = { id: await create(stage, "Bot", spec) };
    const next = { ...spec, prompt: "", plugins: [], workflows: [], knowledge: { datasets: [] } };
    await update(stage, "Bot", at, next, "prompt", "plugins", "workflows", "knowledge", "model");
    expect(stage.lastBody()).toEqual({
      bot_id: at.id,
      prompt_info: { prompt_mode: "standard", prompt: "" },
      plugin_id_list: { id_list: [] },
      workflow_id_list: { ids: [] },
      knowledge: { dataset_ids: [] },
      model_info_config: {
        model_id: "1706077826",
        temperature: 0.7,
        max_tokens: 4096,
        sp_anti_leak: true,
        parameters: { thinking_type: "auto" },
      },
    });
  });

  test("a prompt in two parts takes the place of the plain one, and the other way round", async () => {
    const stage = setStage();
    const base = { workspace: stage.space, name: "cached" };
    const cached_prompt = { prefix: "rules", dynamic: "today" };
    const at = { id: await create(stage, "Bot", { ...base, cached_prompt }), parent: stage.space };
    expect((await look(stage, "Bot", at)).live).toMatchObject({ prompt: "", cached_prompt });
    await update(stage, "Bot", at, { ...base, prompt: "plain", cached_prompt }, "prompt");
    expect((await look(stage, "Bot", at)).live).toMatchObject({ prompt: "plain" });
    await update(stage, "Bot", at, { ...base, prompt: "", cached_prompt }, "prompt", "cached_prompt");
    expect((await look(stage, "Bot", at)).live).toMatchObject({ prompt: "", cached_prompt });
    await update(stage, "Bot", at, { ...base, cached_prompt: { prefix: "", dynamic: "" } }, "cached_prompt");
    expect(stage.lastBody()).toEqual({ bot_id: at.id, prompt_info: { prompt_mode: "standard", prompt: "" } });
  });
});

describe("publishing a bot", () => {
  const own = "7470849514748000";

  test("one call publishes to all channels; dropped ones are taken down one by one", async () => {
    const stage = setStage();
    const config = { device_id: ["51237825"] };
    const spec = {
      workspace: stage.space,
      name: "bot",
      publish: { connectors: [{ id: "1024" }, { id: "999" }, { id: own, config }] },
    };
    const at = { id: await create(stage, "Bot", spec), parent: stage.space };
    expect(await followUp(stage, "Bot", at, { spec, changed: ["publish"] })).toEqual([
      `publishes a new version to api, chat_sdk, channel ${own}`,
    ]);
    expect(stage.lastBody()).toEqual({
      bot_id: at.id,
      connector_ids: ["1024", "999", own],
      connectors: { [own]: { device_id: '["51237825"]' } },
    });
    const { live } = await look(stage, "Bot", at, [spec]);
    expect(live.publish).toEqual({ connectors: [{ id: "1024" }, { id: "999" }, { id: own }] });
    expect(await followUp(stage, "Bot", at, { spec, live }, true)).toEqual([]);

    const next = { ...spec, publish: { connectors: [{ id: "1024" }] } };
    expect(await followUp(stage, "Bot", at, { spec: next, live, changed: ["publish"] })).toEqual([
      "publishes a new version to api",
      "unpublishes it from chat_sdk",
      `unpublishes it from channel ${own}`,
    ]);
    const after = await look(stage, "Bot", at, [spec, next]);
    expect(after.live.publish).toEqual({ connectors: [{ id: "1024" }] });
    const none = { ...spec, publish: { connectors: [] } };
    expect(await followUp(stage, "Bot", at, { spec: none, live: after.live }, true)).toEqual([
      "unpublishes it from api",
    ]);
  });

  test.each([
    ["nothing changed since", {}, true, 0],
    ["the draft changed", { changed: ["prompt"] }, true, 1],
    ["it was never followed through", {}, false, 1],
    ["a channel was taken down behind our back", { live: { publish: { connectors: [] } } }, true, 1],
    ["publication isn't managed", { spec: { name: "bot" }, live: {}, changed: ["prompt"] }, false, 0],
  ])("%s", (_title, change, done, count) => {
    const connectors = [{ id: "1024" }];
    const full = {
      spec: { publish: { connectors } },
      live: { publish: { connectors } },
      ...change,
      changed: new Set("changed" in change ? change.changed : []),
    };
    const calls = kind.followUps?.flatMap((one) => one.calls(full as never, done));
    expect(calls).toHaveLength(count);
  });

  test("where nobody looked, a channel isn't taken for a new one", () => {
    const change = { spec: { publish: { connectors: [{ id: "1024" }] } }, live: {}, changed: new Set() };
    expect(kind.followUps?.flatMap((one) => one.calls(change as never, true))).toEqual([]);
  });

  test("channels are looked at only when some bot is published, and shown for every bot, by whatever name", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    world.addBot({ space_id: stage.space, draft: { name: "managed" }, channels: { 1024: "1" } });
    world.addBot({ space_id: stage.space, draft: { name: "other" }, channels: { 1024: "1" } });
    const before = stage.emulator.requests.length;
    await listAll(stage, "Bot", stage.space, [{ name: "managed" }]);
    expect(stage.emulator.requests.length - before).toBe(1);
    const specs = [{ name: "managed", publish: { connectors: [{ id: "1024" }] } }, { name: "other" }];
    const items = await listAll(stage, "Bot", stage.space, specs);
    const shown = { connectors: [{ id: "1024" }] };
    expect(items.map(({ live }) => live.publish)).toEqual([shown, shown]);
  });
});

describe("reading a bot", () => {
  test("several agents are refused", async () => {
    const { api } = setStage();
    const answer = { ...api, bots: { ...api.bots, get: async () => ({ bot_mode: 1 }) } };
    await expect(kind.read?.(answer, { id: "5" })).rejects.toMatchObject({ name: "ExplainedError" });
  });

  test.each<[string, BotInfo, object]>([
    ["absent parts", {}, { plugins: [], workflows: [], knowledge: { datasets: [] } }],
    [
      "nulls",
      { description: null, onboarding_info: null, model_info: null, knowledge: { knowledge_infos: null } },
      { plugins: [], workflows: [], knowledge: { datasets: [] } },
    ],
    [
      "an unknown tool",
      { plugin_info_list: [{ plugin_id: "5", api_info_list: [{ api_id: "0" }, { api_id: "7" }] }] },
      { plugins: [{ plugin: "5" }, { plugin: "5", tool: "7" }], workflows: [], knowledge: { datasets: [] } },
    ],
    [
      "a model whose id is a number",
      { model_info: { model_id: 1706077826, temperature: 0 } as never },
      {
        model: { id: "1706077826", temperature: 0 },
        plugins: [],
        workflows: [],
        knowledge: { datasets: [] },
      },
    ],
    [
      "empty texts for lists, and lists that hold nothing",
      {
        plugin_info_list: "",
        workflow_info_list: [null],
        knowledge: { knowledge_infos: "" },
        onboarding_info: { prologue: "hi", suggested_questions: "" },
      } as never,
      { onboarding: { prologue: "hi" }, plugins: [], workflows: [], knowledge: { datasets: [] } },
    ],
    [
      "parameters as text, null and empty, and words that nobody knows",
      {
        model_info: {
          model_id: "7",
          temperature: "0.5",
          top_k: "",
          max_tokens: null,
          response_format: "xml",
        },
        suggest_reply_info: { reply_mode: "sometimes" },
        version: 17,
      } as never,
      {
        model: { id: "7", temperature: 0.5, response_format: "xml" },
        suggested_replies: { mode: "sometimes" },
        plugins: [],
        workflows: [],
        knowledge: { datasets: [] },
        version: "17",
      },
    ],
    [
      "questions that are switched off",
      { onboarding_info: { Prologue: "hi" } },
      { onboarding: { prologue: "hi" }, plugins: [], workflows: [], knowledge: { datasets: [] } },
    ],
  ])("%s", (_title, info, live) => {
    expect(decodeBot(info)).toEqual(live);
  });
});

describe("comparing a bot's tools", () => {
  const tool = (plugin: string, id?: string) => ({ plugin, ...(id ? { tool: id } : {}) });
  test.each<[Json, Json, boolean]>([
    [[tool("1", "a"), tool("2", "b")], [tool("2", "b"), tool("1", "a")], true],
    [[tool("1", "a")], [tool("1")], true],
    [[tool("1", "a"), tool("1", "b")], [tool("1"), tool("1", "a")], true],
    [[tool("1", "a"), tool("1", "b")], [tool("1")], false],
    [[tool("1", "a")], [tool("1", "b")], false],
    [[tool("1", "a")], [tool("2")], false],
    [[], [], true],
  ])("%j and %j: %p", (want, live, same) => {
    expect(kind.fields.plugins?.equal?.(want, live)).toBe(same);
  });
});

describe("rules between a bot's fields", () => {
  test.each<[Values, readonly string[]]>([
    [{ model: { id: "1", cache: "prefix" }, prompt: "a" }, ["model.cache"]],
    [{ model: { id: "1", cache: "prefix" }, cached_prompt: { prefix: "a" } }, []],
    [{ model: { id: "1", parameters: { caching: { type: "enabled" } } } }, ["model.parameters.caching"]],
    [
      { model: { id: "1", parameters: { thinking_type: "enabled" } }, workflows: ["1"], plugins: [] },
      ["workflows"],
    ],
    [{ suggested_replies: { mode: "customized" } }, ["suggested_replies.mode"]],
    [{ publish: { connectors: ["api", { id: "555" }] } }, []],
    [{ publish: { connectors: ["chat_sdk", { id: "555" }] } }, ["publish.connectors"]],
    [{ publish: { connectors: [{ id: "1024" }, { id: "10000122" }] } }, ["publish.connectors.1"]],
    [{}, []],
  ])("%j breaks those of %j", (spec, paths) => {
    expect(kind.check?.(spec).map(({ path }) => path.join("."))).toEqual(paths);
  });
});
