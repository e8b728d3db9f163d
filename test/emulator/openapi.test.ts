import { expect, test } from "@jest/globals";
import { operations } from "../../src/emulator/http/routes.ts";
import type { RecordedRequest } from "../../src/emulator/index.ts";
import { expectExchangesMatchOpenApi, loadOpenApiCheck } from "../support/openapi-check.ts";
import { listAt, type Stage, setStage, textAt } from "./client.ts";
import { oauthApp, signJwt } from "./jwt.ts";

const check = loadOpenApiCheck();
const ordinary = oauthApp({ organization_id: "7490888144456001" });
const privileged = oauthApp({ app_id: "1127900106118", kind: "privileged" });
const device = { app_id: "1406020730", kind: "device" } as const;
const withDocument = check ? test : test.skip;

test("every operation is exercised, and its answer fits the published document", async () => {
  const stage = setStage({ world: { copyMs: 0 }, apps: [ordinary, privileged, device] });
  await tourSpaces(stage);
  await tourBots(stage);
  await tourLibrary(stage);
  await tourKnowledge(stage);
  await tourCallbacks(stage);
  await tourTrials(stage);
  await tourEnterprise(stage);
  await tourCollaboration(stage);
  await tourChannels(stage);
  await tourVoices(stage);
  await tourOAuth(stage);
  const { requests } = stage.emulator;
  expect(requests.filter((one) => one.status !== 200)).toEqual([]);
  const toured = new Set(requests.map((one) => one.operation));
  expect(operations.map((one) => one.name).filter((name) => !toured.has(name))).toEqual([]);
  expect(expectExchangesMatchOpenApi(requests)).toBe(check ? "checked" : "skipped");
});

withDocument("misspelt and mistyped parts of an exchange are found", () => {
  const recorded: RecordedRequest = {
    method: "POST",
    path: "/v1/bot/create?page=1",
    operation: "create_bot",
    writes: true,
    token: undefined,
    headers: {},
    body: { space_id: 7, prompt_info: { promt: "p" } },
    status: 200,
    response: { code: 0, msg: "", data: { id: "1" } },
    faults: [],
  };
  expect(check?.exchange(recorded)).toEqual([
    "create_bot request query page is not documented",
    "create_bot request must have required property 'name'",
    "create_bot request/prompt_info/promt must NOT have additional properties",
    "create_bot request/space_id must be string",
    "create_bot response/data/id must NOT have additional properties",
  ]);
  expect(check?.exchange({ ...recorded, path: "/v1/bot/make" })).toEqual([
    "POST /v1/bot/make is not in the document",
  ]);
});

async function tourOAuth({ emulator, clock, post }: Stage) {
  const base = "/api/permission/oauth2";
  for (const [app, path] of [
    [ordinary, `${base}/token`],
    [ordinary, `${base}/account/7490888144456001/token`],
    [privileged, `${base}/enterprise_id/${emulator.world.options.enterpriseId}/token`],
  ] as const) {
    const authorization = `Bearer ${await signJwt(app, clock.ms)}`;
    const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    await post(path, { grant_type, duration_seconds: 86_399 }, { authorization });
  }
  const client_id = device.app_id;
  await post(`${base}/workspace_id/1/device/code`, { client_id });
  const { body } = await post(`${base}/device/code`, { client_id });
  clock.ms += 3000;
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  await post(`${base}/token`, { client_id, grant_type, device_code: body.device_code });
}

async function tourEnterprise({ emulator, get, post, put, remove }: Stage) {
  const { enterpriseId, me } = emulator.world.options;
  const enterprise = `/v1/enterprises/${enterpriseId}`;
  await post(`${enterprise}/members`, { users: [{ user_id: "201", role: "enterprise_member" }] });
  await put(`${enterprise}/members/201`, { role: "enterprise_admin" });
  const made = await post(`${enterprise}/organizations`, {
    name: "研发部",
    super_admin_user_id: "201",
    description: "研发部内部使用的组织",
  });
  const organization = `/v1/organizations/${textAt(made, "data.organization_id")}`;
  await put(organization, { name: "研发部", description: "研发部内部使用的组织" });
  await post(`${organization}/members`, {
    organization_people: [{ user_id: "202", organization_role_type: "organization_admin" }],
  });
  await get(`${organization}/members?page_num=1&page_size=20`);
  await put(`${organization}/members/202`, { organization_role_type: "organization_member" });
  await remove(`${organization}/members/202`, { receiver_user_id: "201" });
  const listed = await get(`${enterprise}/organizations?page_num=1&page_size=20`);
  const standard = listAt(listed, "data.items").find((one) => one.is_default_organization);
  await remove(`/v1/organizations/${standard?.organization_id}/members/202`, { receiver_user_id: me.id });
  await remove(`${enterprise}/members/202`, { receiver_user_id: "201" });
}

