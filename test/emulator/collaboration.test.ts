import { describe, expect, test } from "@jest/globals";
import { type EmulatorOptions, publishedLimits } from "../../src/emulator/index.ts";
import { type Answer, type Stage, setStage } from "./client.ts";

const tokens = [
  { token: "pat_owner", user: { id: "101", name: "owner" } },
  { token: "pat_helper", user: { id: "102", name: "helper" } },
  { token: "pat_stranger", user: { id: "103", name: "stranger" } },
  { token: "sat_service", user: { id: "103", name: "stranger" } },
  { token: "czs_app", user: { id: "103", name: "stranger" } },
  { token: "czs_channel", kind: "channel", user: { id: "101", name: "owner" } },
] as const;

const kinds = ["bots", "workflows", "apps"] as const;

/** A workspace of four with a bot, a workflow and an app of 101. */
function openTeam(options: EmulatorOptions = {}) {
  const stage = setStage({ tokens, ...options });
  const { world } = stage.emulator;
  for (const user_id of ["101", "102", "103"]) {
    world.workspaces.get(stage.space)?.members.push({ user_id, role_type: "member" });
  }
  const made = {
    bots: world.addBot({ space_id: stage.space, owner_user_id: "101" }).id,
    workflows: world.addWorkflow({ space_id: stage.space, creator_id: "101" }).id,
    apps: world.addApp({ space_id: stage.space, owner_user_id: "101" }).id,
  };
  const at = (kind: (typeof kinds)[number]) => `/v1/${kind}/${made[kind]}`;
  return { stage, world, made, at };
}

const codeOf = ({ body }: Answer): unknown => body.code;

const switchMode = (stage: Stage, path: string, collaboration_mode: string) =>
  stage.post(`${path}/collaboration_mode`, { collaboration_mode });

const add = (stage: Stage, path: string, ...ids: readonly string[]) =>
  stage.post(`${path}/collaborators`, { collaborators: ids.map((user_id) => ({ user_id })) });

const take = (stage: Stage, path: string, id: string) => stage.remove(`${path}/collaborators/${id}`, {});

describe.each(["bots", "workflows"] as const)("the collaborators of %s", (kind) => {
  test("are added one a call once the mode is on, and removed before it is off", async () => {
    const { stage, world, made, at } = openTeam();
    const by = stage.as("pat_owner");
    const codes = [
      await add(by, at(kind), "102"),
      await switchMode(by, at(kind), "team"),
      await switchMode(by, at(kind), "collaboration"),
      await add(by, at(kind)),
      await add(by, at(kind), "102", "103"),
      await add(by, at(kind), "999"),
      await add(by, at(kind), "102"),
      await add(by, at(kind), "102"),
      await switchMode(by, at(kind), "single"),
      await take(by, at(kind), "103"),
      await take(by, at(kind), "102"),
      await switchMode(by, at(kind), "single"),
      await switchMode(by, at(kind), "single"),
    ].map(codeOf);
    expect(codes).toEqual([4000, 4000, 0, 4000, 4000, 4000, 0, 0, 4000, 4200, 0, 0, 0]);
    expect(world.collaborations.get(made[kind])).toMatchObject({ mode: "single", user_ids: [] });
  });

  test("are for the owner and collaborators to change, the mode for the owner; apps need the permission alone", async () => {
    const { stage, at } = openTeam();
    const codesBy = async (token: string) => {
      const by = stage.as(token);
      return [
        codeOf(await switchMode(by, at(kind), "collaboration")),
        codeOf(await add(by, at(kind), "102")),
        codeOf(await take(by, at(kind), "102")),
      ];
    };
    expect(await codesBy("pat_stranger")).toEqual([4101, 4101, 4101]);
    expect(await codesBy("czs_channel")).toEqual([4101, 4101, 4101]);
    expect(await codesBy("pat_owner")).toEqual([0, 0, 0]);
    expect(await codesBy("sat_service")).toEqual([0, 0, 0]);
    expect(await codesBy("czs_app")).toEqual([0, 0, 0]);
    await add(stage.as("pat_owner"), at(kind), "102");
    const helper = stage.as("pat_helper");
    expect(codeOf(await switchMode(helper, at(kind), "collaboration"))).toBe(4101);
    expect(codeOf(await add(helper, at(kind), "103"))).toBe(0);
    expect(codeOf(await take(helper, at(kind), "103"))).toBe(0);
  });
});

