import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { createEmulator, type Edit, type Emulator, playEdits } from "../../src/emulator/index.ts";
import type { WorldSnapshot } from "../../src/emulator/world/world.ts";
import { createConsole } from "../cli/console.ts";
import { type Answer, listAt, readAnswer, textAt } from "./client.ts";

const team = resolve(import.meta.dirname, "../../examples/team");

/** A world in which there is something of everything: the example team, what people do by hand, chats, runs and copies. */
export async function createRichWorld(): Promise<WorldSnapshot> {
  const { directory, sh } = createConsole();
  cpSync(team, directory, { recursive: true });
  const { code, err } = await sh("apply --emulator --auto-approve");
  if (code !== 0) throw new Error(err);
  let now = Date.UTC(2026, 5, 1);
  const emulator = createEmulator({
    file: join(directory, ".cozeform", "emulator.json"),
    now: () => now,
    world: { processingMs: Number.POSITIVE_INFINITY },
  });
  const { world } = emulator;
  const post = async (path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${emulator.token}`, "content-type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    return await readAnswer(await emulator.fetch(`http://localhost${path}`, request));
  };
  const space = world.addWorkspace({ name: "开发", icon_file_id: "7", enterprise_id: "e" }).id;
  const folder = world.addFolder({ workspace_id: space, parent_folder_id: "1" }).id;
  world.addUser({ id: "2069720456012", nickname: "小李" });
  world.addVoice({});
  world.addOrganization({ description: "开发部", members: [] });
  world.addPerson({ id: "2069720456012", role: "enterprise_admin", has_left: false });
  world.addUser({ id: "2069720456013", nickname: "小王", volcano_id: "2105850099" });
  world.buyPlan("enterprise", { chat: 10, workflow: 10, plugin: 10 });
  world.addVoice({ space_id: space });
  world.addConnector({ workspaces: [space], device_keys: ["device_id"], reviews: false });
  world.addPlugin({ name: "search", category_id: world.addCategory({ name: "tools" }).id });
  const { problems } = playEdits(world, edits);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const find = <T extends object>(all: ReadonlyMap<string, T>, isIt: (one: T) => boolean): T => {
    const found = [...all.values()].find(isIt);
    if (!found) throw new Error("the world lacks what was to be made");
    return found;
  };
  const workflow = find(world.workflows, ({ name }) => name === "invoice").id;
  const bot = find(world.bots, ({ draft }) => draft.name === "助手");
  bot.folder_id = folder;
  bot.bot_mode = 0;
  find(world.apps, ({ name }) => name === "shop").folder_id = folder;
  world.editBot(bot.id, { prompt_info: { prompt: "another" } }, { id: "2069720456012", name: "小李" });
  world.paceCopyOf(workflow, Number.POSITIVE_INFINITY);

  const { body } = await post("/v1/entities/copy_tasks", { entity_id: workflow, entity_type: "workflow" });
  if (body.code !== 0) throw new Error(JSON.stringify(body));
  const shop = find(world.apps, ({ name }) => name === "shop").id;
  await post("/v1/entities/copy_tasks", { entity_id: shop, entity_type: "app" });
  // The next call finds that this copy has failed.
  now += world.options.copyMs;
  for (const content of ["你好", "weather", "fail"]) {
    const additional_messages = [{ role: "user", content, content_type: "text" }];
    textAt(
      await post("/v3/chat", { bot_id: bot.id, user_id: "u", additional_messages, meta_data: { run: "7" } }),
      "data.id",
    );
  }
  textAt(
    await post("/v1/workflow/run", { workflow_id: workflow, parameters: { month: "2" }, is_async: true }),
    "execute_id",
  );
  await fillFurtherAreas(emulator, post, bot.id, space);
  const dataset_id = textAt(
    await post("/v1/datasets", { space_id: space, name: "网", format_type: 0 }),
    "data.dataset_id",
  );
  const page = { web_url: "https://example.com/", document_source: 1 };
  const document_bases = [
    { name: "page", source_info: page, update_rule: { update_type: 1, update_interval: 24 } },
  ];
  const made = await post("/open_api/knowledge/document/create", {
    dataset_id,
    format_type: 0,
    chunk_strategy: {
      chunk_type: 1,
      separator: "#",
      max_tokens: 500,
      remove_extra_spaces: true,
      remove_urls_emails: true,
    },
    document_bases,
  });
  listAt(made, "document_infos");
  const [document] = world.documents.values();
  if (document) Object.assign(document, { fails_because: "it can't be read", works_as: 4, ends_as: 1000 });
  return JSON.parse(JSON.stringify(world.snapshot()));
}

