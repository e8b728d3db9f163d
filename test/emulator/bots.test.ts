import { describe, expect, test } from "@jest/globals";
import { listAt, type Stage, setStage, textAt, valueAt } from "./client.ts";

async function createBot(stage: Stage, fields: object = {}): Promise<string> {
  const body = { space_id: stage.space, name: "菜谱", ...fields };
  return textAt(await stage.post("/v1/bot/create", body), "data.bot_id");
}

const draftOf = (stage: Stage, bot: string) => stage.get(`/v1/bots/${bot}?is_published=false`);
const publish = (stage: Stage, bot_id: string, connector_ids = ["1024"]) =>
  stage.post("/v1/bot/publish", { bot_id, connector_ids });

describe("lists of bots", () => {
  test("the default filter hides drafts, publish_status=all shows them", async () => {
    const stage = setStage();
    const bot = await createBot(stage);
    const published = await stage.get(`/v1/bots?workspace_id=${stage.space}`);
    const all = await stage.get(`/v1/bots?workspace_id=${stage.space}&publish_status=all`);
    expect(listAt(published, "data.items")).toEqual([]);
    expect(listAt(all, "data.items")).toMatchObject([{ id: bot, is_published: false }]);
    expect(listAt(all, "data.items")[0]).not.toHaveProperty("published_at");
  });

  test("total counts the page, not the workspace, and a wrong page parameter repeats page one", async () => {
    const stage = setStage();
    for (let made = 0; made < 21; made++) {
      await createBot(stage);
    }
    const path = `/v1/bots?workspace_id=${stage.space}&publish_status=all`;
    const first = await stage.get(path);
    const second = await stage.get(`${path}&page_num=2`);
    const mistaken = await stage.get(`${path}&page_index=2`);
    expect([valueAt(first, "data.total"), valueAt(second, "data.total")]).toEqual([20, 1]);
    expect(listAt(mistaken, "data.items").map((bot) => bot.id)).toEqual(
      listAt(first, "data.items").map((bot) => bot.id),
    );
  });

  test("published_draft is a published bot edited since", async () => {
    const stage = setStage();
    const bot = await createBot(stage);
    await publish(stage, bot);
    const path = `/v1/bots?workspace_id=${stage.space}&publish_status=published_draft`;
    expect(listAt(await stage.get(path), "data.items")).toEqual([]);
    await stage.post("/v1/bot/update", { bot_id: bot, description: "new" });
    expect(listAt(await stage.get(path), "data.items")).toMatchObject([{ id: bot }]);
  });

  test("on the personal plan, workspaces of others list no bots", async () => {
    const stage = setStage({ plan: "personal" });
    const { me } = stage.emulator.world.options;
    const other = stage.emulator.world.addWorkspace({
      members: [
        { user_id: "5", role_type: "owner" },
        { user_id: me.id, role_type: "member" },
      ],
    });
    stage.emulator.world.addBot({ space_id: other.id });
    const list = await stage.get(`/v1/bots?workspace_id=${other.id}&publish_status=all`);
    expect(listAt(list, "data.items")).toEqual([]);
  });
});

