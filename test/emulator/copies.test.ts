import { afterEach, describe, expect, test } from "@jest/globals";
import type { World } from "../../src/emulator/index.ts";
import { expectExchangesMatchOpenApi } from "../support/openapi-check.ts";
import { type Answer, listAt, type Stage, setStage, textAt, valueAt } from "./client.ts";

const stages = new Set<Stage>();

afterEach(() => {
  for (const { emulator } of stages) expectExchangesMatchOpenApi(emulator.requests);
  stages.clear();
});

/**
 * Workflow `invoice` uses workflow `rates` and plugin `tax`, which `rates` uses as well; `rates` uses `invoice` in
 * turn, and a plugin of the store. App `shop` has the workflows `pay` and `list`, and uses `tax`; `pay` uses `list` and
 * `rates`. Bot `helper` has `invoice`, and both tools of `tax`.
 */
function setScene(options: Parameters<typeof setStage>[0] = {}) {
  const stage = setStage(options);
  stages.add(stage);
  const { world } = stage.emulator;
  const from = { space_id: stage.space };
  const store = world.addPlugin({ name: "store" }).id;
  const tools = ["rate", "law"].map((name) => ({ id: world.newId(), name, description: "" }));
  const tax = world.addPlugin({ ...from, name: "tax", tools }).id;
  const rates = world.addWorkflow({ ...from, name: "rates" }).id;
  const invoice = world.addWorkflow({
    ...{ ...from, name: "invoice", content: "adds up" },
    uses: { workflows: [rates], plugins: [tax] },
  }).id;
  world.editWorkflow(rates, { uses: { workflows: [invoice], plugins: [store, tax] } });
  world.publishWorkflow(invoice);
  const shop = world.addApp({ ...from, name: "shop", content: "sells", uses: { plugins: [tax] } }).id;
  const list = world.addWorkflow({ ...from, name: "list", app_id: shop }).id;
  const pay = world.addWorkflow({
    ...from,
    name: "pay",
    app_id: shop,
    uses: { workflows: [list, rates] },
  }).id;
  world.publishApp(shop);
  const helper = world.addBot({
    ...from,
    draft: {
      name: "helper",
      workflow_id_list: { ids: [{ id: invoice }] },
      plugin_id_list: { id_list: tools.map(({ id }) => ({ plugin_id: tax, api_id: id })) },
      knowledge: { dataset_ids: [world.addDataset(from).id] },
    },
  }).id;
  const to = world.addWorkspace({ name: "生产" }).id;
  const start = async (entity_type: string, entity_id: string, to_workspace_id?: string): Promise<string> =>
    textAt(
      await stage.post("/v1/entities/copy_tasks", { entity_type, entity_id, to_workspace_id }),
      "data.task_id",
    );
  const look = (task: string): Promise<Answer> => stage.get(`/v1/entities/copy_tasks/${task}`);
  /** Copies, and gives the copy's id. */
  const copy = async (entity_type: string, entity_id: string, to_workspace_id?: string): Promise<string> => {
    const task = await start(entity_type, entity_id, to_workspace_id);
    stage.clock.ms += 1500;
    return textAt(await look(task), "data.target_entity_id");
  };
  return {
    stage,
    world,
    to,
    ids: { store, tax, rates, invoice, shop, list, pay, helper },
    start,
    look,
    copy,
  };
}

/** What a workspace holds, by name; a workflow of an app as `app/workflow`. */
function holdings({ workflows, plugins, apps, bots }: World, space: string): readonly string[] {
  const ofApp = (id: string) => (id === "0" ? "" : `${apps.get(id)?.name ?? "nothing"}/`);
  return [
    ...[...workflows.values()].map(
      (one) => [one.space_id, `workflow ${ofApp(one.app_id)}${one.name}`] as const,
    ),
    ...[...plugins.values()].map((one) => [one.space_id, `plugin ${one.name}`] as const),
    ...[...apps.values()].map((one) => [one.space_id, `app ${one.name}`] as const),
    ...[...bots.values()].map((one) => [one.space_id, `bot ${one.draft.name}`] as const),
  ]
    .filter(([where]) => where === space)
    .map(([, what]) => what)
    .sort();
}

