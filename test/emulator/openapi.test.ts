import { expect, test } from "@jest/globals";
import { operations } from "../../src/emulator/http/routes.ts";
import type { RecordedRequest } from "../../src/emulator/index.ts";
import { expectExchangesMatchOpenApi, loadOpenApiCheck } from "../support/openapi-check.ts";
import { listAt, type Stage, setStage, textAt } from "./client.ts";
import { oauthApp, signJwt } from "./jwt.ts";

const check = loadOpenApiCheck();
const ordinary = oauthApp({ organization_id: "7490888144456001" });
const privileged = oauthApp({ app_id: "1127900106118", kind: "privileged" });
const withDocument = check ? test : test.skip;

test("every operation is exercised, and its answer fits the published document", async () => {
  const stage = setStage({ world: { copyMs: 0 }, apps: [ordinary, privileged] });
  await tourSpaces(stage);
  await tourBots(stage);
  await tourLibrary(stage);
  await tourKnowledge(stage);
  await tourCallbacks(stage);
  await tourTrials(stage);
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