test("apps have collaborators without a mode, and what one made in it goes to the owner", async () => {
  const { stage, world, made, at } = openTeam();
  const by = stage.as("pat_owner");
  expect(codeOf(await switchMode(by, at("apps"), "collaboration"))).toBe(4200);
  expect(codeOf(await add(by, at("apps"), "102"))).toBe(0);
  const theirs = world.addWorkflow({ space_id: stage.space, app_id: made.apps, creator_id: "102" });
  const others = world.addWorkflow({ space_id: stage.space, app_id: made.apps, creator_id: "103" });
  const library = world.addWorkflow({ space_id: stage.space, creator_id: "102" });
  expect(codeOf(await take(by, at("apps"), "102"))).toBe(0);
  const owners = [theirs, others, library].map(({ id }) => world.workflows.get(id)?.creator_id);
  expect(owners).toEqual(["101", "103", "102"]);
  expect(codeOf(await take(by, at("apps"), "102"))).toBe(4200);
});

test("workflows of apps have none", async () => {
  const { stage, world, made } = openTeam();
  const inApp = world.addWorkflow({ space_id: stage.space, app_id: made.apps, creator_id: "101" });
  const path = `/v1/workflows/${inApp.id}`;
  const by = stage.as("pat_owner");
  const codes = [await switchMode(by, path, "collaboration"), await add(by, path, "102")].map(codeOf);
  expect(codes).toEqual([4000, 4000]);
});

test("the plans of persons have none, and objects that aren't there neither", async () => {
  const { stage, at } = openTeam({ world: { level: "pro_personal" } });
  const by = stage.as("pat_owner");
  const codes = [await switchMode(by, at("bots"), "collaboration"), await add(by, at("apps"), "102")];
  expect(codes.map(codeOf)).toEqual([4101, 4101]);
  const { stage: paid } = openTeam();
  for (const kind of kinds) expect(codeOf(await add(paid, `/v1/${kind}/7`, "102"))).toBe(4200);
});

test("those who leave the workspace don't collaborate in it any more, and copies begin without", async () => {
  const { stage, world, made, at } = openTeam();
  const by = stage.as("pat_owner");
  await switchMode(by, at("bots"), "collaboration");
  await add(by, at("bots"), "102");
  const copied = await stage.post("/v1/entities/copy_tasks", { entity_id: made.bots, entity_type: "bot" });
  const copy = String(Object(copied.body.data).copied_entity_id);
  expect(world.collaborations.has(copy)).toBe(false);
  await stage.remove(`/v1/workspaces/${stage.space}/members`, { user_ids: ["102"] });
  expect(world.collaborations.get(made.bots)?.user_ids).toEqual([]);
});

test.each([
  [[], 0, 4200],
  [["known-collaborators"], 4201, 4200],
  [["silent-removals"], 0, 0],
] as const)(
  "with %j adding another time answers %i, removing another time %i",
  async (variants, added, removed) => {
    const { stage, at } = openTeam({ world: { variants } });
    const by = stage.as("pat_owner");
    await switchMode(by, at("bots"), "collaboration");
    await add(by, at("bots"), "102");
    expect(codeOf(await add(by, at("bots"), "102"))).toBe(added);
    await take(by, at("bots"), "102");
    expect(codeOf(await take(by, at("bots"), "102"))).toBe(removed);
  },
);

test("five calls a second are shared by all tokens of the account", async () => {
  const { stage, at } = openTeam({ limits: publishedLimits });
  const by = ["pat_owner", "sat_service", "czs_app"].map((token) => stage.as(token));
  const codes = [];
  for (const turn of Array(6).keys()) codes.push(codeOf(await add(by[turn % 3] ?? stage, at("apps"), "102")));
  expect(codes).toEqual([0, 0, 0, 0, 0, 4013]);
  stage.clock.ms += 1000;
  expect(codeOf(await add(stage.as("pat_owner"), at("apps"), "102"))).toBe(0);
});