async function tourCollaboration({ emulator: { world }, space, post, remove }: Stage) {
  const collaborators = [{ user_id: "101" }];
  await post(`/v1/workspaces/${space}/members`, { users: [{ user_id: "101", role_type: "member" }] });
  const bot = `/v1/bots/${world.addBot({ space_id: space }).id}`;
  const workflow = `/v1/workflows/${world.addWorkflow({ space_id: space }).id}`;
  for (const one of [bot, workflow]) {
    await post(`${one}/collaboration_mode`, { collaboration_mode: "collaboration" });
  }
  for (const one of [bot, workflow, `/v1/apps/${world.addApp({ space_id: space }).id}`]) {
    await post(`${one}/collaborators`, { collaborators });
    await remove(`${one}/collaborators/101`, {});
  }
}

async function tourChannels({ emulator: { world }, space, get, post, put }: Stage) {
  await post("/v1/connectors/7452643/install", { workspace_id: space });
  const enums = [{ label: "智能音箱-客厅", value: "51237824" }];
  await post("/v1/connectors/7452643/user_configs", { configs: [{ key: "device_id", enums }] });
  const bot = world.addBot({ space_id: space });
  world.publishBot(bot.id, ["1024", "7452643"]);
  await put(`/v1/connectors/7452643/bots/${bot.id}`, { audit_status: 2, reason: "头像无法通过审核" });
  const made = await post("/v1/commerce/benefit/limitations", {
    entity_type: "single_device",
    entity_id: "SN12345",
    benefit_info: {
      benefit_type: "resource_point",
      active_mode: "absolute_time",
      started_at: 1741708800,
      ended_at: 253402300799,
      limit: 100,
      status: "valid",
    },
  });
  const quota = textAt(made, "data.benefit_info.benefit_id");
  await put(`/v1/commerce/benefit/limitations/${quota}`, { limit: 50, trigger_unit: "day" });
  await get("/v1/commerce/benefit/limitations?entity_type=single_device&benefit_type=resource_point");
  world.declareVariables(bot.id, { name: "", age: "18" });
  const place = { bot_id: bot.id, connector_id: "1024", connector_uid: "7432567" };
  await put("/v1/variables", { ...place, data: [{ keyword: "name", value: "小王" }] });
  await get(`/v1/variables?${new URLSearchParams({ ...place, keywords: "name,age" })}`);
  await get(`/v1/bots/${bot.id}`);
}

async function tourVoices(stage: Stage) {
  const { get, post, put, remove, sendForm } = stage;
  const audio = new File(["RIFF"], "jay.wav");
  await sendForm("POST", "/v1/audio/voices/clone", { voice_name: "jay", audio_format: "wav" }, audio);
  const groups = "/v1/audio/voiceprint_groups";
  const group = `${groups}/${textAt(await post(groups, { name: "音箱1的声纹组", desc: "客厅" }), "data.id")}`;
  await put(group, { name: "音箱2的声纹组" });
  const made = await sendForm("POST", `${group}/features`, { name: "妈妈的声音", channel: "1" }, audio);
  const feature = `${group}/features/${textAt(made, "data.id")}`;
  await sendForm("PUT", feature, { desc: "妈妈" });
  await get(`${groups}?page_num=1&page_size=10`);
  await get(`${group}/features?page_num=1&page_size=10`);
  await remove(feature);
  await remove(group);
}

