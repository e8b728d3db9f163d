import { describe, expect, test } from "@jest/globals";
import { showState } from "../../src/commands/state.ts";
import { renderEntry } from "../../src/report/state.ts";
import { createFaults, createStory, failuresOf, manifest, manifests, type Story } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const copy = (name: string, type: string, source: string, revision = "1") =>
  manifest("Copy", name, { type, source: { id: source }, workspace: "desk", revision });

/** Originals that are built of others, in a workspace of their own. */
function createCompanyStory() {
  const faults = createFaults();
  const story = createStory({ emulator: { world: { copyMs: 500 }, hooks: faults.hooks } });
  const { world } = story.emulator;
  const from = world.addWorkspace({ name: "源" }).id;
  const approval = world.addWorkflow({ space_id: from, name: "审批子流程" }).id;
  const invoice = world.addWorkflow({ space_id: from, name: "开票", uses: { workflows: [approval] } }).id;
  const alone = world.addWorkflow({ space_id: from, name: "退货" }).id;
  const tool = world.addPlugin({ space_id: from, name: "发票查询", is_official: false });
  const store = world.addPlugin({ name: "天气", created_at: 1_700_000_000 });
  const shop = world.addApp({ space_id: from, name: "小店" }).id;
  world.addWorkflow({ space_id: from, app_id: shop, name: "下单" });
  const bot = world.addBot({
    space_id: from,
    draft: {
      name: "助手",
      workflow_id_list: { ids: [{ id: alone }] },
      plugin_id_list: {
        id_list: [tool, store].map(({ id, tools }) => ({ plugin_id: id, api_id: tools[0]?.id ?? "" })),
      },
    },
  }).id;
  const put = (...documents: readonly string[]): void =>
    story.write({ "a.yaml": manifests(workspace, ...documents) });
  return { story, faults, from, approval, invoice, alone, shop, bot, put };
}

const place = ({ directory }: Story) => ({ directory, endpoint: "http://127.0.0.1" });

/** What came along with whom, names in place of ids, as told by events. */
const toldBy = ({ events }: Story) =>
  events.flatMap((event) =>
    event.type === "came-along" ? [[event.addresses, `${event.object.type} ${event.object.name}`]] : [],
  );

const entryOf = (story: Story, name: string) => showState(story.host, place(story), `Copy.${name}`);

const callsTo = (requests: readonly string[], path: string): number =>
  requests.filter((request) => request.startsWith(`GET ${path}`)).length;

describe("what comes along with a copy is named", () => {
  test("of a workflow, and remembered", async () => {
    const { story, invoice, put } = createCompanyStory();
    put(copy("invoice", "workflow", invoice));
    const applied = await story.apply();
    expect(failuresOf(applied)).toEqual([]);
    expect(toldBy(story)).toEqual([[["Copy.invoice"], "workflow 审批子流程"]]);
    const { brought = [], ...entry } = await entryOf(story, "invoice");
    expect(applied.result?.cameAlong).toEqual([{ addresses: ["Copy.invoice"], object: brought[0] }]);
    const found = story.emulator.world.workflows.get(brought[0]?.id ?? "");
    expect([found?.name, found?.space_id]).toEqual(["审批子流程", entry.parent]);
    expect([entry.before, entry.begun]).toEqual([undefined, undefined]);
    expect(applied.result?.calls).toBe(applied.planned.calls.apply);
    expect(renderEntry("Copy.invoice", { ...entry, brought }, { color: false, width: 80 })).toContain(
      `came_along:   ["workflow 审批子流程 (${brought[0]?.id})"]`,
    );
  });

  test("of an app and of a bot, but no plugin of the store", async () => {
    const { story, shop, bot, put } = createCompanyStory();
    put(copy("shop", "app", shop), copy("helper", "bot", bot));
    const requests = await story.requestsOf(async () => {
      const { planned, result } = await story.apply();
      // The plugins of the bot, of which a plan knows nothing; and a look below one workspace may serve one copy alone.
      expect(result?.calls).toBe(planned.calls.apply + 2);
    });
    expect(toldBy(story)).toEqual([
      [["Copy.helper"], "workflow 退货"],
      [["Copy.shop"], "workflow 下单"],
      [["Copy.helper"], "plugin 发票查询"],
    ]);
    expect(callsTo(requests, "/v1/workflows")).toBe(1);
    expect(callsTo(requests, "/v1/plugins/mget")).toBe(1);
    expect(requests.filter((request) => /^GET \/v1\/bots\/\d/.test(request))).toHaveLength(1);
  });

  test("with each copy that it may belong to, and remembered once", async () => {
    const { story, from, invoice, put } = createCompanyStory();
    const { world } = story.emulator;
    const stock = world.addWorkflow({ space_id: from, name: "查库存" }).id;
    const refund = world.addWorkflow({ space_id: from, name: "退款", uses: { workflows: [stock] } }).id;
    put(copy("invoice", "workflow", invoice), copy("refund", "workflow", refund));
    await story.apply();
    const both = ["Copy.invoice", "Copy.refund"];
    expect(toldBy(story).sort()).toEqual([
      [both, "workflow 审批子流程"],
      [both, "workflow 查库存"],
    ]);
    const [first, second] = await Promise.all(["invoice", "refund"].map((name) => entryOf(story, name)));
    expect(first?.brought?.map(({ name, shared }) => [name, shared])).toEqual([
      ["审批子流程", true],
      ["查库存", true],
    ]);
    expect(second?.brought).toBeUndefined();
  });

  test("anew with the next revision, the old ones with the copy that was kept", async () => {
    const { story, invoice, put } = createCompanyStory();
    put(copy("invoice", "workflow", invoice));
    await story.apply();
    const old = (await entryOf(story, "invoice")).brought;
    put(copy("invoice", "workflow", invoice, "2"));
    await story.apply();
    const { brought, kept } = await entryOf(story, "invoice");
    expect(kept?.map((one) => one.brought)).toEqual([old]);
    expect(brought?.map(({ name }) => name)).toEqual(["审批子流程"]);
    expect(brought?.[0]?.id).not.toBe(old?.[0]?.id);
    expect(toldBy(story)).toHaveLength(2);
  });
});

