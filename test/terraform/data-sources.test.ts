import { describe, expect, test } from "@jest/globals";
import { formatPath } from "../../src/core/spec-walk.ts";
import type { Json, Values } from "../../src/core/value.ts";
import { kinds } from "../../src/kinds/index.ts";
import { readDataSource, validateDataSource } from "../../src/terraform/provider/data-sources.ts";
import type { ProviderDiagnostic } from "../../src/terraform/provider/provider-interface.ts";
import { type Attributes, objectType } from "../../src/terraform/schema/attribute.ts";
import { dataSourceSchemas } from "../../src/terraform/schema/data-source-schema.ts";
import { resourceType } from "../../src/terraform/schema/names.ts";
import { decodeValue, encodeValue } from "../../src/terraform/values/codec.ts";
import { unknown } from "../../src/terraform/values/unknown.ts";
import { kindOf, setStage } from "./remote-stage.ts";

const attributesOf = (type: string): Attributes => dataSourceSchemas[type]?.attributes ?? {};

/** A configuration with every attribute. */
const configOf = (type: string, values: Values): Values => ({
  ...Object.fromEntries(Object.keys(attributesOf(type)).map((name) => [name, null])),
  ...values,
});

const tell = (diagnostics: readonly ProviderDiagnostic[]): readonly string[] =>
  diagnostics.map(
    ({ summary, detail = "-", path = [] }) =>
      `${formatPath(path)} | ${summary} | ${detail.replaceAll(/(?<=logid )\d+/gu, "LOGID")}`,
  );

/** Looks something up as one process does it: what is found, or what is complained of, and the calls. */
async function look(stage: ReturnType<typeof setStage>, type: string, values: Values) {
  const remote = stage.open();
  const { result, calls } = await stage.watch(() => readDataSource(type, configOf(type, values), remote));
  const { state, diagnostics } = result;
  // Every state is one that Terraform takes.
  const form = objectType(attributesOf(type));
  if (state) expect(decodeValue(encodeValue(state, form), form)).toEqual(state);
  return { state, diagnostics: tell(diagnostics), calls };
}

/** What isn't null. */
const given = (state: Values | null): Values =>
  Object.fromEntries(Object.entries(state ?? {}).filter(([, value]) => value !== null));

describe("the schemas", () => {
  test("are those of all kinds whose objects can be told apart by what is seen of them", () => {
    expect(Object.keys(dataSourceSchemas)).toEqual(
      kinds.map(resourceType).filter((type) => type !== "coze_copy"),
    );
  });

  test("take an id or what an object is called, and give the rest", () => {
    const flags = (type: string) =>
      Object.entries(attributesOf(type)).map(([name, { required, optional, computed }]) =>
        [name, required && "required", optional && "optional", computed && "computed"]
          .filter(Boolean)
          .join(" "),
      );
    expect(flags("coze_bot").slice(0, 5)).toEqual([
      "id optional computed",
      "workspace optional computed",
      "name optional computed",
      "description computed",
      "prompt computed",
    ]);
    expect(flags("coze_workspace_member")).toEqual([
      "id computed",
      "workspace required",
      "user_id required",
      "role computed",
      "nickname computed",
    ]);
    expect(dataSourceSchemas.coze_workspace_member?.description).toBe(
      "A user's membership of a workspace. Looked up by workspace and user_id; it is an error if there is none or more than one.",
    );
  });

  test("hold nothing that Coze never shows, and keep secrets secret", () => {
    const names = (attributes: Attributes): readonly string[] =>
      Object.entries(attributes).flatMap(([name, { type }]) => [
        name,
        ...(typeof type === "object" && "nested" in type ? names(type.nested.attributes) : []),
      ]);
    const all = Object.values(dataSourceSchemas).flatMap(({ attributes }) => names(attributes));
    for (const hidden of [
      "icon",
      "config",
      "config_wo",
      "icon_sha256",
      "file",
      "unfinished",
      "search_strategy",
    ]) {
      expect(all).not.toContain(hidden);
    }
    expect(attributesOf("coze_callback_app").verify_token).toMatchObject({ sensitive: true, computed: true });
  });
});