async function tourSpaces(stage: Stage) {
  const made = await stage.post("/v1/workspaces", { name: "a", description: "b" });
  const space = `/v1/workspaces/${textAt(made, "data.id")}`;
  await stage.put(space, { name: "c" });
  await stage.get("/v1/workspaces?page_size=50");
  await stage.post(`${space}/members`, { users: [{ user_id: "101", role_type: "member" }] });
  await stage.get(`${space}/members`);
  await stage.remove(`${space}/members`, { user_ids: ["101"] });
  const folder = stage.emulator.world.addFolder({ workspace_id: stage.space, parent_folder_id: "1" });
  await stage.get(`/v1/folders?workspace_id=${stage.space}&folder_type=development&parent_folder_id=1`);
  await stage.get(`/v1/folders/${folder.id}`);
  stage.emulator.world.addOrganization({});
  await stage.get(`/v1/enterprises/${stage.emulator.world.options.enterpriseId}/organizations`);
  await stage.get("/v1/commerce/benefit/benefits/get?benefit_type_list=api_run_qps&resource_id=chat");
}

async function tourBots(stage: Stage) {
  const { world } = stage.emulator;
  const plugin = world.addPlugin({});
  const workflow = world.addWorkflow({ space_id: stage.space });
  const dataset = world.addDataset({ space_id: stage.space });
  for (const name of ["first", "second"]) {
    const made = await stage.post("/v1/bot/create", {
      space_id: stage.space,
      name,
      prompt_info: { prompt: "p" },
      onboarding_info: { prologue: "hi", suggested_questions: ["?"] },
      plugin_id_list: { id_list: [{ plugin_id: plugin.id, api_id: plugin.tools[0]?.id }] },
      workflow_id_list: { ids: [{ id: workflow.id }] },
      model_info_config: { model_id: "1", temperature: 0.5, parameters: { thinking_type: "disabled" } },
      suggest_reply_info: { reply_mode: "disable" },
    });
    const bot_id = textAt(made, "data.bot_id");
    await stage.post("/v1/bot/update", { bot_id, knowledge: { dataset_ids: [dataset.id], auto_call: true } });
    await stage.post("/v1/bot/publish", { bot_id, connector_ids: ["1024"] });
    await stage.get(`/v1/bots/${bot_id}`);
    await stage.get(`/v1/bots/${bot_id}/versions`);
    await stage.get(`/v1/bots?workspace_id=${stage.space}`);
    await stage.get(`/v1/bot/get_online_info?bot_id=${bot_id}`);
    await stage.get(`/v1/space/published_bots_list?space_id=${stage.space}&page_index=1`);
    await stage.post(`/v1/bots/${bot_id}/unpublish`, { connector_id: "1024", unpublish_reason: "r" });
    await stage.post("/v1/entities/copy_tasks", { entity_id: bot_id, entity_type: "bot" });
  }
}

async function tourLibrary(stage: Stage) {
  const { world } = stage.emulator;
  const { id: app } = world.addApp({ space_id: stage.space, published_at: 1, connector_ids: ["1024"] });
  const { id: workflow } = world.addWorkflow({ space_id: stage.space, app_id: app });
  const { id: plugin } = world.addPlugin({ category_id: world.addCategory({}).id });
  await stage.get(`/v1/apps?workspace_id=${stage.space}`);
  await stage.get(`/v1/workflows?workspace_id=${stage.space}&page_num=1&publish_status=all`);
  await stage.get(`/v1/workflows/${workflow}?include_input_output=true`);
  await stage.get(`/v1/workflows/${workflow}/versions?publish_status=all`);
  await stage.get(`/v1/plugins/${plugin}`);
  await stage.get(`/v1/plugins/mget?ids=${plugin}`);
  await stage.get("/v1/stores/plugins");
  world.addVoice({});
  await stage.get("/v1/audio/voices?voice_state=all&filter_system_voice=false");
  await stage.get("/v1/stores/categories?entity_type=plugin");
  const task = await stage.post("/v1/entities/copy_tasks", { entity_id: workflow, entity_type: "workflow" });
  await stage.get(`/v1/entities/copy_tasks/${textAt(task, "data.task_id")}`);
}