describe("the configuration of a bot", () => {
  test("is the published one by default, and missing before the first publication", async () => {
    const stage = setStage();
    const bot = await createBot(stage);
    expect(await stage.get(`/v1/bots/${bot}`)).toMatchObject({ status: 404, body: { code: 4200 } });
    await publish(stage, bot);
    await stage.post("/v1/bot/update", { bot_id: bot, name: "new" });
    expect(valueAt(await stage.get(`/v1/bots/${bot}`), "data.name")).toBe("菜谱");
    expect(valueAt(await draftOf(stage, bot), "data.name")).toBe("new");
  });

  test("knowledge sent at creation is ignored, at update it overwrites whole", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const first = world.addDataset({ space_id: stage.space, name: "a" }).id;
    const second = world.addDataset({ space_id: stage.space, name: "b" }).id;
    const bot = await createBot(stage, { knowledge: { dataset_ids: [first] } });
    const bound = async () => valueAt(await draftOf(stage, bot), "data.knowledge.knowledge_infos");
    expect(await bound()).toEqual([]);
    await stage.post("/v1/bot/update", { bot_id: bot, knowledge: { dataset_ids: [second, first] } });
    expect(await bound()).toEqual([
      { id: first, name: "a" },
      { id: second, name: "b" },
    ]);
    await stage.post("/v1/bot/update", { bot_id: bot, knowledge: { auto_call: false } });
    expect(await bound()).toEqual([]);
  });

  test("an update is partial at the top and whole below; some values never come back", async () => {
    const stage = setStage();
    const model = { model_id: "17", temperature: 0.5, cache_type: "closed", sp_anti_leak: true };
    const bot = await createBot(stage, { prompt_info: { prompt: "p" }, model_info_config: model });
    const shown = { model_id: "17", model_name: "model-17", temperature: 0.5 };
    expect(valueAt(await draftOf(stage, bot), "data.model_info")).toEqual(shown);
    await stage.post("/v1/bot/update", { bot_id: bot, model_info_config: { model_id: "17", top_p: 1 } });
    const after = await draftOf(stage, bot);
    expect(valueAt(after, "data.model_info")).toEqual({ model_id: "17", model_name: "model-17", top_p: 1 });
    expect(valueAt(after, "data.prompt_info.prompt")).toBe("p");
  });

  test("icon URLs differ at each read", async () => {
    const stage = setStage();
    const bot = await createBot(stage);
    const urls = [await draftOf(stage, bot), await draftOf(stage, bot)].map((one) =>
      textAt(one, "data.icon_url"),
    );
    expect(urls[0]).not.toBe(urls[1]);
  });

  test("onboarding keys come in both spellings, tool ids may be 0, plugins are grouped", async () => {
    const stage = setStage();
    const tools = ["11", "12"].map((id) => ({ id, name: `tool ${id}`, description: "" }));
    const plugin = stage.emulator.world.addPlugin({ tools }).id;
    const id_list = tools.map((tool) => ({ plugin_id: plugin, api_id: tool.id }));
    const seen = new Set<string>();
    for (let made = 0; made < 8; made++) {
      const bot = await createBot(stage, {
        onboarding_info: { prologue: "hi", suggested_questions: [] },
        plugin_id_list: { id_list },
      });
      const answer = await draftOf(stage, bot);
      const [shown] = listAt(answer, "data.plugin_info_list");
      const onboarding = valueAt(answer, "data.onboarding_info") ?? {};
      expect(shown).toMatchObject({ plugin_id: plugin, api_info_list: [{}, {}] });
      expect(Object.keys(onboarding)).not.toContain("suggested_questions");
      seen.add(`${Object.keys(onboarding)[0]} ${JSON.stringify(shown?.api_info_list)}`);
    }
    expect([...seen].sort()).toEqual([
      expect.stringMatching(/^Prologue .*"api_id":"0".*"api_id":"0"/),
      expect.stringMatching(/^prologue .*"api_id":"11".*"api_id":"12"/),
    ]);
  });

  const refusals: readonly [string, object, string][] = [
    ["a name of 21 characters", { name: "名".repeat(21) }, "name"],
    ["an empty name", { name: "" }, "name"],
    ["a long description", { description: "x".repeat(501) }, "description"],
    ["a long prompt", { prompt_info: { prompt: "x".repeat(20_001) } }, "prompt_info.prompt"],
    ["a long prologue", { onboarding_info: { prologue: "x".repeat(301) } }, "onboarding_info.prologue"],
    [
      "a long question",
      { onboarding_info: { suggested_questions: ["", "x".repeat(51)] } },
      "onboarding_info.suggested_questions[1]",
    ],
    ["151 datasets", { knowledge: { dataset_ids: Array(151).fill("1") } }, "knowledge.dataset_ids"],
    ["a dataset that does not exist", { knowledge: { dataset_ids: ["1"] } }, "knowledge.dataset_ids"],
    ["a workflow that does not exist", { workflow_id_list: { ids: [{ id: "1" }] } }, "workflow_id_list"],
    [
      "a plugin that does not exist",
      { plugin_id_list: { id_list: [{ plugin_id: "1", api_id: "2" }] } },
      "plugin_id_list",
    ],
    ["an icon that does not exist", { icon_file_id: "1" }, "icon_file_id"],
    [
      "a prompt in prefix mode",
      { prompt_info: { prompt_mode: "prefix", prompt: "x" } },
      "prompt_info.prompt",
    ],
    ["a model without its id", { model_info_config: { top_p: 1 } }, "model_info_config.model_id"],
    ["an id as a number", { icon_file_id: 7 }, "icon_file_id"],
  ];
  test.each(refusals)("%s is refused and changes nothing", async (_title, change, field) => {
    const stage = setStage();
    const bot = await createBot(stage);
    const before = stage.emulator.world.snapshot();
    const answer = await stage.post("/v1/bot/update", { bot_id: bot, ...change });
    expect(answer).toMatchObject({ status: 400, body: { code: 4000 } });
    expect(textAt(answer, "msg")).toContain(field);
    expect(stage.emulator.world.snapshot()).toEqual(before);
  });

  test("limits count characters, not UTF-16 units", async () => {
    const stage = setStage();
    expect(await createBot(stage, { name: "😀".repeat(20) })).toMatch(/^\d{19}$/);
  });
});

