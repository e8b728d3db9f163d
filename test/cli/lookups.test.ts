import { describe, expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const project = "apiVersion: cozeform/v1\nkind: Project\nname: desk\n";

const manifest = (kind: string, name: string, spec: string, metadata = "") =>
  `apiVersion: cozeform/v1\nkind: ${kind}\nmetadata: {name: ${name}${metadata}}\nspec: ${spec}\n`;

/** A project, and the number of calls of each operation that its last command made. */
function stage(manifests: Record<string, string>) {
  const { emulator, sh, write, directory } = createConsole({ "cozeform.yaml": project, ...manifests });
  const { world } = emulator;
  const space = world.addWorkspace({ name: "客服空间" }).id;
  let from = 0;
  const run = async (line: string) => {
    from = emulator.requests.length;
    return await sh(line);
  };
  const calls = () => {
    const counts: Record<string, number> = {};
    for (const { operation = "" } of emulator.requests.slice(from))
      counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  };
  const writes = () => emulator.requests.slice(from).filter((one) => one.writes).length;
  return { world, space, run, calls, writes, write, directory, emulator };
}

const desk = "workspace: {lookup: {name: 客服空间}}";

describe("a user is looked up by name", () => {
  test("among the members of the resource's workspace, or of the one that in names, with one list for each", async () => {
    const { world, space, run, calls } = stage({
      "members.yaml": [
        manifest("WorkspaceMember", "li", `{${desk}, user_id: {lookup: {name: 小李}}, role: member}`),
        manifest(
          "WorkspaceMember",
          "wang",
          `{${desk}, user_id: {lookup: {name: wang_01, in: {lookup: {name: 旧空间}}}}, role: member}`,
        ),
        manifest(
          "WorkspaceMember",
          "zhao",
          `{${desk}, user_id: {lookup: {name: 小赵, in: old}}, role: member}`,
        ),
        manifest("Workspace", "old", "{name: 旧空间, description: 旧}"),
      ].join("---\n"),
    });
    world.addUser({ id: "101", nickname: "小李" });
    world.addUser({ id: "102", nickname: "小王", unique_name: "wang_01" });
    world.addUser({ id: "103", nickname: "小赵" });
    world.workspaces.get(space)?.members.push({ user_id: "101", role_type: "member" });
    const old = world.addWorkspace({ name: "旧空间", description: "旧" });
    for (const user_id of ["102", "103"]) old.members.push({ user_id, role_type: "member" });

    const unknown = await run("plan --no-color");
    expect([unknown.code, unknown.err]).toEqual([
      3,
      expect.stringContaining(
        'members.yaml:14:52  User {name: "小赵", in: "Workspace.old"} can\'t be looked up: Workspace.old isn\'t in the state',
      ),
    ]);
    const planned = await run("plan --no-color --adopt");
    expect([planned.code, planned.err]).toEqual([0, ""]);
    expect(planned.out).toContain('user_id:   (looked up by name "wang_01", in (name "旧空间")) → 102');
    expect(calls()).toEqual({ list_workspace: 1, list_space_member: 2 });
    const applied = await run("apply --auto-approve --adopt");
    expect([applied.code, applied.err]).toEqual([0, ""]);
    const members = world.workspaces.get(space)?.members.map((one) => [one.user_id, one.role_type]);
    expect(members?.slice(1).sort()).toEqual([
      ["101", "member"],
      ["102", "member"],
      ["103", "member"],
    ]);
    expect((await run("plan")).out).toContain("No changes");
    expect(calls()).toEqual({ list_workspace: 1, list_space_member: 2 });
  });

  test("and none, several and a workspace to come are told at the lookup, all at once, before anything is sent", async () => {
    const { world, space, run, writes } = stage({
      "members.yaml": [
        manifest("WorkspaceMember", "a", `{${desk}, user_id: {lookup: {name: 无人}}, role: member}`),
        manifest("WorkspaceMember", "b", `{${desk}, user_id: {lookup: {name: 小李}}, role: member}`),
        manifest("WorkspaceMember", "c", "{workspace: new, user_id: {lookup: {name: 小李}}, role: member}"),
        manifest("Workspace", "new", "{name: 新空间, description: 新}"),
      ].join("---\n"),
    });
    world.addUser({ id: "101", nickname: "小李", unique_name: "li_01" });
    world.addUser({ id: "102", nickname: "小李", unique_name: "li_02" });
    for (const user_id of ["101", "102"])
      world.workspaces.get(space)?.members.push({ user_id, role_type: "member" });
    const { code, err } = await run("apply --auto-approve --no-color");
    expect([code, err.trim().split("\n"), writes()]).toEqual([
      3,
      [
        'members.yaml:4:52  Coze has no User {name: "无人"}  hint: check the lookup, or use {id: …}',
        'members.yaml:9:52  2 objects in Coze fit User {name: "小李"}: 101 (小李, li_01), 102 (小李, li_02)  hint: choose one by its id, or add words that only it has',
        'members.yaml:14:33  the workspace of User {name: "小李"} doesn\'t exist yet  hint: apply the workspace first, or say with in where to look',
        "3 errors",
      ],
      0,
    ]);
  });

  test("also as the owner of a workspace, where the lookup has to say in which workspace", async () => {
    const { world, run, space } = stage({
      "new.yaml": manifest(
        "Workspace",
        "new",
        "{name: 新空间, description: 新, owner: {lookup: {name: 小李}}, organization: {lookup: {name: 市场部}}}",
      ),
    });
    world.addUser({ id: "101", nickname: "小李" });
    world.workspaces.get(space)?.members.push({ user_id: "101", role_type: "member" });
    const { id } = world.addOrganization({ name: "市场部" });
    const { code, err } = await run("validate --no-color");
    expect([code, err.trim().split("\n")]).toEqual([
      3,
      [
        'new.yaml:4:51  this lookup needs a Workspace, and none is set here  hint: add in: {id: "…"} to the lookup',
        "new.yaml:4:87  spec.organization.lookup.enterprise is missing  hint: set it to a string",
        "2 errors",
      ],
    ]);
    const { run: again, world: other } = stage({
      "new.yaml": manifest(
        "Workspace",
        "new",
        `{name: 新空间, description: 新, owner: {lookup: {name: 小李, in: {lookup: {name: 客服空间}}}}, organization: {lookup: {name: 市场部, enterprise: ${world.options.enterpriseId}}}}`,
      ),
    });
    other.addUser({ id: "101", nickname: "小李" });
    const desk = [...other.workspaces.values()].find(({ name }) => name === "客服空间");
    desk?.members.push({ user_id: "101", role_type: "member" });
    expect(other.addOrganization({ name: "市场部" }).id).toBe(id);
    const applied = await again("apply --auto-approve");
    expect([applied.code, applied.err]).toEqual([0, ""]);
    const made = [...other.workspaces.values()].find(({ name }) => name === "新空间");
    expect(made).toMatchObject({
      coze_account_id: id,
      members: [{ user_id: "101", role_type: "owner" }, {}],
    });
  });
});

describe("a workflow that was never published", () => {
  const files = {
    "bot.yaml": manifest(
      "Bot",
      "a",
      `{${desk}, name: a, workflows: [{lookup: {name: 退款}}, {lookup: {name: 换货}}]}`,
    ),
  };

  test("isn't one that doesn't exist, and costs a second list only then", async () => {
    const { world, space, run, calls } = stage(files);
    const { id } = world.addWorkflow({ space_id: space, name: "退款" });
    const { code, err } = await run("plan --no-color");
    expect([code, err.trim().split("\n")]).toEqual([
      3,
      [
        `bot.yaml:4:64  the Workflow {name: "退款"} (${id}) was never published  hint: publish it in Coze first`,
        'bot.yaml:4:86  Coze has no Workflow {name: "换货"}  hint: check the lookup, or use {id: …}',
        "2 errors",
      ],
    ]);
    expect(calls()).toEqual({ list_workspace: 1, get_workflow_list: 2, bots_list_draft_published: 1 });
    world.publishWorkflow(id);
    const other = world.addWorkflow({ space_id: space, name: "换货" });
    world.publishWorkflow(other.id);
    // Of two of one name, only the published one will do.
    world.addWorkflow({ space_id: space, name: "退款" });
    const planned = await run("plan --no-color");
    expect([planned.code, planned.err]).toEqual([0, ""]);
    expect(planned.out).toContain(`(looked up by name "退款") → ${id}`);
    expect(calls()).toEqual({ list_workspace: 1, get_workflow_list: 1, bots_list_draft_published: 1 });
    const json = JSON.parse((await run("plan --format json")).out);
    expect(json.resource_changes[0].cozeform.lookups).toEqual([
      { path: "workspace", kind: "Workspace", lookup: { name: "客服空间" }, id: space },
      { path: "workflows[0]", kind: "Workflow", lookup: { name: "退款" }, id },
      { path: "workflows[1]", kind: "Workflow", lookup: { name: "换货" }, id: other.id },
    ]);
  });

  test("stays where a bot has it already", async () => {
    const { world, space, run } = stage({
      ...files,
      "bot.yaml": manifest("Bot", "a", `{${desk}, name: a, workflows: [{lookup: {name: 退款}}]}`),
    });
    const { id } = world.addWorkflow({ space_id: space, name: "退款" });
    const bot = world.addBot({ space_id: space, draft: { name: "a", workflow_id_list: { ids: [{ id }] } } });
    const refused = await run("plan --no-color --duplicate Bot.a");
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining("was never published")]);
    const adopted = await run("apply --adopt --auto-approve");
    expect([adopted.code, adopted.err, world.bots.size]).toEqual([0, "", 1]);
    expect((await run("plan")).out).toContain("No changes");
    expect((await run("validate --online")).code).toBe(0);
    expect(world.bots.get(bot.id)?.draft.workflow_id_list?.ids).toEqual([{ id }]);
  });

  test("is good enough for a copy", async () => {
    const { world, space, run } = stage({
      "copy.yaml": manifest(
        "Copy",
        "a",
        `{type: workflow, source: {workflow: {lookup: {name: 退款, workspace: {lookup: {name: 客服空间}}}}}, ${desk}}`,
      ),
    });
    world.addWorkflow({ space_id: space, name: "退款" });
    const { code, err } = await run("plan");
    expect([code, err]).toEqual([0, ""]);
  });
});

