import { describe, expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { listAt, type Stage, setStage, textAt, valueAt } from "./client.ts";

const connector = "/v1/connectors/7452643";
const clerk = { token: "pat_clerk", user: { id: "202", name: "clerk" } } as const;
const { id: clerkId } = clerk.user;

const install = (stage: Stage, workspace_id: string) => stage.post(`${connector}/install`, { workspace_id });

describe("a custom channel", () => {
  const publish = async (stage: Stage, bot_id: string) =>
    (await stage.post("/v1/bot/publish", { bot_id, connector_ids: ["1024", "7452643"] })).body.code;

  test("that the world knows is added to a workspace before anything is published to it", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const bot = world.addBot({ space_id: stage.space });
    expect(await publish(stage, bot.id)).toBe(0);
    world.addConnector({ id: "7452643" });
    expect(await publish(stage, bot.id)).toBe(4000);
    expect(await install(stage, stage.space)).toMatchObject({ status: 200, body: { code: 0, msg: "" } });
    expect((await install(stage, stage.space)).body.code).toBe(0);
    expect(await publish(stage, bot.id)).toBe(0);
    expect(world.connectors.get("7452643")?.workspaces).toEqual([stage.space]);
    expect((await install(stage, "7")).body.code).toBe(4200);
    expect((await stage.post(`${connector}/install`, {})).body.code).toBe(4000);
  });

  test("of a team takes an admin of the enterprise", async () => {
    const stage = setStage({ tokens: [clerk] });
    const { world } = stage.emulator;
    world.workspaces.get(stage.space)?.members.push({ user_id: clerkId, role_type: "admin" });
    const by = stage.as(clerk.token);
    expect(await install(by, stage.space)).toMatchObject({ status: 403, body: { code: 4101 } });
    world.addPerson({ id: clerkId, role: "enterprise_admin" });
    expect((await install(by, stage.space)).body.code).toBe(0);
    const own = setStage({ plan: "personal" });
    expect((await install(own, own.space)).body.code).toBe(0);
  });

  test("may review a publication: it shows what it showed until the result", async () => {
    const stage = setStage({ tokens: [{ token: "czs_channel", kind: "channel", connector_id: "9" }] });
    const { world } = stage.emulator;
    world.addConnector({ id: "7452643", reviews: true, workspaces: [stage.space] });
    const bot = world.addBot({ space_id: stage.space });
    const shown = async () => {
      const listed = await stage.get(`/v1/bots?workspace_id=${stage.space}&connector_id=7452643`);
      return listAt(listed, "data.items").length;
    };
    const review = (audit_status: number, by = stage) =>
      by.put(`${connector}/bots/${bot.id}`, { audit_status, reason: "头像无法通过审核" });
    expect((await review(2)).body.code).toBe(4200);
    await publish(stage, bot.id);
    const states = [await shown()];
    for (const status of [1, 2, 3, 2]) {
      expect((await review(status)).body.code).toBe(0);
      states.push(await shown());
    }
    expect(states).toEqual([0, 0, 1, 0, 1]);
    expect((await review(4)).body.code).toBe(4000);
    expect((await review(2, stage.as("czs_channel"))).body.code).toBe(4101);
    expect((await stage.put(`${connector}/bots/7`, { audit_status: 2 })).body.code).toBe(4200);
    expect(world.bots.get(bot.id)?.channels).toHaveProperty("1024");
  });
});

describe("the devices of a channel", () => {
  const bind = (stage: Stage, values: readonly string[], more: object = {}, key = "device_id") =>
    stage.post(`${connector}/user_configs`, {
      configs: [{ key, enums: values.map((value) => ({ label: `音箱 ${value}`, value })) }],
      ...more,
    });
  const bound = ({ emulator: { world } }: Stage) =>
    world.connectors
      .get("7452643")
      ?.devices.map((one) => [one.user_id, one.key, ...one.enums.map(({ value }) => value)]);

  test.each([
    [[], ["1", "2", "3"]],
    [["replaced-devices"], ["2", "3"]],
  ] as const)("with %j two bindings leave %j", async (variants, values) => {
    const stage = setStage({ world: { variants } });
    await bind(stage, ["1", "2"]);
    await bind(stage, ["2", "3"]);
    await bind(stage, ["9"], { user_id: "101" });
    expect(bound(stage)).toEqual([
      ["3290203000000017", "device_id", ...values],
      ["101", "device_id", "9"],
    ]);
  });

  test("take a key that Coze enabled, a user and a name", async () => {
    const stage = setStage({ world: { users: ["101"] } });
    stage.emulator.world.addConnector({ id: "7452643", device_keys: ["device_id"] });
    const codes = [
      await bind(stage, ["1"], {}, "serial"),
      await bind(stage, ["1"], { user_id: "999" }),
      await bind(stage, []),
      await stage.post(`${connector}/user_configs`, {
        configs: [{ key: "device_id", enums: [{ value: "1" }] }],
      }),
      await bind(stage, ["1"], { user_id: "101" }),
    ].map(({ body }) => body.code);
    expect(codes).toEqual([4101, 4000, 4000, 4000, 0]);
  });
});

