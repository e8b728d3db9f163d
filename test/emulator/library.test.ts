import { describe, expect, test } from "@jest/globals";
import { listAt, setStage, textAt, valueAt } from "./client.ts";

describe("workflows", () => {
  test("need a page number, hide drafts, and differ in their times by operation", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const seconds = world.seconds();
    const version = {
      version: "v0.0.1",
      description: "",
      creator_id: "5",
      created_at: seconds,
      updated_at: seconds,
      status: "published_online" as const,
    };
    const online = world.addWorkflow({
      space_id: stage.space,
      versions: [version, { ...version, version: "v0.0.2" }],
    });
    world.addWorkflow({ space_id: stage.space });
    const path = `/v1/workflows?workspace_id=${stage.space}`;
    expect((await stage.get(path)).body.code).toBe(4000);
    const listed = await stage.get(`${path}&page_num=1`);
    expect(listAt(listed, "data.items")).toMatchObject([
      { workflow_id: online.id, created_at: String(seconds) },
    ]);
    expect(listAt(await stage.get(`${path}&page_num=1&publish_status=all`), "data.items")).toHaveLength(2);
    const one = await stage.get(`/v1/workflows/${online.id}?include_input_output=true`);
    expect(one.body.data).toMatchObject({ workflow_detail: { created_at: seconds }, input: {} });
    const first = await stage.get(`/v1/workflows/${online.id}/versions?page_size=1`);
    const token = textAt(first, "data.next_page_token");
    const last = await stage.get(`/v1/workflows/${online.id}/versions?page_size=1&page_token=${token}`);
    expect(listAt(first, "data.items")).toMatchObject([{ version: "v0.0.2" }]);
    expect(last.body.data).toMatchObject({ has_more: false, items: [{ version: "v0.0.1" }] });
    expect(textAt(last, "data.next_page_token")).not.toBe("");
  });
});

describe("plugins", () => {
  test("are got by id, in batches of at most 20, and found in the store", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const category = world.addCategory({ name: "图像" });
    const [cold, hot] = [
      world.addPlugin({ name: "cold search", heat: 1, category_id: category.id }),
      world.addPlugin({ name: "hot search", heat: 2, is_official: false }),
    ];
    world.addPlugin({ name: "own search", space_id: stage.space });
    expect((await stage.get(`/v1/plugins/${hot.id}`)).body.data).toMatchObject({ plugin_id: hot.id });
    const batch = await stage.get(`/v1/plugins/mget?ids=${hot.id},1,${cold.id}`);
    expect(listAt(batch, "data.items").map((one) => one.plugin_id)).toEqual([hot.id, cold.id]);
    expect((await stage.get(`/v1/plugins/mget?ids=${Array(21).fill("1")}`)).body.code).toBe(4000);
    const names = async (query: string) =>
      listAt(await stage.get(`/v1/stores/plugins?${query}`), "data.items").map((one) => one.metainfo);
    expect(await names("keyword=search")).toMatchObject([{ name: "hot search" }, { name: "cold search" }]);
    expect(await names(`category_ids=${category.id}`)).toMatchObject([{ name: "cold search", category }]);
    expect(await names("is_official=false")).toMatchObject([{ name: "hot search" }]);
    const categories = await stage.get("/v1/stores/categories?entity_type=plugin");
    expect(listAt(categories, "data.items")).toEqual([category]);
  });
});

test("voices hide those to be cloned by default, and organizations are of one's own enterprise", async () => {
  const stage = setStage();
  const { world } = stage.emulator;
  const system = world.addVoice({ name: "系统" });
  const own = world.addVoice({ name: "我的", is_system_voice: false, model_type: "small" });
  const begun = world.addVoice({ name: "待", state: "init", is_system_voice: false });
  const idsOf = async (query: string) =>
    listAt(await stage.get(`/v1/audio/voices${query}`), "data.voice_list").map((one) => one.voice_id);
  expect(await idsOf("")).toEqual([system.id, own.id]);
  expect(await idsOf("?voice_state=all")).toEqual([system.id, own.id, begun.id]);
  expect(await idsOf("?filter_system_voice=true&model_type=small")).toEqual([own.id]);
  const { id } = world.addOrganization({ name: "市场部" });
  const path = (enterprise: string) => `/v1/enterprises/${enterprise}/organizations`;
  expect((await stage.get(path(world.options.enterpriseId))).body.data).toMatchObject({
    items: [{ organization_id: id, organization_name: "市场部" }],
    total_count: 1,
  });
  expect((await stage.get(path("volcano_1"))).body.code).toBe(4101);
});

test("apps hide drafts by default", async () => {
  const stage = setStage();
  const { world } = stage.emulator;
  const online = world.addApp({ space_id: stage.space, published_at: 1, connector_ids: ["1024"] });
  world.addApp({ space_id: stage.space });
  expect(listAt(await stage.get(`/v1/apps?workspace_id=${stage.space}`), "data.items")).toMatchObject([
    { id: online.id },
  ]);
  const all = await stage.get(`/v1/apps?workspace_id=${stage.space}&publish_status=all`);
  expect(valueAt(all, "data.total")).toBe(2);
});