describe("what is wrong with a configuration", () => {
  const cases: readonly (readonly [string, string, Values, readonly string[]])[] = [
    ["an id", "coze_bot", { id: "1" }, []],
    ["an id and what holds it", "coze_bot", { id: "1", workspace: "2" }, []],
    ["a name and what holds it", "coze_bot", { name: "a", workspace: "2" }, []],
    [
      "what isn't known yet",
      "coze_bot",
      { id: unknown, name: "a", workspace: unknown },
      ["name | id and name can't be set together | Remove one of them."],
    ],
    ["nothing", "coze_bot", {}, [" | id or workspace and name must be set | Set workspace and name."]],
    ["a name alone", "coze_bot", { name: "a" }, [" | id or workspace and name must be set | Set workspace."]],
    ["nothing, of what nothing holds", "coze_workspace", {}, [" | id or name must be set | Set name."]],
    [
      "an id and a name",
      "coze_bot",
      { id: "1", name: "a" },
      ["name | id and name can't be set together | Remove one of them."],
    ],
    [
      "a name in place of an id",
      "coze_workspace",
      { id: "desk" },
      ['id | id must be the id of a coze_workspace; found "desk" | To look it up by name, set name instead.'],
    ],
    [
      "a name in place of what holds it",
      "coze_bot",
      { name: "a", workspace: "desk" },
      [
        'workspace | workspace must be the id of a coze_workspace; found "desk" | Refer to it: coze_workspace.NAME.id, or data.coze_workspace.NAME.id for one that isn\'t managed here.',
      ],
    ],
    ["an empty name", "coze_plugin", { name: "" }, ["name | name is empty | -"]],
  ];
  test.each(cases)("%s", (_name, type, values, diagnostics) => {
    expect(tell(validateDataSource(type, configOf(type, values)))).toEqual(diagnostics);
  });
});

