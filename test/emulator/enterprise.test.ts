import { describe, expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { listAt, type Stage, setStage, textAt, valueAt } from "./client.ts";
import { oauthApp, signJwt } from "./jwt.ts";

const owner = { id: "3290203000000017", name: "kou_owner" };
const enterprise = "/v1/enterprises/volcano_2105850001";

type Call = (stage: Stage) => Promise<{ readonly status: number; readonly body: object }>;

async function openOrganization(options: EmulatorOptions = {}, superAdmin = "201") {
  const stage = setStage(options);
  const made = await stage.post(`${enterprise}/organizations`, {
    name: "研发部",
    super_admin_user_id: superAdmin,
  });
  const id = textAt(made, "data.organization_id");
  return { stage, id, path: `/v1/organizations/${id}` };
}

const joinOrganization = (stage: Stage, path: string, user_id: string, role = "organization_member") =>
  stage.post(`${path}/members`, {
    organization_people: [{ user_id, organization_role_type: role }],
  });

const joinEnterprise = (stage: Stage, user_id: string, role = "enterprise_member") =>
  stage.post(`${enterprise}/members`, { users: [{ user_id, role }] });

async function rolesIn(stage: Stage, path: string) {
  const listed = listAt(await stage.get(`${path}/members`), "data.items");
  return Object.fromEntries(listed.map((one) => [one.user_id, one.organization_role_type]));
}

async function defaultPath(stage: Stage): Promise<string> {
  const listed = listAt(await stage.get(`${enterprise}/organizations`), "data.items");
  return `/v1/organizations/${listed.find((one) => one.is_default_organization)?.organization_id}`;
}

describe("an enterprise", () => {
  test("has a default organization with its owner as super admin, which its members join", async () => {
    const stage = setStage();
    const path = await defaultPath(stage);
    expect(await joinEnterprise(stage, "201")).toMatchObject({ status: 200, body: { code: 0, msg: "" } });
    stage.emulator.world.addUser({ id: "201", nickname: "小王", unique_name: "wang" });
    const listed = await stage.get(`${path}/members?page_num=1&page_size=20`);
    expect(listed.body.data).toEqual({
      items: [
        {
          user_id: owner.id,
          is_valid: true,
          avatar_url: expect.stringMatching(/^https:/),
          created_at: 1_715_000_000,
          people_type: "employee",
          user_nickname: "kou_owner",
          user_unique_name: "kou_owner",
          organization_role_type: "organization_super_admin",
        },
        expect.objectContaining({
          user_id: "201",
          created_at: Date.UTC(2026, 0, 1) / 1000,
          user_nickname: "小王",
          organization_role_type: "organization_member",
        }),
      ],
      total_count: 2,
    });
    expect((await stage.get("/v1/organizations/7/members")).body.code).toBe(4200);
  });

  test("takes one user of Coze at a time, once, and no guest or id of Volcano Engine", async () => {
    const stage = setStage({ world: { users: ["201", "203"], outsiders: ["202"] } });
    const { world } = stage.emulator;
    world.addUser({ id: "203", nickname: "小李", volcano_id: "2105850099" });
    world.addPerson({ id: "204", people_type: "guest" });
    const two = [
      { user_id: "201", role: "enterprise_member" },
      { user_id: "203", role: "enterprise_member" },
    ];
    const codes = [
      await stage.post(`${enterprise}/members`, { users: two }),
      await stage.post(`${enterprise}/members`, { users: [] }),
      await joinEnterprise(stage, "201"),
      await joinEnterprise(stage, "204"),
      await joinEnterprise(stage, "2105850099"),
      await joinEnterprise(stage, "999"),
      await joinEnterprise(stage, "202", "enterprise_owner"),
      await joinEnterprise(stage, "202"),
      await joinEnterprise(stage, "202"),
      await stage.post("/v1/enterprises/volcano_1/members", { users: two.slice(0, 1) }),
    ].map(({ body }) => body.code);
    expect(codes).toEqual([4000, 4000, 4201, 4000, 4000, 4000, 4000, 0, 4201, 4101]);
  });

  test("on the standard plan has 100 members at most, and makes no organizations", async () => {
    const stage = setStage({ world: { level: "team", enterpriseLimit: 3 } });
    const codes = [];
    for (const id of ["201", "202", "203"]) codes.push((await joinEnterprise(stage, id)).body.code);
    expect(codes).toEqual([0, 0, 777074011]);
    const organization = { name: "研发部", super_admin_user_id: "201" };
    const made = await stage.post(`${enterprise}/organizations`, organization);
    expect(made).toMatchObject({ status: 403, body: { code: 4101 } });
    expect((await stage.get(`${enterprise}/organizations`)).body.code).toBe(0);
    expect((await stage.put(await defaultPath(stage), { name: "x" })).body.code).toBe(4101);
  });

  test("on a personal plan isn't there", async () => {
    const stage = setStage({ plan: "personal" });
    const calls: readonly Call[] = [
      (to) => joinEnterprise(to, "201"),
      (to) => to.put(`${enterprise}/members/201`, { role: "enterprise_admin" }),
      (to) => to.remove(`${enterprise}/members/201`, { receiver_user_id: owner.id }),
      (to) => to.get(`${enterprise}/organizations`),
      (to) => to.post(`${enterprise}/organizations`, { name: "x", super_admin_user_id: "1" }),
      (to) => to.get("/v1/organizations/1/members"),
      (to) => joinOrganization(to, "/v1/organizations/1", "201"),
    ];
    for (const call of calls) expect(await call(stage)).toMatchObject({ status: 403, body: { code: 4101 } });
    const hinting = setStage({ plan: "personal", world: { variants: ["premium-plans"] } });
    const listed = await hinting.get("/v1/organizations/1/members");
    expect(listed).toMatchObject({ status: 200, body: { code: 6003 } });
  });

  test("changes roles in place, but not those of guests", async () => {
    const stage = setStage();
    const { world } = stage.emulator;
    await joinEnterprise(stage, "201");
    world.addPerson({ id: "202", people_type: "guest" });
    const change = async (id: string, role: string) =>
      (await stage.put(`${enterprise}/members/${id}`, { role })).body.code;
    expect(await change("201", "enterprise_admin")).toBe(0);
    expect(world.people.get("201")?.role).toBe("enterprise_admin");
    expect(await change("202", "enterprise_member")).toBe(4000);
    expect(await change("201", "enterprise_super_admin")).toBe(4000);
    expect(await change("abc", "enterprise_member")).toBe(4200);
  });

  test("lets members go only once they are in no organization, to an admin who gets what they own", async () => {
    const { stage, path } = await openOrganization();
    const { world } = stage.emulator;
    const standard = await defaultPath(stage);
    await joinOrganization(stage, path, "202");
    const leave = (receiver_user_id: string) =>
      stage.remove(`${enterprise}/members/202`, { receiver_user_id });
    const inBoth = await leave(owner.id);
    await stage.remove(`${path}/members/202`, { receiver_user_id: "201" });
    const inDefault = await leave(owner.id);
    await stage.remove(`${standard}/members/202`, { receiver_user_id: owner.id });
    const codes = [inBoth, inDefault, await leave("201"), await leave("202"), await leave(owner.id)];
    expect(codes.map(({ body }) => body.code)).toEqual([4000, 4000, 4000, 4000, 0]);
    expect((await leave(owner.id)).body.code).toBe(4200);
    const space = `/v1/workspaces/${stage.space}/members`;
    const invite = { users: [{ user_id: "202", role_type: "member" }] };
    expect((await stage.post(space, invite)).body.code).toBe(702042162);
    expect((await joinEnterprise(stage, "202")).body.code).toBe(0);
    expect(await rolesIn(stage, standard)).toMatchObject({ "202": "organization_member" });
    expect((await stage.post(space, invite)).body.code).toBe(0);
    expect(world.people.get("202")?.has_left).toBeUndefined();
  });
});

describe("an organization", () => {
  test("is made with a super admin of the enterprise, within limits", async () => {
    const stage = setStage({ world: { organizationLimit: 3, outsiders: ["203"] } });
    const make = async (fields: object) =>
      (
        await stage.post(`${enterprise}/organizations`, {
          name: "研发部",
          super_admin_user_id: "201",
          ...fields,
        })
      ).body.code;
    const codes = [
      await make({ name: "" }),
      await make({ name: "字".repeat(31) }),
      await make({ description: "字".repeat(101) }),
      await make({ super_admin_user_id: "203" }),
      await make({ name: "违禁" }),
      await make({ description: "研发部内部使用的组织" }),
      await make({}),
      await make({}),
    ];
    expect(codes).toEqual([4000, 4000, 4000, 4000, 4102, 0, 0, 4000]);
    const listed = await stage.get(`${enterprise}/organizations?page_num=1&page_size=20`);
    expect(listed.body.data).toMatchObject({
      items: [
        { organization_name: "默认组织", is_default_organization: true },
        { organization_name: "研发部", is_default_organization: false },
        { organization_name: "研发部", is_default_organization: false },
      ],
      total_count: 3,
    });
    expect(listAt(listed, "data.items")[1]).not.toHaveProperty("description");
    expect((await stage.get(`${enterprise}/organizations?page_size=21`)).body.code).toBe(4000);
  });

  test("keeps what an update leaves empty", async () => {
    const { stage, id, path } = await openOrganization();
    const { organizations } = stage.emulator.world;
    await stage.put(path, { name: "市场部", description: "d" });
    await stage.put(path, { name: "", description: "" });
    expect(organizations.get(id)).toMatchObject({ name: "市场部", description: "d" });
    expect((await stage.put(path, { name: "违禁" })).body.code).toBe(4102);
    expect((await stage.put("/v1/organizations/volcano_2105850001", { name: "x" })).body.code).toBe(4200);
    await stage.put(await defaultPath(stage), { name: "总部" });
    expect(listAt(await stage.get(`${enterprise}/organizations`), "data.items")[0]).toMatchObject({
      organization_name: "总部",
      is_default_organization: true,
    });
  });

  test("has a name of its own in a variant", async () => {
    const { stage, path } = await openOrganization({ world: { variants: ["unique-organizations"] } });
    const again = { name: "研发部", super_admin_user_id: "201" };
    expect((await stage.post(`${enterprise}/organizations`, again)).body.code).toBe(4000);
    expect((await stage.put(path, { name: "默认组织" })).body.code).toBe(4000);
    expect((await stage.put(path, { name: "研发部" })).body.code).toBe(0);
  });

  test("takes employees in three roles and guests in one, one a call", async () => {
    const { stage, path } = await openOrganization({ world: { outsiders: ["205"] } });
    stage.emulator.world.addPerson({ id: "204", people_type: "guest" });
    const people = ["202", "203"].map((user_id) => ({
      user_id,
      organization_role_type: "organization_member",
    }));
    const codes = [
      await stage.post(`${path}/members`, { organization_people: people }),
      await joinOrganization(stage, path, "202", "organization_guest"),
      await joinOrganization(stage, path, "202", "organization_admin"),
      await joinOrganization(stage, path, "202", "organization_admin"),
      await joinOrganization(stage, path, "204"),
      await joinOrganization(stage, path, "204", "organization_guest"),
      await joinOrganization(stage, path, "205"),
    ].map(({ body }) => body.code);
    expect(codes).toEqual([4000, 4000, 0, 4201, 4000, 0, 702042162]);
    expect(await rolesIn(stage, path)).toEqual({
      "201": "organization_super_admin",
      "202": "organization_admin",
      "204": "organization_guest",
    });
    const guest = listAt(await stage.get(`${path}/members`), "data.items")[2];
    expect(guest).toMatchObject({ people_type: "guest", is_valid: true });
    const change = async (id: string, organization_role_type: string) =>
      (await stage.put(`${path}/members/${id}`, { organization_role_type })).body.code;
    expect(await change("204", "organization_member")).toBe(4000);
    expect(await change("202", "organization_guest")).toBe(4000);
    expect(await change("202", "organization_member")).toBe(0);
    expect(await change("203", "organization_member")).toBe(4200);
    expect(await rolesIn(stage, path)).toMatchObject({ "202": "organization_member" });
  });

  test("shows those whose account of Volcano Engine was deleted as invalid", async () => {
    const { stage, path } = await openOrganization();
    stage.emulator.world.addPerson({ id: "202", is_valid: false });
    await joinOrganization(stage, path, "202");
    expect(listAt(await stage.get(`${path}/members`), "data.items")).toMatchObject([
      { user_id: "201", is_valid: true },
      { user_id: "202", is_valid: false },
    ]);
  });

  test("gets super admins from super admins alone, and keeps one", async () => {
    const clerk = { token: "pat_clerk", kind: "privileged", user: { id: "202", name: "小李" } } as const;
    const { stage, path } = await openOrganization({ tokens: [clerk] });
    await joinOrganization(stage, path, "202", "organization_admin");
    const byClerk = stage.as("pat_clerk");
    const appointed = await joinOrganization(byClerk, path, "203", "organization_super_admin");
    expect(appointed).toMatchObject({ status: 403, body: { code: 4101 } });
    expect((await joinOrganization(byClerk, path, "203")).body.code).toBe(0);
    const leave = (id: string, receiver_user_id: string) =>
      stage.remove(`${path}/members/${id}`, { receiver_user_id });
    expect((await leave("201", "203")).body.code).toBe(777074044);
    const demotion = { organization_role_type: "organization_member" };
    expect((await stage.put(`${path}/members/201`, demotion)).body.code).toBe(777074044);
    const promotion = { organization_role_type: "organization_super_admin" };
    expect((await byClerk.put(`${path}/members/203`, promotion)).body.code).toBe(4101);
    expect((await stage.put(`${path}/members/203`, promotion)).body.code).toBe(0);
    expect((await leave("201", "201")).body.code).toBe(4000);
    expect((await leave("201", "202")).body.code).toBe(4000);
    expect((await stage.remove(`${path}/members/201`, {})).body.code).toBe(4000);
    expect((await leave("201", "203")).body.code).toBe(0);
    expect((await leave("201", "203")).body.code).toBe(4200);
    expect(await rolesIn(stage, path)).toEqual({
      "202": "organization_admin",
      "203": "organization_super_admin",
    });
  });

  test("loses a member with all its workspaces, whose resources the receiver gets", async () => {
    const { stage, id, path } = await openOrganization();
    const { world } = stage.emulator;
    await joinOrganization(stage, path, "202");
    const owned = world.addWorkspace({
      name: "owned",
      coze_account_id: id,
      members: [
        { user_id: "202", role_type: "owner" },
        { user_id: owner.id, role_type: "admin" },
      ],
    });
    const joined = world.addWorkspace({ name: "joined", coze_account_id: id });
    const elsewhere = world.addWorkspace({ name: "elsewhere", coze_account_id: "7" });
    for (const space of [joined, elsewhere]) space.members.push({ user_id: "202", role_type: "member" });
    const bot = world.addBot({ space_id: owned.id, owner_user_id: "202" });
    const workflow = world.addWorkflow({ space_id: joined.id, creator_id: "202" });
    const outside = world.addBot({ space_id: elsewhere.id, owner_user_id: "202" });
    await stage.post(`/v1/bots/${bot.id}/collaboration_mode`, { collaboration_mode: "single" });
    await stage.remove(`${path}/members/202`, { receiver_user_id: "201" });
    const membersOf = (space: string) => world.workspaces.get(space)?.members.map((one) => one.user_id);
    expect([owned, joined, elsewhere].map((space) => membersOf(space.id))).toEqual([
      ["201", owner.id],
      [owner.id],
      [owner.id, "202"],
    ]);
    expect(world.workspaces.get(owned.id)?.members[0]?.role_type).toBe("owner");
    expect([
      world.bots.get(bot.id)?.owner_user_id,
      world.workflows.get(workflow.id)?.creator_id,
      world.bots.get(outside.id)?.owner_user_id,
    ]).toEqual(["201", "201", "202"]);
  });

  test("lets only its members into its workspaces", async () => {
    const { stage, id, path } = await openOrganization();
    const space = stage.emulator.world.addWorkspace({ name: "own", coze_account_id: id });
    const join = (user_id: string) =>
      stage.post(`/v1/workspaces/${space.id}/members`, { users: [{ user_id, role_type: "member" }] });
    expect((await join("202")).body.code).toBe(702042162);
    await joinOrganization(stage, path, "202");
    expect((await join("202")).body.code).toBe(0);
  });
});

test("additions and removals are refused while another is under way", async () => {
  const { stage, path } = await openOrganization();
  const codesOf = async (calls: readonly Promise<{ readonly body: object }>[]) =>
    (await Promise.all(calls)).map(({ body }) => Object(body).code).sort();
  expect(await codesOf(["301", "302"].map((id) => joinEnterprise(stage, id)))).toEqual([0, 4013]);
  expect(await codesOf(["303", "304"].map((id) => joinOrganization(stage, path, id)))).toEqual([0, 4013]);
  const leave = (id: string) => stage.remove(`${path}/members/${id}`, { receiver_user_id: "201" });
  expect(await codesOf([leave("303"), leave("304")])).toEqual([0, 4013]);
  const go = (id: string) => stage.remove(`${enterprise}/members/${id}`, { receiver_user_id: owner.id });
  expect(await codesOf([go("301"), go("302")])).toEqual([4000, 4013]);
  expect((await joinEnterprise(stage, "305")).body.code).toBe(0);
});

describe("the operations of an enterprise's privileged app", () => {
  const calls: readonly (readonly [string, Call])[] = [
    ["list_organization", (to) => to.get(`${enterprise}/organizations`)],
    [
      "create_organization",
      (to) => to.post(`${enterprise}/organizations`, { name: "x", super_admin_user_id: "1" }),
    ],
    ["list_organization_people", async (to) => to.get(`${await defaultPath(setStage())}/members`)],
    ["add_organization_people", async (to) => joinOrganization(to, await defaultPath(setStage()), "201")],
    [
      "update_organization_people",
      async (to) =>
        to.put(`${await defaultPath(setStage())}/members/201`, {
          organization_role_type: "organization_admin",
        }),
    ],
    [
      "remove_organization_member",
      async (to) => to.remove(`${await defaultPath(setStage())}/members/201`, { receiver_user_id: owner.id }),
    ],
    ["update_enterprise_people", (to) => to.put(`${enterprise}/members/201`, { role: "enterprise_admin" })],
    [
      "remove_enterprise_member",
      (to) => to.remove(`${enterprise}/members/201`, { receiver_user_id: owner.id }),
    ],
  ];

  test("are refused to all other tokens", async () => {
    const app = oauthApp({ kind: "privileged" });
    const stage = setStage({
      apps: [app],
      tokens: [{ token: "sat_service" }, { token: "pat_one", permissions: ["Enterprise.listOrganization"] }],
      world: { variants: ["privileged-apps"] },
    });
    const authorization = `Bearer ${await signJwt(app, stage.clock.ms)}`;
    const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    const address = "/api/permission/oauth2/enterprise_id/volcano_2105850001/token";
    const { body } = await stage.post(address, { grant_type }, { authorization });
    for (const token of ["sat_service", "pat_one", stage.emulator.token]) {
      for (const [name, call] of calls) {
        expect([name, await call(stage.as(token))]).toMatchObject([
          name,
          { status: 401, body: { code: 4101 } },
        ]);
      }
    }
    const privileged = stage.as(String(body.access_token));
    const codes = [];
    for (const [, call] of calls) codes.push(Object(await call(privileged)).body.code);
    expect(codes).toEqual([0, 0, 0, 4201, 0, 0, 0, 0]);
  });

  test("are open to the emulator's own token, but not to tokens with their own permissions", async () => {
    const { stage } = await openOrganization({
      tokens: [{ token: "pat_one", permissions: ["Enterprise.listOrganization"] }],
    });
    expect((await stage.as("pat_one").get(`${enterprise}/organizations`)).body.code).toBe(4101);
    expect(valueAt(await stage.get(`${enterprise}/organizations`), "data.total_count")).toBe(2);
  });
});