describe("quotas", () => {
  const path = "/v1/commerce/benefit/limitations";
  const info = {
    benefit_type: "resource_point",
    active_mode: "absolute_time",
    started_at: 1741708800,
    ended_at: 253402300799,
    limit: 100,
  };
  const make = (
    stage: Stage,
    change: object = {},
    scope: object = { entity_type: "enterprise_all_devices" },
  ) => stage.post(path, { ...scope, benefit_info: { ...info, ...change } });
  const one = { entity_type: "single_device", entity_id: "SN12345" };
  const list = (stage: Stage, more = "", scope = "enterprise_all_devices") =>
    stage.get(`${path}?entity_type=${scope}&benefit_type=resource_point${more}`);

  test("tell their id when they are made, and in no list", async () => {
    const stage = setStage();
    const made = await make(stage, {}, one);
    expect(made.body.data).toEqual({
      benefit_info: {
        benefit_id: expect.stringMatching(/^\d{19}$/),
        ...info,
        ...one,
        status: "valid",
        trigger_unit: "never",
        trigger_time: 1,
      },
    });
    const listed = await list(stage, "&entity_id=SN12345", "single_device");
    const shown = { ...info, ...one, status: "valid", trigger_unit: "never", trigger_time: 1 };
    expect(listed.body.data).toEqual({ benefit_infos: [shown], has_more: false });
    expect(listAt(await list(stage, "&entity_id=SN1", "single_device"), "data.benefit_infos")).toEqual([]);
  });

  test("are listed by page, and when frozen only if that is asked", async () => {
    const stage = setStage();
    const ids = [];
    for (const entity_id of ["a", "b", "c"]) {
      const made = await make(stage, {}, { entity_type: "single_device", entity_id });
      ids.push(textAt(made, "data.benefit_info.benefit_id"));
    }
    const first = await list(stage, "&page_size=2", "single_device");
    expect(valueAt(first, "data.has_more")).toBe(true);
    const token = textAt(first, "data.page_token");
    const second = await list(stage, `&page_size=2&page_token=${token}`, "single_device");
    const names = [first, second].map((page) =>
      listAt(page, "data.benefit_infos").map(({ entity_id }) => entity_id),
    );
    expect(names).toEqual([["a", "b"], ["c"]]);
    expect(await stage.put(`${path}/${ids[1]}`, { status: "frozen" })).toMatchObject({
      status: 200,
      body: { code: 0, msg: "" },
    });
    const namesOf = async (more: string) =>
      listAt(await list(stage, more, "single_device"), "data.benefit_infos").map(
        ({ entity_id }) => entity_id,
      );
    expect([await namesOf(""), await namesOf("&status=frozen")]).toEqual([["a", "c"], ["b"]]);
  });

  test("for all have one total and one by period", async () => {
    const stage = setStage();
    const codes = [
      await make(stage),
      await make(stage),
      await make(stage, { trigger_unit: "day" }),
      await make(stage, { trigger_unit: "hour" }),
      await make(stage, { benefit_type: "voice_unified_duration_system" }),
      await make(stage, {}, { entity_type: "enterprise_all_custom_consumers" }),
      await make(stage, {}, one),
      await make(stage, {}, one),
    ].map(({ body }) => body.code);
    expect(codes).toEqual([0, 4000, 0, 4000, 0, 0, 0, 0]);
  });

  test("refuse unknown words, times in the wrong order, and an entity without id", async () => {
    const stage = setStage();
    const codes = [
      await make(stage, {}, { entity_type: "single_device" }),
      await make(stage, {}, { entity_type: "workspace" }),
      await make(stage, { benefit_type: "points" }),
      await make(stage, { status: "cancel" }),
      await make(stage, { active_mode: "relative" }),
      await make(stage, { trigger_unit: "week" }),
      await make(stage, { ended_at: 1 }),
      await make(stage, { limit: "100" }),
      await stage.get(path),
      await list(stage, "&page_size=201"),
      await stage.put(`${path}/7`, { limit: 1 }),
    ].map(({ body }) => body.code);
    expect(codes).toEqual([...Array(10).fill(4000), 4200]);
    expect(stage.emulator.world.quotas.size).toBe(0);
  });

  test("change all but what they are for", async () => {
    const stage = setStage();
    const id = textAt(await make(stage), "data.benefit_info.benefit_id");
    await make(stage, { trigger_unit: "day" });
    const change = { limit: 50, ended_at: 1804185600, trigger_time: 2, benefit_type: "x", entity_type: "y" };
    expect((await stage.put(`${path}/${id}`, change)).body).not.toHaveProperty("data");
    expect(listAt(await list(stage), "data.benefit_infos")[0]).toMatchObject({
      ...{ entity_type: "enterprise_all_devices", benefit_type: "resource_point" },
      ...{ limit: 50, ended_at: 1804185600, trigger_time: 2 },
    });
    expect((await stage.put(`${path}/${id}`, { trigger_unit: "day" })).body.code).toBe(4000);
    expect((await stage.put(`${path}/${id}`, { ended_at: 1 })).body.code).toBe(4000);
  });

  test("take the flagship plan and an admin", async () => {
    const refusals = [setStage({ world: { level: "team" } }), setStage({ tokens: [clerk] }).as(clerk.token)];
    for (const stage of refusals) {
      for (const answer of [await make(stage), await list(stage), await stage.put(`${path}/7`, {})]) {
        expect(answer).toMatchObject({ status: 403, body: { code: 4101 } });
      }
    }
  });

  test("have other forms in variants", async () => {
    const variants = ["flat-quotas", "newest-quotas", "told-updates"] as const;
    const options: EmulatorOptions = { world: { variants } };
    const stage = setStage(options);
    const scope = { entity_type: "enterprise_member", entity_id: "101" };
    const answer = await stage.emulator.fetch(`http://localhost${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${stage.emulator.token}` },
      body: JSON.stringify({ ...scope, benefit_info: info }),
    });
    const [, id] = /"benefit_id":(\d{19}),"status"/u.exec(await answer.text()) ?? [];
    const updated = await stage.put(`${path}/${id}`, { status: "cancel" });
    expect(updated.body.data).toMatchObject({ benefit_id: id, limit: 100, status: "cancel" });
  });
});

