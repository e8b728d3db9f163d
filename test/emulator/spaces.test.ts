import { describe, expect, test } from "@jest/globals";
import { listAt, setStage, textAt, valueAt } from "./client.ts";

describe("workspaces", () => {
  test("a personal one is there from the start and cannot be updated", async () => {
    const stage = setStage();
    const personal = stage.emulator.world.personalWorkspace();
    const listed = await stage.get("/v1/workspaces");
    expect(listAt(listed, "data.workspaces")).toMatchObject([
      { id: personal.id, workspace_type: "personal", enterprise_id: "" },
      { id: stage.space, workspace_type: "team", role_type: "owner" },
    ]);
    expect((await stage.put(`/v1/workspaces/${personal.id}`, { name: "x" })).body.code).toBe(4000);
  });

  test("an empty value in an update means unchanged", async () => {
    const stage = setStage();
    const made = await stage.post("/v1/workspaces", { name: "a", description: "b" });
    const id = textAt(made, "data.id");
    await stage.put(`/v1/workspaces/${id}`, { name: "", description: "" });
    expect(stage.emulator.world.workspaces.get(id)).toMatchObject({ name: "a", description: "b" });
  });

  test("a description is required; an empty one is missing from the list", async () => {
    const stage = setStage();
    expect((await stage.post("/v1/workspaces", { name: "a" })).body.code).toBe(4000);
    const id = textAt(await stage.post("/v1/workspaces", { name: "a", description: "" }), "data.id");
    const listed = listAt(await stage.get("/v1/workspaces"), "data.workspaces");
    expect(listed.find((one) => one.id === id)).not.toHaveProperty("description");
  });

  test("content safety answers 4014 with HTTP 200", async () => {
    const stage = setStage();
    const answer = await stage.post("/v1/workspaces", { name: "违禁品", description: "" });
    expect(answer).toMatchObject({ status: 200, body: { code: 4014 } });
  });

  test("only joined ones are listed, others are forbidden, missing ones missing", async () => {
    const stage = setStage();
    const other = stage.emulator.world.addWorkspace({ members: [{ user_id: "5", role_type: "owner" }] });
    expect(valueAt(await stage.get("/v1/workspaces"), "data.total_count")).toBe(2);
    expect(await stage.get(`/v1/bots?workspace_id=${other.id}`)).toMatchObject({
      status: 403,
      body: { code: 4101 },
    });
    expect(await stage.get("/v1/bots?workspace_id=12")).toMatchObject({ status: 404, body: { code: 4200 } });
  });

  test("members may not administer", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const members = [
      { user_id: "5", role_type: "owner" as const },
      { user_id: world.options.me.id, role_type: "member" as const },
    ];
    const { id } = world.addWorkspace({ members });
    expect((await stage.put(`/v1/workspaces/${id}`, { name: "x" })).body.code).toBe(4101);
  });

  test("user and account only filter together", async () => {
    const stage = setStage();
    expect((await stage.get("/v1/workspaces?user_id=5")).body.code).toBe(4000);
  });

  test("more than 50 a page are refused", async () => {
    expect((await setStage().get("/v1/workspaces?page_size=51")).body.code).toBe(4000);
  });
});

describe("members", () => {
  const join = (role_type: string, ...ids: string[]) => ({
    users: ids.map((user_id) => ({ user_id, role_type })),
  });

  test("a call gives partial results and does not change who is already in", async () => {
    const stage = setStage();
    const path = `/v1/workspaces/${stage.space}/members`;
    await stage.post(path, join("member", "101"));
    const answer = await stage.post(path, join("admin", "101", "102", "nobody"));
    expect(answer.body.data).toEqual({
      added_success_user_ids: ["102"],
      already_joined_user_ids: ["101"],
      not_exist_user_ids: ["nobody"],
      invited_success_user_ids: [],
      already_invited_user_ids: [],
    });
    expect(listAt(await stage.get(path), "data.items")).toMatchObject([
      { role_type: "owner" },
      { user_id: "101", role_type: "member" },
      { user_id: "102", role_type: "admin" },
    ]);
  });

  test("a removed member's bots and datasets go to the owner; the owner stays", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const path = `/v1/workspaces/${stage.space}/members`;
    const me = world.options.me.id;
    await stage.post(path, join("member", "101"));
    const bot = world.addBot({ space_id: stage.space, owner_user_id: "101" });
    const dataset = world.addDataset({ space_id: stage.space, owner_id: "101" });
    const answer = await stage.remove(path, { user_ids: ["101", me, "7"] });
    expect(answer.body.data).toEqual({
      removed_success_user_ids: ["101"],
      not_in_workspace_user_ids: ["7"],
      owner_not_support_remove_user_ids: [me],
    });
    expect([bot.owner_user_id, dataset.owner_id]).toEqual([me, me]);
  });

  test("21 additions and 6 removals are too many", async () => {
    const stage = setStage();
    const path = `/v1/workspaces/${stage.space}/members`;
    const ids = Array.from({ length: 21 }, (_, index) => String(100 + index));
    expect((await stage.post(path, join("member", ...ids))).body.code).toBe(4000);
    expect((await stage.remove(path, { user_ids: ids.slice(0, 6) })).body.code).toBe(4000);
  });

  test("on the personal plan users are invited and join when they accept", async () => {
    const stage = setStage({ plan: "personal" });
    const path = `/v1/workspaces/${stage.space}/members`;
    const first = await stage.post(path, join("member", "101"));
    const second = await stage.post(path, join("member", "101"));
    expect(first.body.data).toMatchObject({
      invited_success_user_ids: ["101"],
      added_success_user_ids: [],
    });
    expect(second.body.data).toMatchObject({ already_invited_user_ids: ["101"] });
    expect(valueAt(await stage.get(path), "data.total_count")).toBe(1);
    stage.emulator.world.acceptInvitation(stage.space, "101");
    expect(valueAt(await stage.get(path), "data.total_count")).toBe(2);
  });

  test("users outside the enterprise and full workspaces fail the whole call", async () => {
    const stage = setStage({ world: { users: ["101", "102"], outsiders: ["201"], memberLimit: 2 } });
    const path = `/v1/workspaces/${stage.space}/members`;
    expect(await stage.post(path, join("member", "101", "201"))).toMatchObject({
      status: 200,
      body: { code: 702042162 },
    });
    expect((await stage.post(path, join("member", "101", "102"))).body.code).toBe(702042018);
    expect(valueAt(await stage.get(path), "data.total_count")).toBe(1);
  });
});

test("folders are listed level by level", async () => {
  const stage = setStage();
  const { world } = stage.emulator;
  const root = world.addFolder({ workspace_id: stage.space, name: "root" });
  const child = world.addFolder({ workspace_id: stage.space, name: "child", parent_folder_id: root.id });
  const path = `/v1/folders?workspace_id=${stage.space}&folder_type=development`;
  expect(listAt(await stage.get(path), "data.items")).toMatchObject([{ id: root.id, children_count: 1 }]);
  const below = await stage.get(`${path}&parent_folder_id=${root.id}`);
  expect(listAt(below, "data.items")).toMatchObject([{ id: child.id, parent_folder_id: root.id }]);
  expect((await stage.get(`/v1/folders/${root.id}`)).body.data).not.toHaveProperty("parent_folder_id");
  expect((await stage.get(`/v1/folders?workspace_id=${stage.space}&folder_type=library`)).body.code).toBe(
    4000,
  );
});