describe("copies", () => {
  test("a bot within its workspace is copied at once, as a draft of the same name", async () => {
    const stage = setStage();
    const bot = stage.emulator.world.addBot({ space_id: stage.space, draft: { name: "original" } });
    const answer = await stage.post("/v1/entities/copy_tasks", { entity_id: bot.id, entity_type: "bot" });
    const copy = stage.emulator.world.bots.get(textAt(answer, "data.copied_entity_id"));
    expect(copy).toMatchObject({ space_id: stage.space, draft: { name: "original" }, channels: {} });
  });

  test("into another workspace it takes a while and brings workflows and plugins along", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const target = world.addWorkspace({ name: "prod" });
    const workflow = world.addWorkflow({ space_id: stage.space, name: "flow" });
    const own = world.addPlugin({ space_id: stage.space, name: "own" });
    const store = world.addPlugin({ name: "store" });
    const id_list = [own, store].map((plugin) => ({
      plugin_id: plugin.id,
      api_id: plugin.tools[0]?.id ?? "",
    }));
    const bot = world.addBot({
      space_id: stage.space,
      draft: { name: "b", workflow_id_list: { ids: [{ id: workflow.id }] }, plugin_id_list: { id_list } },
    });
    const body = { entity_id: bot.id, entity_type: "bot", to_workspace_id: target.id };
    const task = textAt(await stage.post("/v1/entities/copy_tasks", body), "data.task_id");
    const path = `/v1/entities/copy_tasks/${task}`;
    const running = await stage.get(path);
    expect(running.body.data).toMatchObject({ task_status: "in_progress" });
    expect(running.body.data).not.toHaveProperty("target_entity_id");
    expect(world.bots.size).toBe(1);
    stage.clock.ms += 1500;
    const done = await stage.get(path);
    expect(done.body.data).toMatchObject({ task_status: "successful", source_entity_id: bot.id });
    const copy = world.bots.get(textAt(done, "data.target_entity_id"));
    const copied = [...world.workflows.values()].find((one) => one.space_id === target.id);
    const plugins = copy?.draft.plugin_id_list?.id_list ?? [];
    expect(copy?.draft.workflow_id_list?.ids).toEqual([{ id: copied?.id }]);
    expect(world.plugins.get(plugins[0]?.plugin_id ?? "")).toMatchObject({
      name: "own",
      space_id: target.id,
    });
    expect(plugins[1]).toEqual(id_list[1]);
    expect(bot.draft.workflow_id_list?.ids).toEqual([{ id: workflow.id }]);
  });

  test("a failing dependency fails the task and is named", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const target = world.addWorkspace({});
    const workflow = world.addWorkflow({ space_id: stage.space, name: "flow" });
    const bot = world.addBot({
      space_id: stage.space,
      draft: { name: "b", workflow_id_list: { ids: [{ id: workflow.id }] } },
    });
    world.failCopyOf(workflow.id, "资源配额不足");
    const body = { entity_id: bot.id, entity_type: "bot", to_workspace_id: target.id };
    const task = textAt(await stage.post("/v1/entities/copy_tasks", body), "data.task_id");
    stage.clock.ms += 1500;
    expect((await stage.get(`/v1/entities/copy_tasks/${task}`)).body.data).toMatchObject({
      task_status: "failed",
      failed_reasons: [
        {
          entity_id: workflow.id,
          entity_name: "flow",
          entity_type: "workflow",
          failed_reason: "资源配额不足",
        },
      ],
    });
    expect(world.bots.size).toBe(1);
  });

  test("apps take their workflows along; nothing leaves a personal workspace", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const app = world.addApp({ space_id: stage.space, name: "app" });
    world.addWorkflow({ space_id: stage.space, app_id: app.id });
    const task = await stage.post("/v1/entities/copy_tasks", { entity_id: app.id, entity_type: "app" });
    stage.clock.ms += 1500;
    const done = await stage.get(`/v1/entities/copy_tasks/${textAt(task, "data.task_id")}`);
    const target = textAt(done, "data.target_entity_id");
    expect([...world.workflows.values()].map((one) => one.app_id)).toEqual([app.id, target]);
    const [within] = [...world.workflows.values()];
    world.failCopyOf(within?.id ?? "", "资源配额不足");
    const again = await stage.post("/v1/entities/copy_tasks", { entity_id: app.id, entity_type: "app" });
    stage.clock.ms += 1500;
    const failed = await stage.get(`/v1/entities/copy_tasks/${textAt(again, "data.task_id")}`);
    expect(failed.body.data).toMatchObject({
      task_status: "failed",
      failed_reasons: [{ entity_id: within?.id, entity_type: "workflow" }],
    });
    const own = world.addBot({ space_id: world.personalWorkspace().id });
    const leaving = { entity_id: own.id, entity_type: "bot", to_workspace_id: stage.space };
    expect((await stage.post("/v1/entities/copy_tasks", leaving)).body.code).toBe(4000);
  });

  test("nothing leaves its enterprise, and both workspaces must be joined", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const from = world.addWorkspace({ enterprise_id: "volcano_1" }).id;
    const bot = world.addBot({ space_id: from });
    const codeOf = async (to_workspace_id: string) => {
      const body = { entity_id: bot.id, entity_type: "bot", to_workspace_id };
      return (await stage.post("/v1/entities/copy_tasks", body)).body.code;
    };
    expect(await codeOf(world.addWorkspace({ enterprise_id: "volcano_2" }).id)).toBe(4000);
    expect(await codeOf(world.addWorkspace({ enterprise_id: "volcano_1" }).id)).toBe(0);
    expect(await codeOf(world.addWorkspace({ members: [] }).id)).toBe(4101);
  });
});
