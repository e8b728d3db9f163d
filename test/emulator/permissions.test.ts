import { describe, expect, test } from "@jest/globals";
import { operations } from "../../src/emulator/http/routes.ts";
import { type Answer, listAt, readAnswer, type Stage, setStage } from "./client.ts";
import { oauthApp, signJwt } from "./jwt.ts";

const base = "http://localhost";

async function send(
  stage: Stage,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, "agw-js-conv": "str" };
  const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
  return readAnswer(await stage.emulator.fetch(base + path, init));
}

const lacking = {
  status: 401,
  body: {
    code: 4101,
    msg: "Your token does not have permission to access resource. Please verify whether the resource ID or token is correct.",
  },
};

describe("permission points", () => {
  test("are asked by every operation but those whose page says none", () => {
    const free = operations.filter(({ permissions }) => "length" in permissions && permissions.length === 0);
    expect(free.map(({ name }) => name)).toEqual([
      "list_plugin",
      "list_plugin_category",
      "query_resource_copy_execution_result",
      "oauth_jwt",
      "oauth_device_code",
      "oauth_device_code",
      "oauth_jwt_collaborate",
      "oauth_jwt_privilege",
    ]);
  });

  test("let a token do what it holds them for, and nothing else", async () => {
    const stage = setStage({ tokens: [{ token: "pat_reader", permissions: ["listWorkspace", "listBot"] }] });
    expect(await send(stage, "pat_reader", "GET", "/v1/workspaces")).toMatchObject({ status: 200 });
    expect(await send(stage, "pat_reader", "GET", "/v1/stores/plugins")).toMatchObject({ status: 200 });
    const create = { name: "x", description: "" };
    expect(await send(stage, "pat_reader", "POST", "/v1/workspaces", create)).toMatchObject(lacking);
    expect(stage.emulator.world.workspaces.size).toBe(2);
  });

  test("are all needed where the page lists several", async () => {
    const stage = setStage({ tokens: [{ token: "pat_half", permissions: ["disconnectBot", "publish"] }] });
    const bot = stage.emulator.world.addBot({ space_id: stage.space });
    const publish = { bot_id: bot.id, connector_ids: ["1024"] };
    expect(await send(stage, "pat_half", "POST", "/v1/bot/publish", publish)).toMatchObject({ status: 200 });
    const unpublish = { connector_id: "1024" };
    const path = `/v1/bots/${bot.id}/unpublish`;
    expect(await send(stage, "pat_half", "POST", path, unpublish)).toMatchObject(lacking);
    stage.emulator.tokens.grant("pat_half", ["Connector.disconnectBot"], 0);
    expect(await send(stage, "pat_half", "POST", path, unpublish)).toMatchObject({ status: 200 });
  });

  test("of a copy depend on what is copied", async () => {
    const permissions = ["Bot.duplicate", "Workspace.createBot", "Workflow.copy"];
    const stage = setStage({ tokens: [{ token: "pat_copier", permissions }] });
    const { world } = stage.emulator;
    const copy = (entity_type: string, entity_id: string) =>
      send(stage, "pat_copier", "POST", "/v1/entities/copy_tasks", { entity_type, entity_id });
    expect(await copy("bot", world.addBot({ space_id: stage.space }).id)).toMatchObject({ status: 200 });
    expect(await copy("workflow", world.addWorkflow({ space_id: stage.space }).id)).toMatchObject(lacking);
    expect(await copy("app", world.addApp({ space_id: stage.space }).id)).toMatchObject(lacking);
  });

  test("that were just granted to an app count late, also for tokens it has", async () => {
    const app = oauthApp({ permissions: [] });
    const stage = setStage({ apps: [app] });
    const authorization = `Bearer ${await signJwt(app, stage.clock.ms)}`;
    const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    const { body } = await stage.post("/api/permission/oauth2/token", { grant_type }, { authorization });
    const statuses = [];
    stage.emulator.tokens.grant(app.app_id, ["listWorkspace"]);
    for (const ms of [0, 4999, 1]) {
      stage.clock.ms += ms;
      statuses.push((await send(stage, String(body.access_token), "GET", "/v1/workspaces")).status);
    }
    expect(statuses).toEqual([401, 401, 200]);
  });

  test("of a privileged app are those of management unless said otherwise", async () => {
    const app = oauthApp({ kind: "privileged" });
    const stage = setStage({ apps: [app] });
    const authorization = `Bearer ${await signJwt(app, stage.clock.ms)}`;
    const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    const path = `/api/permission/oauth2/enterprise_id/${stage.emulator.world.options.enterpriseId}/token`;
    const token = String((await stage.post(path, { grant_type }, { authorization })).body.access_token);
    const members = `/v1/workspaces/${stage.space}/members`;
    expect(await send(stage, token, "GET", members)).toMatchObject({ status: 200 });
    const bots = `/v1/bots?workspace_id=${stage.space}`;
    expect(await send(stage, token, "GET", bots)).toMatchObject(lacking);
  });
});

