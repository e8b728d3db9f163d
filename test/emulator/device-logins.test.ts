import { afterEach, describe, expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { expectExchangesMatchOpenApi } from "../support/openapi-check.ts";
import { listAt, type Stage, setStage } from "./client.ts";

const client_id = "1406020730";
const device = { app_id: client_id, kind: "device" } as const;
const base = "/api/permission/oauth2";
const grant_type = "urn:ietf:params:oauth:grant-type:device_code";

const stages: Stage[] = [];

afterEach(() => {
  for (const { emulator } of stages.splice(0)) {
    const asked = emulator.requests.filter(({ operation }) => operation?.startsWith("oauth"));
    expectExchangesMatchOpenApi(asked);
  }
});

function open(options: EmulatorOptions = {}): Stage {
  const stage = setStage({ apps: [device], ...options });
  stages.push(stage);
  return stage;
}

const begin = async (stage: Stage, path = "device/code") =>
  (await stage.post(`${base}/${path}`, { client_id }, {})).body;

const collect = (stage: Stage, device_code: unknown, client = client_id) =>
  stage.post(`${base}/token`, { client_id: client, grant_type, device_code }, {});

const renew = (stage: Stage, refresh_token: unknown) =>
  stage.post(`${base}/token`, { client_id, grant_type: "refresh_token", refresh_token }, {});

const namesFor = async (stage: Stage, token: unknown) =>
  listAt(await stage.as(String(token)).get("/v1/workspaces"), "data.workspaces").map(({ name }) => name);

describe("the login of a device", () => {
  test("waits for the user's consent, not asking too often, and gives a token once", async () => {
    const stage = open({ world: { consentMs: 12_000 } });
    const login = await begin(stage);
    expect(login).toEqual({
      device_code: expect.stringMatching(/^\w{60}$/),
      user_code: expect.stringMatching(/^[A-Z\d]{4}-[A-Z\d]{4}$/),
      verification_uri: expect.stringMatching(/^https:/),
      expires_in: 300,
      interval: 5,
    });
    const errors = [];
    for (const ms of [0, 4999, 5000, 0]) {
      stage.clock.ms += ms;
      const { status, body } = await collect(stage, login.device_code);
      errors.push([status, body.error, typeof body.error_description]);
    }
    expect(errors).toEqual([
      [400, "authorization_pending", "string"],
      [400, "slow_down", "string"],
      [400, "authorization_pending", "string"],
      [400, "slow_down", "string"],
    ]);
    stage.clock.ms += 5000;
    const { status, body } = await collect(stage, login.device_code);
    expect([status, body]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^czu_/),
        expires_in: Math.floor(stage.clock.ms / 1000) + 900,
        refresh_token: expect.stringMatching(/^\w{60}$/),
      },
    ]);
    expect(await namesFor(stage, body.access_token)).toEqual(["个人空间", "team"]);
    stage.clock.ms += 5000;
    expect((await collect(stage, login.device_code)).body.error).toBe("expired_token");
    const log = JSON.stringify(stage.emulator.requests.map(({ response }) => response));
    const secrets = [body.access_token, body.refresh_token, login.device_code].map(String);
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
  });

  test("ends when the user refuses, after five minutes, and for unknown apps at once", async () => {
    const stage = open({ world: { consents: false } });
    const { device_code } = await begin(stage);
    stage.clock.ms += 3000;
    expect((await collect(stage, device_code)).body.error).toBe("access_denied");
    expect((await collect(stage, device_code)).body.error).toBe("expired_token");
    const late = await begin(stage);
    stage.clock.ms += 300_000;
    expect((await collect(stage, late.device_code)).body.error).toBe("expired_token");
    const other = await begin(stage);
    expect((await collect(stage, other.device_code, "7")).body.error).toBe("expired_token");
    const unknown = await stage.post(`${base}/device/code`, { client_id: "7" }, {});
    expect(unknown).toMatchObject({ status: 401, body: { error_code: "invalid_client" } });
    const nameless = await stage.post(`${base}/device/code`, {}, {});
    expect(nameless).toMatchObject({ status: 400, body: { error_code: "invalid_request" } });
  });

  test("is renewed for thirty days, each time by a new text", async () => {
    const stage = open({ expiredAs: "http-401" });
    const { device_code } = await begin(stage);
    stage.clock.ms += 5000;
    const first = (await collect(stage, device_code)).body;
    stage.clock.ms += 900_000;
    expect((await stage.as(String(first.access_token)).get("/v1/workspaces")).status).toBe(401);
    const second = (await renew(stage, first.refresh_token)).body;
    expect(await namesFor(stage, second.access_token)).toEqual(["个人空间", "team"]);
    expect(await renew(stage, first.refresh_token)).toMatchObject({
      status: 400,
      body: { error_code: "invalid_request" },
    });
    stage.clock.ms += 30 * 24 * 3600 * 1000;
    expect((await renew(stage, second.refresh_token)).status).toBe(400);
  });

  test("reaches one workspace if that was asked for, on the plans of enterprises", async () => {
    const stage = open({ tokens: [] });
    const login = await begin(stage, `workspace_id/${stage.space}/device/code`);
    stage.clock.ms += 5000;
    const { body } = await collect(stage, login.device_code);
    expect(await namesFor(stage, body.access_token)).toEqual(["team"]);
    const own = open({ plan: "personal" });
    expect((await begin(own, `workspace_id/${own.space}/device/code`)).error_code).toBe("access_deny");
  });

  test("takes any app where none is named", async () => {
    const stage = open({ apps: [] });
    const { device_code } = await begin(stage);
    stage.clock.ms += 5000;
    const { body } = await collect(stage, device_code);
    expect(await namesFor(stage, body.access_token)).toEqual(["个人空间", "team"]);
  });

  test("has the permissions of its app", async () => {
    const stage = open({ apps: [{ ...device, permissions: ["listWorkspace"] }] });
    const { device_code } = await begin(stage);
    stage.clock.ms += 5000;
    const by = stage.as(String((await collect(stage, device_code)).body.access_token));
    expect((await by.get("/v1/workspaces")).body.code).toBe(0);
    expect((await by.get(`/v1/bots?workspace_id=${stage.space}`)).body.code).toBe(4101);
  });
});