describe("what comes along into another workspace", () => {
  test("of a workflow: all that it is built of, once, as drafts of their own", async () => {
    const { world, to, ids, copy } = setScene();
    const copied = world.workflows.get(await copy("workflow", ids.invoice, to));
    expect(holdings(world, to)).toEqual(["plugin tax", "workflow invoice", "workflow rates"]);
    const [rates] = [...world.workflows.values()].filter(
      (one) => one.space_id === to && one.name === "rates",
    );
    const [tax] = [...world.plugins.values()].filter((one) => one.space_id === to);
    expect(copied).toMatchObject({
      content: "adds up",
      app_id: "0",
      versions: [],
      uses: { workflows: [rates?.id], plugins: [tax?.id] },
      created_at: 1_767_225_601,
    });
    expect(rates?.uses).toEqual({ workflows: [copied?.id], plugins: [ids.store, tax?.id] });
    expect(world.workflows.get(ids.invoice)?.uses).toEqual({ workflows: [ids.rates], plugins: [ids.tax] });
    expect(tax?.tools.map(({ name }) => name)).toEqual(["rate", "law"]);
  });

  test("comes anew with every copy", async () => {
    const { world, to, ids, copy } = setScene();
    await copy("workflow", ids.invoice, to);
    await copy("bot", ids.helper, to);
    expect(holdings(world, to)).toEqual([
      "bot helper",
      "plugin tax",
      "plugin tax",
      "workflow invoice",
      "workflow invoice",
      "workflow rates",
      "workflow rates",
    ]);
  });

  test("of an app: its workflows carry its id, those of the library none", async () => {
    const { world, to, ids, copy, stage } = setScene();
    const app = await copy("app", ids.shop, to);
    expect(holdings(world, to)).toEqual([
      "app shop",
      "plugin tax",
      "workflow invoice",
      "workflow rates",
      "workflow shop/list",
      "workflow shop/pay",
    ]);
    expect(world.apps.get(app)).toMatchObject({ content: "sells", connector_ids: [] });
    expect(world.apps.get(app)?.published_at).toBeUndefined();
    expect(world.apps.get(app)?.uses?.plugins).not.toEqual([ids.tax]);
    const page = `/v1/workflows?workspace_id=${to}&page_num=1&app_id=${app}`;
    expect(listAt(await stage.get(page), "data.items")).toEqual([]);
    const drafts = listAt(await stage.get(`${page}&publish_status=all`), "data.items");
    expect(drafts.map(({ workflow_name, app_id }) => [workflow_name, app_id])).toEqual([
      ["list", app],
      ["pay", app],
    ]);
    const [list, pay] = drafts.map(({ workflow_id }) => world.workflows.get(String(workflow_id)));
    expect(pay?.uses?.workflows?.[0]).toBe(list?.id);
  });

  test("of a bot: its tools are those of the copied plugin, its knowledge stays behind", async () => {
    const { world, to, ids, copy } = setScene();
    const { draft, versions } = world.bots.get(await copy("bot", ids.helper, to)) ?? {};
    const tax = [...world.plugins.values()].find(({ space_id }) => space_id === to);
    expect(draft?.plugin_id_list?.id_list).toEqual(
      tax?.tools.map(({ id }) => ({ plugin_id: tax.id, api_id: id })),
    );
    expect(draft).not.toHaveProperty("knowledge");
    expect(versions).toEqual([]);
  });

  test("of a workflow out of an app: into the library", async () => {
    const { world, to, ids, copy } = setScene();
    await copy("workflow", ids.pay, to);
    expect(holdings(world, to)).toEqual([
      "plugin tax",
      "workflow invoice",
      "workflow list",
      "workflow pay",
      "workflow rates",
    ]);
  });
});

test("within a workspace nothing comes along but an app's own workflows", async () => {
  const { world, ids, copy, stage } = setScene();
  const before = holdings(world, stage.space);
  const invoice = await copy("workflow", ids.invoice);
  const shop = await copy("app", ids.shop);
  const after = [...before, "workflow invoice", "app shop", "workflow shop/list", "workflow shop/pay"].sort();
  expect(holdings(world, stage.space)).toEqual(after);
  expect(world.workflows.get(invoice)?.uses).toEqual(world.workflows.get(ids.invoice)?.uses);
  const pay = [...world.workflows.values()].find(({ app_id, name }) => app_id === shop && name === "pay");
  expect(pay?.uses?.workflows?.[0]).not.toBe(ids.list);
  expect(pay?.uses?.workflows?.[1]).toBe(ids.rates);
});