type Post = (path: string, body: unknown) => Promise<Answer>;

/** Collaborators, devices, reviews, quotas, voiceprints, variables and conversations. */
async function fillFurtherAreas({ world, fetch, token }: Emulator, post: Post, bot: string, space: string) {
  const send = async (method: string, path: string, body: string | FormData) =>
    await readAnswer(
      await fetch(`http://localhost${path}`, { method, body, headers: { authorization: `Bearer ${token}` } }),
    );
  world.collaborations.set(bot, { id: bot, space_id: space, mode: "collaboration", user_ids: ["5"] });
  const [connector] = world.connectors.values();
  const channel = `/v1/connectors/${connector?.id}`;
  const configs = [{ key: "device_id", enums: [{ label: "音箱", value: "51237824" }] }];
  await post(`${channel}/user_configs`, { configs });
  world.publishBot(bot, ["1024", connector?.id ?? ""]);
  await send("PUT", `${channel}/bots/${bot}`, JSON.stringify({ audit_status: 2 }));
  const benefit_info = {
    ...{ benefit_type: "resource_point", active_mode: "absolute_time", started_at: 1, ended_at: 2, limit: 3 },
  };
  await post("/v1/commerce/benefit/limitations", {
    entity_type: "single_device",
    entity_id: "SN1",
    benefit_info,
  });
  const group = textAt(await post("/v1/audio/voiceprint_groups", { name: "客厅" }), "data.id");
  const form = new FormData();
  form.append("name", "妈妈");
  form.append("file", new File(["RIFF"], "a.wav"));
  await send("POST", `/v1/audio/voiceprint_groups/${group}/features`, form);
  world.declareVariables(bot, { age: "18" });
  const data = [{ keyword: "age", value: "19" }];
  await send("PUT", "/v1/variables", JSON.stringify({ bot_id: bot, connector_uid: "u", data }));
  const messages = [{ role: "user", content: "你好" }];
  await post("/v1/conversation/create", { bot_id: bot, name: "c", messages, meta_data: { uuid: "1" } });
  const additional_messages = [{ role: "user", content: "fail", content_type: "text" }];
  const chat = await post("/v3/chat", { bot_id: bot, user_id: "u", additional_messages });
  const { id: chat_id, conversation_id } = chat.body.data as { id: string; conversation_id: string };
  await post("/v3/chat/cancel", { chat_id, conversation_id });
}

const edits: readonly Edit[] = [
  { plugin: "tax", workspace: "开发", tools: ["rate", "law"] },
  { workflow: "rates", workspace: "开发", publish: true },
  {
    workflow: "invoice",
    workspace: "开发",
    content: "adds up",
    inputs: { month: { type: "string", required: true } },
    uses: { workflows: ["rates"], plugins: ["tax"] },
    publish: true,
  },
  { app: "shop", workspace: "开发", content: "sells", uses: { plugins: ["tax"] } },
  { workflow: "pay", of_app: "shop", content: "pays" },
  { app: "shop", publish: true },
  {
    bot: "助手",
    workspace: "开发",
    prompt: "帮助客户",
    prologue: "你好",
    model: "1706077826",
    workflows: ["invoice"],
    publish: true,
  },
  { chat: "助手", says: "weather", asks: { name: "forecast", arguments: "{}" }, takes_ms: 5 },
  {
    chat: "助手",
    workspace: "开发",
    matches: "^f",
    of: "published",
    fail: { code: 700012, msg: "no" },
    never_ends: true,
  },
  { chat: "*", prompt: "x", answer: "{{prompt}}" },
  { run: "invoice", content: "adds up", fail: { code: 4000, msg: "no" } },
  { run: "invoice", parameters: { month: "1" }, output: { total: 7 } },
  { run: "rates", workspace: "开发", output: "9", takes_ms: 5, never_ends: true },
  {
    copies_of: "shop",
    fail: [{ reason: "资源配额不足" }, { reason: "不支持复制", type: "knowledge", name: "价目表", id: "5" }],
  },
];