test("a tool is looked up within a plugin that is looked up, and an app as the source of a copy", async () => {
  const { world, space, run, calls } = stage({
    "bot.yaml": manifest(
      "Bot",
      "a",
      `{${desk}, name: a, plugins: [{plugin: {lookup: {name: 天气}}, tool: {lookup: {name: now}}}, {plugin: {lookup: {name: 天气}}, tool: {lookup: {name: day}}}]}`,
    ),
    "copy.yaml": manifest(
      "Copy",
      "shop",
      `{type: app, source: {app: {lookup: {name: 商城, workspace: {lookup: {name: 客服空间}}}}}, ${desk}}`,
    ),
  });
  const tools = ["now", "day"].map((name) => ({ id: world.newId(), name, description: "" }));
  const plugin = world.addPlugin({ name: "天气", tools });
  const app = world.addApp({ space_id: space, name: "商城" });
  const { code, err, out } = await run("plan --no-color --full");
  expect([code, err]).toEqual([0, ""]);
  expect(calls()).toEqual({
    list_workspace: 1,
    list_plugin: 1,
    get_plugin: 1,
    published_apps_list: 2,
    bots_list_draft_published: 1,
  });
  for (const id of [plugin.id, ...tools.map((one) => one.id), app.id]) expect(out).toContain(`→ ${id}`);
  await run("apply --auto-approve");
  const [bot] = [...world.bots.values()];
  expect(bot?.draft.plugin_id_list?.id_list).toEqual(
    tools.map(({ id }) => ({ plugin_id: plugin.id, api_id: id })),
  );
  expect([...world.apps.values()].map(({ name }) => name)).toEqual(["商城", "商城"]);
});

test("lookups within a workspace that the manifest imports find it though the state is lost", async () => {
  const { world, space, run, write } = stage({
    "bot.yaml": manifest(
      "Bot",
      "a",
      "{workspace: desk, name: a, workflows: [{lookup: {name: 退款, workspace: desk}}]}",
    ),
  });
  world.publishWorkflow(world.addWorkflow({ space_id: space, name: "退款" }).id);
  write({
    "desk.yaml": manifest(
      "Workspace",
      "desk",
      "{name: 客服空间, description: x}",
      `, import: {id: "${space}"}`,
    ),
  });
  const { code, err } = await run("plan");
  expect([code, err]).toEqual([0, ""]);
});