describe("publication", () => {
  test("each makes a new version and leaves the draft's update time alone", async () => {
    const stage = setStage();
    const bot = await createBot(stage);
    const before = valueAt(await draftOf(stage, bot), "data.update_time");
    stage.clock.ms += 60_000;
    const versions = [await publish(stage, bot), await publish(stage, bot)].map((one) =>
      textAt(one, "data.version"),
    );
    expect(new Set(versions).size).toBe(2);
    expect(valueAt(await draftOf(stage, bot), "data.update_time")).toBe(before);
    const listed = await stage.get(`/v1/bots/${bot}/versions?page_size=1`);
    expect(listed.body.data).toMatchObject({ has_more: true, items: [{ version: versions[1] }] });
  });

  test("channels left out of a publication stay", async () => {
    const stage = setStage();
    const bot = await createBot(stage);
    await publish(stage, bot, ["1024", "999"]);
    await publish(stage, bot, ["1024"]);
    const chat = await stage.get(`/v1/bots?workspace_id=${stage.space}&connector_id=999`);
    expect(listAt(chat, "data.items")).toMatchObject([{ id: bot, is_published: true }]);
  });

  const refusals: readonly [string, object][] = [
    ["a custom channel alone", { connector_ids: ["7470849514748000001"] }],
    ["another official channel", { connector_ids: ["1024", "10000122"] }],
    ["no channel", { connector_ids: [] }],
    [
      "settings that are not JSON text",
      { connector_ids: ["1024"], connectors: { "1024": { device_id: ["1"] } } },
    ],
    ["settings of a channel not named", { connector_ids: ["1024"], connectors: { "999": { a: '"b"' } } }],
  ];
  test.each(refusals)("%s is refused", async (_title, body) => {
    const stage = setStage();
    const answer = await stage.post("/v1/bot/publish", { bot_id: await createBot(stage), ...body });
    expect(answer.body.code).toBe(4000);
  });

  test("a channel comes off once; then it is refused", async () => {
    const stage = setStage();
    const bot = await createBot(stage);
    await publish(stage, bot, ["1024", "7470849514748000001"]);
    const path = `/v1/bots/${bot}/unpublish`;
    expect((await stage.post(path, { connector_id: "7470849514748000001" })).body.code).toBe(0);
    expect((await stage.post(path, { connector_id: "7470849514748000001" })).body.code).toBe(4000);
    expect((await stage.get(`/v1/bots/${bot}`)).body.code).toBe(0);
  });
});