async function tourKnowledge(stage: Stage) {
  stage.emulator.world.addDataset({ space_id: stage.space, dataset_type: "volcano" });
  const upload = textAt(await stage.upload("cat.png", "png"), "data.id");
  await stage.get(`/v1/files/retrieve?file_id=${upload}`);
  const made = await stage.post("/v1/datasets", {
    space_id: stage.space,
    name: "a",
    format_type: 2,
    file_id: upload,
  });
  const dataset_id = textAt(made, "data.dataset_id");
  const documents = await stage.post("/open_api/knowledge/document/create", {
    dataset_id,
    format_type: 2,
    chunk_strategy: { caption_type: 1 },
    document_bases: [{ name: "cat", source_info: { source_file_id: upload, document_source: 5 } }],
  });
  const document_id = String(listAt(documents, "document_infos")[0]?.document_id);
  await stage.post(`/v1/datasets/${dataset_id}/process`, { document_ids: [document_id] });
  await stage.post("/open_api/knowledge/document/update", { document_id, document_name: "tom" });
  await stage.post("/open_api/knowledge/document/list", { dataset_id, page: 1, size: 10 });
  await stage.put(`/v1/datasets/${dataset_id}/images/${document_id}`, { caption: "小猫" });
  await stage.get(`/v1/datasets/${dataset_id}/images?has_caption=true`);
  await stage.post("/open_api/knowledge/document/delete", { document_ids: [document_id] });
  await stage.put(`/v1/datasets/${dataset_id}`, { name: "b" });
  await stage.get(`/v1/datasets?space_id=${stage.space}`);
  await stage.remove(`/v1/datasets/${dataset_id}`);
}

async function tourTrials(stage: Stage) {
  const { world } = stage.emulator;
  const { id: bot_id } = world.addBot({ space_id: stage.space });
  world.publishBot(bot_id);
  const additional_messages = [{ role: "user", content: "hi", content_type: "text" }];
  const chat = await stage.post("/v3/chat", { bot_id, user_id: "u", additional_messages });
  stage.clock.ms += 1200;
  const place = `conversation_id=${textAt(chat, "data.conversation_id")}&chat_id=${textAt(chat, "data.id")}`;
  await stage.get(`/v3/chat/retrieve?${place}`);
  await stage.get(`/v3/chat/message/list?${place}`);
  const messages = [{ role: "user", type: "question", content: "你好", content_type: "text" }];
  const made = await stage.post("/v1/conversation/create", { bot_id, name: "推荐杭州美食", messages });
  const conversation_id = textAt(made, "data.id");
  await stage.get(`/v1/conversation/retrieve?conversation_id=${conversation_id}`);
  await stage.get(`/v1/conversations?bot_id=${bot_id}&sort_order=ASC`);
  const next = await stage.post(`/v3/chat?conversation_id=${conversation_id}`, {
    ...{ bot_id, user_id: "u", additional_messages },
  });
  await stage.post("/v3/chat/cancel", { conversation_id, chat_id: textAt(next, "data.id") });
  await stage.post(`/v1/conversation/message/list?conversation_id=${conversation_id}`, { order: "asc" });
  await stage.remove(`/v1/conversations/${conversation_id}`);
  const { id: workflow_id } = world.addWorkflow({ space_id: stage.space });
  world.publishWorkflow(workflow_id);
  await stage.post("/v1/workflow/run", { workflow_id, parameters: "{}" });
  const run = await stage.post("/v1/workflow/run", { workflow_id, is_async: true });
  await stage.get(`/v1/workflows/${workflow_id}/run_histories/${textAt(run, "execute_id")}`);
}

async function tourCallbacks(stage: Stage) {
  const made = await stage.post("/v1/api_apps", { app_type: "normal", name: "a" });
  const app = `/v1/api_apps/${textAt(made, "data.id")}`;
  await stage.put(app, { callback_url: "https://hook.example.com/" });
  await stage.post(`${app}/events`, { event_types: ["bot.published"] });
  await stage.get(`${app}/events`);
  await stage.remove(`${app}/events`, { event_types: ["bot.published"] });
  await stage.get("/v1/api_apps?page_size=1");
  await stage.remove(app);
}