describe("the account's plan", () => {
  const ask = async (stage: Stage, query = "") =>
    (await stage.get(`/v1/commerce/benefit/benefits/get${query}`)).body.data;

  test("is told alone, or with calls a second of which the effective ones count", async () => {
    const stage = setStage({ world: { level: "team" } });
    expect(await ask(stage)).toEqual({ basic_info: { user_level: "team" } });
    const query = "?benefit_type_list=api_run_qps,call_tool_limit&resource_id=chat";
    expect(await ask(stage, query)).toMatchObject({
      benefit_info: [
        {
          resource_id: "chat",
          benefit_type: "api_run_qps",
          basic: { item_info: { total: 200, strategy: "by_quota" } },
          extra: [],
          effective: { status: "valid", item_info: { total: 200 } },
        },
        { benefit_type: "call_tool_limit", effective: { item_info: { strategy: "unlimit", total: 1 } } },
      ],
    });
    stage.emulator.world.buyPlan("enterprise", { chat: 30 });
    expect(await ask(stage, query)).toMatchObject({
      basic_info: { user_level: "enterprise" },
      benefit_info: [{ basic: { item_info: { total: 500 } }, effective: { item_info: { total: 530 } } }, {}],
    });
  });

  test("that the world stores holds whatever its options say", async () => {
    const stage = setStage();
    stage.emulator.world.buyPlan("free");
    const members = `/v1/workspaces/${stage.space}/members`;
    const added = await stage.post(members, { users: [{ user_id: "101", role_type: "member" }] });
    expect(added.body.data).toMatchObject({ invited_success_user_ids: ["101"] });
  });
});

describe("variables", () => {
  test("have values by user and channel, of a published bot or app", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const bot = world.addBot({ space_id: stage.space });
    const app = world.addApp({ space_id: stage.space });
    const set = async (fields: object) =>
      (
        await stage.put("/v1/variables", {
          connector_uid: "u",
          data: [{ keyword: "name", value: "小王" }],
          ...fields,
        })
      ).body.code;
    const get = async (query: Record<string, string>) =>
      (await stage.get(`/v1/variables?${new URLSearchParams({ connector_uid: "u", ...query })}`)).body;
    expect(await set({ bot_id: bot.id })).toBe(4101);
    world.publishBot(bot.id);
    world.publishApp(app.id);
    expect(await set({ bot_id: bot.id })).toBe(4000);
    for (const { id } of [bot, app]) world.declareVariables(id, { name: "", age: "18" });
    expect([await set({}), await set({ bot_id: bot.id, data: [] }), await set({ bot_id: "7" })]).toEqual([
      4000, 4000, 4200,
    ]);
    expect([await set({ bot_id: bot.id }), await set({ app_id: app.id })]).toEqual([0, 0]);
    const now = Date.UTC(2026, 0, 1) / 1000;
    expect(await get({ bot_id: bot.id, keywords: "name,sex" })).toMatchObject({
      data: { items: [{ keyword: "name", value: "小王", create_time: now, update_time: now }] },
    });
    expect((await get({ app_id: app.id })).data).toEqual({
      items: [
        { keyword: "name", value: "小王", create_time: now, update_time: now },
        { keyword: "age", value: "18", create_time: 0, update_time: 0 },
      ],
    });
    expect(Object(await get({ bot_id: bot.id, connector_uid: "other" })).data.items[0].value).toBe("");
    expect((await get({ bot_id: bot.id, connector_id: "999" })).code).toBe(4101);
    const read = await stage.get(`/v1/bots/${bot.id}`);
    expect(listAt(read, "data.variables").map(({ keyword }) => keyword)).toEqual(["name", "age"]);
  });
});