describe("a token for one workspace", () => {
  const openTwo = () => {
    const stage = setStage();
    const { world } = stage.emulator;
    const other = world.addWorkspace({ name: "other" }).id;
    const limited = setStage({ tokens: [{ token: "pat_limited", workspaces: [stage.space] }] });
    for (const [id, workspace] of world.workspaces) limited.emulator.world.workspaces.set(id, workspace);
    return { stage: limited, space: stage.space, other };
  };
  const forbidden = { status: 403, body: { code: 4101 } };

  test("lists no other", async () => {
    const { stage, space } = openTwo();
    const answer = await send(stage, "pat_limited", "GET", "/v1/workspaces");
    expect(listAt(answer, "data.workspaces").map(({ id }) => id)).toEqual([space]);
    expect(answer.body).toMatchObject({ data: { total_count: 1 } });
  });

  test("gets 4101 for what is in others", async () => {
    const { stage, space, other } = openTwo();
    const { world } = stage.emulator;
    const calls = (place: string): [string, string, object?][] => {
      const bot = world.addBot({ space_id: place, channels: { "1024": "1" } }).id;
      const dataset = world.addDataset({ space_id: place }).id;
      const workflow = world.addWorkflow({ space_id: place }).id;
      const folder = world.addFolder({ workspace_id: place }).id;
      const plugin = world.addPlugin({ space_id: place }).id;
      return [
        ["GET", `/v1/workspaces/${place}/members`],
        ["PUT", `/v1/workspaces/${place}`, { name: "x" }],
        ["GET", `/v1/bots?workspace_id=${place}`],
        ["GET", `/v1/apps?workspace_id=${place}`],
        ["GET", `/v1/workflows?page_num=1&workspace_id=${place}`],
        ["GET", `/v1/datasets?space_id=${place}`],
        ["GET", `/v1/bots/${bot}?is_published=false`],
        ["POST", "/v1/bot/update", { bot_id: bot, name: "x" }],
        ["POST", "/v1/bot/create", { space_id: place, name: "x" }],
        ["POST", `/v1/bots/${bot}/unpublish`, { connector_id: "1024" }],
        ["PUT", `/v1/datasets/${dataset}`, { name: "x" }],
        ["POST", "/open_api/knowledge/document/list", { dataset_id: dataset }],
        ["POST", "/v1/entities/copy_tasks", { entity_type: "bot", entity_id: bot }],
        ["GET", `/v1/workflows/${workflow}`],
        ["GET", `/v1/folders/${folder}`],
        ["GET", `/v1/plugins/${plugin}`],
        ["DELETE", `/v1/datasets/${dataset}`],
      ];
    };
    for (const call of calls(space)) {
      expect([call, (await send(stage, "pat_limited", ...call)).status]).toEqual([call, 200]);
    }
    for (const call of calls(other)) {
      expect({ call, ...(await send(stage, "pat_limited", ...call)) }).toMatchObject({ call, ...forbidden });
      // By the token that may do everything all of them can be had.
      expect([call, (await send(stage, stage.emulator.token, ...call)).status]).toEqual([call, 200]);
    }
  });

  test("finds no plugins of others among those it asks for", async () => {
    const { stage, space, other } = openTwo();
    const ids = [space, other, ""].map((space_id) => stage.emulator.world.addPlugin({ space_id }).id);
    const answer = await send(stage, "pat_limited", "GET", `/v1/plugins/mget?ids=${ids.join(",")}`);
    expect(listAt(answer, "data.items").map(({ plugin_id }) => plugin_id)).toEqual([ids[0], ids[2]]);
  });
});

test("a token for an organization reaches no workspace of another", async () => {
  const app = oauthApp({ organization_id: "7001" });
  const stage = setStage({ apps: [app] });
  const { world } = stage.emulator;
  world.addWorkspace({ name: "own", coze_account_id: "7001" });
  world.addWorkspace({ name: "foreign", coze_account_id: "7002" });
  const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  const names = [];
  for (const path of ["account/7001/token", "token"]) {
    const authorization = `Bearer ${await signJwt(app, stage.clock.ms)}`;
    const { body } = await stage.post(`/api/permission/oauth2/${path}`, { grant_type }, { authorization });
    const answer = await send(stage, String(body.access_token), "GET", "/v1/workspaces");
    names.push(listAt(answer, "data.workspaces").map(({ name }) => name));
  }
  expect(names).toEqual([
    ["个人空间", "team", "own"],
    ["个人空间", "team", "own", "foreign"],
  ]);
});

describe("tokens of elsewhere", () => {
  const ask = async (stage: Stage, token: string) => {
    const { status, body } = await send(stage, token, "GET", "/v1/workspaces");
    return [status, body.code, body.msg];
  };

  test("of the other region are invalid here", async () => {
    const stage = setStage({ tokens: [{ token: "pat_com", region: "com" }] });
    expect(await ask(stage, "pat_com")).toEqual([401, 4100, "authentication is invalid"]);
    const abroad = setStage({ region: "com", tokens: [{ token: "pat_cn", region: "cn" }] });
    expect(await ask(abroad, "pat_cn")).toEqual([401, 4100, "authentication is invalid"]);
    expect(await ask(abroad, abroad.emulator.token)).toEqual([200, 0, ""]);
  });

  test("that nobody issued are invalid, and lack permission when they don't look like tokens", async () => {
    const stage = setStage();
    expect(await ask(stage, "czs_unknown")).toEqual([401, 4100, "authentication is invalid"]);
    expect(await ask(stage, "unknown")).toEqual([
      401,
      4101,
      "The token you entered is incorrect. Please double-check and try again.",
    ]);
  });
});