describe("a failed copy", () => {
  test("lists a reason for each part, of several types", async () => {
    const { stage, world, to, ids, start, look } = setScene();
    world.failCopyOf(ids.tax, "插件已下架");
    world.failCopyOf(ids.invoice, "资源配额不足", {
      entity_type: "knowledge",
      entity_name: "价目表",
      failed_reason: "不支持复制",
    });
    world.failCopyOf(ids.shop, "never");
    const task = await start("bot", ids.helper, to);
    stage.clock.ms += 1500;
    const done = await look(task);
    expect(done.body.data).not.toHaveProperty("target_entity_id");
    expect(valueAt(done, "data.task_status")).toBe("failed");
    expect(listAt(done, "data.failed_reasons")).toEqual([
      { entity_id: ids.tax, entity_name: "tax", entity_type: "plugin", failed_reason: "插件已下架" },
      {
        entity_id: ids.invoice,
        entity_name: "invoice",
        entity_type: "workflow",
        failed_reason: "资源配额不足",
      },
      {
        entity_id: expect.stringMatching(/^\d{19}$/),
        entity_name: "价目表",
        entity_type: "knowledge",
        failed_reason: "不支持复制",
      },
    ]);
  });

  test("leaves behind what was copied before, but nothing of an app that wasn't made", async () => {
    const { stage, world, to, ids, start, look, copy } = setScene();
    world.failCopyOf(ids.invoice, "资源配额不足");
    const invoice = await start("workflow", ids.invoice, to);
    stage.clock.ms += 1500;
    await look(invoice);
    expect(holdings(world, to)).toEqual(["plugin tax", "workflow rates"]);
    const shop = await start("app", ids.shop, to);
    stage.clock.ms += 1500;
    expect(valueAt(await look(shop), "data.task_status")).toBe("failed");
    expect(holdings(world, to)).toEqual(["plugin tax", "plugin tax", "workflow rates"]);
    world.allowCopyOf(ids.invoice);
    await copy("workflow", ids.invoice, to);
    expect(holdings(world, to)).toContain("workflow invoice");
  });

  test("leaves nothing where the world says so", async () => {
    const { stage, world, to, ids, start, look } = setScene({ world: { failedCopiesLeave: "nothing" } });
    world.failCopyOf(ids.invoice, "资源配额不足");
    const task = await start("workflow", ids.invoice, to);
    stage.clock.ms += 1500;
    expect(valueAt(await look(task), "data.task_status")).toBe("failed");
    expect(holdings(world, to)).toEqual([]);
  });

  test("isn't one within the workspace for what wouldn't come along; a bot's is refused at once", async () => {
    const { stage, world, ids, copy } = setScene();
    world.failCopyOf(ids.rates, "资源配额不足");
    expect(await copy("workflow", ids.invoice)).toMatch(/^\d{19}$/);
    world.failCopyOf(ids.helper, "资源配额不足");
    const body = { entity_type: "bot", entity_id: ids.helper };
    expect(await stage.post("/v1/entities/copy_tasks", body)).toMatchObject({
      status: 500,
      body: { code: 5000 },
    });
    expect(world.bots.size).toBe(1);
  });
});

describe("the time of a copy", () => {
  test("is its own where that was said", async () => {
    const { stage, world, to, ids, start, look } = setScene();
    const stateOf = async (task: string) => valueAt(await look(task), "data.task_status");
    world.paceCopyOf(ids.invoice, 60_000);
    world.paceCopyOf(ids.shop, Number.POSITIVE_INFINITY);
    const [invoice, shop, rates] = [
      await start("workflow", ids.invoice, to),
      await start("app", ids.shop, to),
      await start("workflow", ids.rates, to),
    ];
    stage.clock.ms += 59_999;
    expect([await stateOf(invoice), await stateOf(rates)]).toEqual(["in_progress", "successful"]);
    stage.clock.ms += 1;
    expect(await stateOf(invoice)).toBe("successful");
    stage.clock.ms += 365 * 86_400_000;
    expect(await stateOf(shop)).toBe("in_progress");
    world.allowCopyOf(ids.shop);
    stage.clock.ms += 1500;
    expect(await stateOf(shop)).toBe("successful");
  });
});

test("edits move update times within a second, which lists give as texts", async () => {
  const { stage, world, ids } = setScene();
  const timeOf = async (path: string, id: string) =>
    listAt(
      await stage.get(`${path}?workspace_id=${stage.space}&page_num=1&publish_status=all`),
      "data.items",
    ).find((item) => item.workflow_id === id || item.id === id)?.updated_at;
  expect(await timeOf("/v1/workflows", ids.invoice)).toBe("1767225600");
  world.editWorkflow(ids.invoice, { content: "multiplies" });
  expect(await timeOf("/v1/workflows", ids.invoice)).toBe("1767225601");
  const before = Number(await timeOf("/v1/apps", ids.shop));
  world.editWorkflow(ids.pay, { content: "twice" });
  expect(await timeOf("/v1/apps", ids.shop)).toBe(before + 1);
});