describe("what is looked up", () => {
  /** A space with two bots of one name and one of another. */
  function addBots(stage: ReturnType<typeof setStage>) {
    const { world } = stage;
    const { id: workspace } = world.addWorkspace({ name: "客服", description: "说明" });
    const bots = ["售后", "售后", "导购"].map(
      (name, index) =>
        world.addBot({
          space_id: workspace,
          draft: { name, description: `第${index}` },
          channels: index === 2 ? { "1024": "3" } : {},
        }).id,
    );
    return { workspace, bots };
  }

  test("a workspace, by its name, costs one list", async () => {
    const stage = setStage();
    const { workspace } = addBots(stage);
    const { state, calls } = await look(stage, "coze_workspace", { name: "客服" });
    expect(given(state)).toEqual({
      id: workspace,
      name: "客服",
      description: "说明",
      owner: expect.any(String),
      type: "team",
    });
    expect(calls).toEqual({ list_workspace: 1 });
  });

  test("a user by name, a folder by its path, and of voices of one name that of a language", async () => {
    const stage = setStage();
    const { world } = stage;
    const { workspace } = addBots(stage);
    world.addUser({ id: "101", nickname: "小李", unique_name: "li_01" });
    world.workspaces.get(workspace)?.members.push({ user_id: "101", role_type: "member" });
    for (const name of ["小李", "li_01"]) {
      const { state, calls } = await look(stage, "coze_user", { in: workspace, name });
      expect([state, calls]).toEqual([
        { id: "101", in: workspace, name, unique_name: "li_01" },
        { list_space_member: 1 },
      ]);
    }
    const outer = world.addFolder({ workspace_id: workspace, name: "客服" });
    const inner = world.addFolder({ workspace_id: workspace, name: "售后", parent_folder_id: outer.id });
    const folder = await look(stage, "coze_folder", { workspace, path: "客服/售后" });
    expect([folder.state?.id, folder.calls]).toEqual([inner.id, { workspace_list_folder: 2 }]);
    const byId = await look(stage, "coze_folder", { id: inner.id });
    expect(byId.state).toMatchObject({ workspace, path: "客服/售后" });
    const [zh, en] = ["zh", "en"].map((language_code) => world.addVoice({ name: "温柔", language_code }).id);
    expect((await look(stage, "coze_voice", { name: "温柔", language: "en" })).state).toMatchObject({
      id: en,
    });
    const both = await look(stage, "coze_voice", { name: "温柔" });
    expect([both.state, both.diagnostics]).toEqual([null, [expect.stringContaining(`${zh}, ${en}`)]]);
  });

  test("a bot, by its name, with where it is published", async () => {
    const stage = setStage();
    const { workspace, bots } = addBots(stage);
    const { state, calls } = await look(stage, "coze_bot", { workspace, name: "导购" });
    expect(state).toMatchObject({
      id: bots[2],
      workspace,
      name: "导购",
      description: "第2",
      publish: { connectors: [{ id: "1024" }] },
    });
    expect(calls).toEqual({ bots_list_draft_published: 3, get_metadata_draft_published: 1 });
  });

  test("a bot by its id, wherever it is", async () => {
    const stage = setStage();
    const { workspace, bots } = addBots(stage);
    const { state } = await look(stage, "coze_bot", { id: bots[0] ?? "" });
    expect(state).toMatchObject({ id: bots[0], workspace, name: "售后", description: "第0" });
    const { state: same } = await look(stage, "coze_bot", { id: bots[0] ?? "", workspace });
    expect(same).toEqual(state);
    const { state: published } = await look(stage, "coze_bot", { id: bots[2] ?? "" });
    expect(published).toMatchObject({ publish: { connectors: [{ id: "1024" }] } });
  });

  test("a document, whose name Coze may write in another way", async () => {
    const stage = setStage();
    const { id: space_id } = stage.world.addWorkspace({ name: "客服" });
    const { id: dataset } = stage.world.addDataset({ space_id, name: "规则" });
    const page = { dataset, name: "退货.txt", source: { url: "https://example.com/rules" } };
    const { result } = await stage.watch(() => stage.open().create(kindOf("Document"), page, []));
    const [id] = "id" in result ? [result.id] : [];
    const { state } = await look(stage, "coze_document", { dataset, name: "退货" });
    expect(state).toMatchObject({ id, dataset, name: "退货" });
  });

  test("a workflow, a plugin and its tool", async () => {
    const stage = setStage();
    const { id: workspace } = stage.world.addWorkspace({ name: "客服" });
    const workflow = stage.world.addWorkflow({ space_id: workspace, name: "摘要", description: "做摘要" });
    const tools = [{ id: "77", name: "web", description: "搜索" }];
    const plugin = stage.world.addPlugin({ name: "搜索", description: "查", tools });
    expect((await look(stage, "coze_workflow", { workspace, name: "摘要" })).state).toEqual({
      id: workflow.id,
      workspace,
      name: "摘要",
      description: "做摘要",
    });
    expect((await look(stage, "coze_plugin", { name: "搜索" })).state).toEqual({
      id: plugin.id,
      name: "搜索",
      description: "查",
    });
    expect((await look(stage, "coze_plugin_tool", { plugin: plugin.id, name: "web" })).state).toEqual({
      id: "77",
      plugin: plugin.id,
      name: "web",
      description: "搜索",
    });
  });

  test("a member", async () => {
    const stage = setStage();
    const { id: workspace } = stage.world.addWorkspace({
      name: "客服",
      members: [
        { user_id: stage.world.options.me.id, role_type: "owner" },
        { user_id: "11", role_type: "admin" },
      ],
    });
    const { state } = await look(stage, "coze_workspace_member", { workspace, user_id: "11" });
    expect(state).toMatchObject({ id: "11", workspace, user_id: "11", role: "admin" });
  });

  test("several of one name are told of with their ids", async () => {
    const stage = setStage();
    const { workspace, bots } = addBots(stage);
    const { state, diagnostics } = await look(stage, "coze_bot", { workspace, name: "售后" });
    const ids = bots.slice(0, 2).sort().join(", ");
    expect(state).toBeNull();
    expect(
      diagnostics.map((one) =>
        one.replace(/\d+, \d+(?= \|)/u, (found) => found.split(", ").sort().join(", ")),
      ),
    ).toEqual([
      `name | Coze shows 2 coze_bot with name "售后": ${ids} in workspace ${workspace} | Choose one: set id instead of workspace and name.`,
    ]);
  });

  test("none is told of with the nearest, or with what there is", async () => {
    const stage = setStage();
    const { workspace, bots } = addBots(stage);
    const { diagnostics: near } = await look(stage, "coze_bot", { workspace, name: "导购员" });
    expect(near).toEqual([
      `name | Coze shows no coze_bot with name "导购员": searched in workspace ${workspace} | Did you mean 导购 (${bots[2]})?`,
    ]);
    const { diagnostics: far } = await look(stage, "coze_bot", { workspace, name: "天气预报" });
    expect(far).toEqual([
      expect.stringMatching(
        new RegExp(
          `^name \\| Coze shows no coze_bot with name "天气预报": searched in workspace ${workspace} \\| Coze has .*导购 \\(${bots[2]}\\)`,
          "u",
        ),
      ),
    ]);
    const empty = stage.world.addWorkspace({ name: "空" }).id;
    const { diagnostics: nothing } = await look(stage, "coze_bot", { workspace: empty, name: "售后" });
    expect(nothing).toEqual([
      `name | Coze shows no coze_bot with name "售后": searched in workspace ${empty} | Check the name and the token's access.`,
    ]);
  });

  test("an id that nobody has", async () => {
    const stage = setStage();
    addBots(stage);
    const { diagnostics } = await look(stage, "coze_dataset", { id: "1" });
    expect(diagnostics).toEqual([
      "id | Coze shows no coze_dataset 1 | Check the id and the token's access, or set workspace and name instead of id.",
    ]);
  });

  test("what Coze refuses is an error of its own", async () => {
    const stage = setStage();
    const { workspace } = addBots(stage);
    stage.emulator.faults.set([{ operation: "bots_list_draft_published", fault: "refuse", code: 4101 }]);
    const { diagnostics } = await look(stage, "coze_bot", { workspace, name: "售后" });
    expect(diagnostics).toEqual([
      " | could not look up coze_bot: the token lacks the permission listBot, or the object isn't visible to it: The request is refused | The call: bots_list_draft_published, code 4101, logid LOGID.\nGrant the token the permission and access to the workspace; a new grant takes effect after a few seconds.",
    ]);
  });

  test("a value that became known only now is checked", async () => {
    const stage = setStage();
    const { diagnostics, calls } = await look(stage, "coze_bot", { workspace: "desk", name: "a" } as {
      [name: string]: Json;
    });
    expect(diagnostics).toHaveLength(1);
    expect(calls).toEqual({});
  });
});