describe("nothing is said, and no call made,", () => {
  test("of what was there before or is somebody else's", async () => {
    const { story, alone, put } = createCompanyStory();
    put();
    await story.apply();
    const { world } = story.emulator;
    const desk = [...world.workspaces.values()].find(({ name }) => name === "客服空间")?.id ?? "";
    world.addWorkflow({ space_id: desk, name: "早就在" });
    await story.host.clock.sleep(10_000);
    put(copy("alone", "workflow", alone));
    await story.apply();
    expect(toldBy(story)).toEqual([]);
    expect((await entryOf(story, "alone")).brought).toBeUndefined();
  });

  test("of copies within a workspace", async () => {
    const { story, from, alone, bot } = createCompanyStory();
    const within = (name: string, type: string, id: string) =>
      manifest("Copy", name, { type, source: { id }, workspace: { id: from } });
    story.write({ "a.yaml": manifests(within("a", "workflow", alone), within("b", "bot", bot)) });
    let planning = 0;
    await story.apply({
      approve: async () => {
        planning = story.emulator.requests.length;
        return true;
      },
    });
    expect(toldBy(story)).toEqual([]);
    const operations = story.emulator.requests.slice(planning).map(({ operation }) => operation);
    expect(operations.sort()).toEqual([
      "copy_resource_task",
      "copy_resource_task",
      "query_resource_copy_execution_result",
    ]);
  });
});

describe("a look that fails", () => {
  test("takes nothing from the run, and is made up for by the next apply", async () => {
    const { story, faults, invoice, put } = createCompanyStory();
    put(copy("invoice", "workflow", invoice));
    await story.apply({
      approve: async () => {
        faults.lose("before", "get_workflow_list");
        return true;
      },
    });
    const warned = story.events.flatMap((event) => (event.type === "not-looked-for" ? [event] : []));
    expect(warned).toMatchObject([
      { addresses: ["Copy.invoice"], failure: { operation: "get_workflow_list" } },
    ]);
    expect(await entryOf(story, "invoice")).toMatchObject({ status: "ready", begun: expect.any(Number) });
    faults.heal();
    expect((await story.apply()).result).toBeUndefined();
    expect(toldBy(story)).toEqual([[["Copy.invoice"], "workflow 审批子流程"]]);
    expect((await entryOf(story, "invoice")).begun).toBeUndefined();
    const calls = story.emulator.requests.length;
    await story.apply();
    expect(story.emulator.requests.slice(calls).map(({ operation }) => operation)).toEqual([
      "list_workspace",
      "get_workflow_list",
    ]);
  });

  test("for want of a permission isn't made again", async () => {
    const { story, faults, invoice, put } = createCompanyStory();
    put(copy("invoice", "workflow", invoice));
    const { result } = await story.apply({
      approve: async () => {
        faults.refuse("get_workflow_list");
        return true;
      },
    });
    expect([result?.failed, result?.done.length]).toEqual([[], 2]);
    expect((await entryOf(story, "invoice")).begun).toBeUndefined();
  });

  test("waits while another copy into the workspace is open", async () => {
    const { story, alone, invoice, put } = createCompanyStory();
    story.emulator.world.paceCopyOf(alone, 600_000);
    put(copy("invoice", "workflow", invoice), copy("refund", "workflow", alone));
    const applied = await story.apply({ timeout: 30_000 });
    expect([applied.result?.pending.length, toldBy(story)]).toEqual([1, []]);
    await story.host.clock.sleep(600_000);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(toldBy(story)).toEqual([[["Copy.invoice", "Copy.refund"], "workflow 审批子流程"]]);
  });
});
