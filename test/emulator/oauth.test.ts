import { generateKeyPairSync } from "node:crypto";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { expectExchangesMatchOpenApi } from "../support/openapi-check.ts";
import { privatePem } from "../support/rsa-keys.ts";
import { type Answer, readAnswer, type Stage, setStage, withDoor } from "./client.ts";
import { oauthApp, signJwt } from "./jwt.ts";

const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const tokenPath = "/api/permission/oauth2/token";
const organization_id = "7490888144456001";
const app = oauthApp({ name: "ci", organization_id });
const privileged = oauthApp({ app_id: "1127900106118", kind: "privileged", enterprise_id: "volcano_1" });

const stages: Stage[] = [];

afterEach(() => {
  for (const { emulator } of stages.splice(0)) {
    const asked = emulator.requests.filter(({ operation }) => operation?.startsWith("oauth"));
    // Requests that are refused for their form can't have the documented one.
    expectExchangesMatchOpenApi(asked.filter(({ status }) => status !== 400));
  }
});

function open(options: EmulatorOptions = {}): Stage {
  const stage = setStage({ apps: [app, privileged], ...options });
  stages.push(stage);
  return stage;
}

const ask = (stage: Stage, jwt: string, body: object = { grant_type }, path = tokenPath): Promise<Answer> =>
  stage.post(path, body, { authorization: `Bearer ${jwt}` });

async function mint(stage: Stage, seconds?: number, from = app): Promise<string> {
  const body = { grant_type, ...(seconds === undefined ? {} : { duration_seconds: seconds }) };
  const answer = await ask(stage, await signJwt(from, stage.clock.ms), body);
  return String(answer.body.access_token);
}

async function list(stage: Stage, token: string): Promise<unknown[]> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await stage.emulator.fetch("http://localhost/v1/workspaces", { headers });
  const { status, body } = await readAnswer(response);
  return [status, body.code, body.msg];
}

describe("a JWT", () => {
  test("gives a token until an absolute time, without an envelope", async () => {
    const stage = open();
    const answer = await ask(stage, await signJwt(app, stage.clock.ms));
    const [, issued] = stage.emulator.tokens.list();
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({ access_token: issued?.token, expires_in: stage.clock.ms / 1000 + 900 });
    expect(issued).toMatchObject({ name: `${app.app_id}#1`, kind: "oauth", app_id: app.app_id });
    expect(issued?.token).toMatch(/^czs_\w{64}$/);
    expect(await list(stage, String(issued?.token))).toEqual([200, 0, ""]);
  });

  test("gives a token for as long as is asked", async () => {
    const stage = open();
    for (const duration_seconds of [1, 86_399]) {
      const jwt = await signJwt(app, stage.clock.ms);
      const { body } = await ask(stage, jwt, { grant_type, duration_seconds });
      expect(body.expires_in).toBe(stage.clock.ms / 1000 + duration_seconds);
    }
  });

  test("counts once, also when its answer was lost", async () => {
    const lost: string[] = [];
    const stage = open({
      hooks: {
        after: ({ operation }) => {
          lost.push(operation);
          if (lost.length === 1) throw new Error("cut");
          return undefined;
        },
      },
    });
    const jwt = await signJwt(app, stage.clock.ms);
    await expect(ask(stage, jwt)).rejects.toThrow(TypeError);
    expect(await ask(stage, jwt)).toMatchObject({ status: 401, body: refused("invalid_client") });
    expect(await ask(stage, await signJwt(app, stage.clock.ms))).toMatchObject({ status: 200 });
    expect(stage.emulator.tokens.refusals).toEqual(["jti was used before"]);
  });

  test("may be meant for the host it is sent to, with the port or without", async () => {
    const stage = open();
    const codes = [];
    for (const aud of ["api.coze.cn", "localhost", "127.0.0.1:80", "api.coze.com", "http://localhost"]) {
      const { body } = await ask(stage, await signJwt(app, stage.clock.ms, { claims: { aud } }));
      codes.push(body.error_code ?? "token");
    }
    expect(codes).toEqual(["token", "token", "invalid_client", "invalid_client", "invalid_client"]);
    await withDoor(stage.emulator, async (url) => {
      const aud = new URL(url).host;
      const authorization = `Bearer ${await signJwt(app, stage.clock.ms, { claims: { aud } })}`;
      const init = { method: "POST", headers: { authorization }, body: JSON.stringify({ grant_type }) };
      expect((await fetch(url + tokenPath, init)).status).toBe(200);
    });
  });

  test("is meant for the other API where the emulator is one of the other region", async () => {
    const stage = open({ region: "com" });
    const statuses = [];
    for (const aud of ["api.coze.cn", "api.coze.com"]) {
      statuses.push((await ask(stage, await signJwt(app, stage.clock.ms, { claims: { aud } }))).status);
    }
    expect(statuses).toEqual([401, 200]);
    expect((await stage.get("/v1/workspaces")).status).toBe(200);
  });

  const second = 1000;
  const start = Date.UTC(2026, 0, 1) / second;
  const claimCases: readonly [string, Readonly<Record<string, unknown>>, string | undefined][] = [
    ["of another app", { iss: "1" }, `no app 1 with key ${app.key_id}`],
    ["for another audience", { aud: "api.coze.com" }, 'unexpected "aud" claim value'],
    ["without audience", { aud: undefined }, 'missing required "aud" claim'],
    ["without a beginning", { iat: undefined }, 'missing required "iat" claim'],
    ["without an end", { exp: undefined }, 'missing required "exp" claim'],
    ["without jti", { jti: undefined }, 'missing required "jti" claim'],
    ["with an empty jti", { jti: "" }, "jti is empty"],
    ["that ended", { iat: start - 600, exp: start - 30 }, '"exp" claim timestamp check failed'],
    ["that ended within the skew", { iat: start - 600, exp: start - 29 }, undefined],
    ["from the future", { iat: start + 31 }, "iat lies in the future"],
    ["from the future within the skew", { iat: start + 30 }, undefined],
    ["that ends as it begins", { iat: start, exp: start }, "exp is not later than iat"],
  ];
  test.each(claimCases)("%s", async (_title, claims, reason) => {
    const stage = open();
    const answer = await ask(stage, await signJwt(app, stage.clock.ms, { claims }));
    expect(stage.emulator.tokens.refusals).toEqual(reason === undefined ? [] : [reason]);
    expect([answer.status, answer.body.error_code]).toEqual(
      reason === undefined ? [200, undefined] : [401, "invalid_client"],
    );
  });

  test("with a wrong header or signature, and what is none", async () => {
    const stage = open();
    const now = stage.clock.ms;
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const secret = new TextEncoder().encode(app.public_key);
    const jwts = [
      await signJwt(app, now, { header: { kid: "other" } }),
      await signJwt(app, now, { header: { typ: "at+jwt" } }),
      await signJwt(app, now, { header: { alg: "PS256" } }),
      await signJwt(app, now, { header: { alg: "HS256" }, key: secret }),
      await signJwt(app, now, { key: other }),
      "pat_mistaken_for_a_jwt",
    ];
    for (const jwt of jwts) {
      expect(await ask(stage, jwt)).toMatchObject({ status: 401, body: refused("invalid_client") });
    }
    const bare = await stage.post(tokenPath, { grant_type }, { authorization: "Basic eA==" });
    expect(bare).toMatchObject({ status: 401, body: refused("invalid_client") });
    expect(stage.emulator.tokens.refusals).toEqual([
      `no app ${app.app_id} with key other`,
      'unexpected "typ" JWT header value',
      '"alg" (Algorithm) Header Parameter value not allowed',
      '"alg" (Algorithm) Header Parameter value not allowed',
      "signature verification failed",
      "not a JWT",
      "there is no JWT",
    ]);
    expect(stage.emulator.tokens.list()).toHaveLength(1);
  });
});

const refused = (error_code: string, error_message = "invalid client") => ({ error_code, error_message });

describe("an exchange", () => {
  test("is refused for what it asks, and leaves the JWT unused", async () => {
    const stage = open();
    const jwt = await signJwt(app, stage.clock.ms);
    const bodies: [object, string, string][] = [
      [{}, "invalid_request", "invalid request: grant_type"],
      [{ grant_type: 7 }, "invalid_request", "invalid request: grant_type"],
      [{ grant_type, duration_seconds: 0 }, "invalid_request", "invalid request: duration_seconds"],
      [{ grant_type, duration_seconds: 86_400 }, "invalid_request", "invalid request: duration_seconds"],
      [{ grant_type, duration_seconds: "900" }, "invalid_request", "invalid request: duration_seconds"],
      [{ grant_type, scope: "{}" }, "invalid_request", "invalid request: scope"],
      [{ grant_type: "refresh_token" }, "unsupported_grant_type", "not supported grant type: refresh_token"],
    ];
    for (const [body, code, message] of bodies) {
      const answer = await ask(stage, jwt, body);
      expect([answer.status, answer.body]).toEqual([400, refused(code, message)]);
    }
    const headers = { authorization: `Bearer ${jwt}` };
    const broken = await stage.emulator.fetch(`http://localhost${tokenPath}`, {
      method: "POST",
      headers,
      body: "{",
    });
    expect(await broken.json()).toEqual(refused("invalid_request", "invalid request: body"));
    expect((await ask(stage, jwt)).status).toBe(200);
  });

  test("fits the app's kind, organization and enterprise", async () => {
    const stage = open();
    const paths: [typeof app, string, number, object][] = [
      [app, `account/${organization_id}/token`, 200, {}],
      [app, "account/8/token", 400, refused("invalid_request", "invalid request: account_id")],
      [app, "enterprise_id/volcano_1/token", 403, refused("access_deny", "invalid app type")],
      [privileged, "enterprise_id/volcano_1/token", 200, {}],
      [
        privileged,
        "enterprise_id/volcano_2/token",
        400,
        refused("invalid_request", "invalid request: enterprise_id"),
      ],
      [privileged, "token", 403, refused("access_deny", "invalid app type")],
    ];
    for (const [from, path, status, body] of paths) {
      const jwt = await signJwt(from, stage.clock.ms);
      const answer = await ask(stage, jwt, { grant_type }, `/api/permission/oauth2/${path}`);
      expect({ path, status: answer.status, body: answer.body }).toMatchObject({ path, status, body });
    }
    const issued = stage.emulator.tokens.list().slice(1);
    expect(issued.map(({ kind, organization_id: organization }) => [kind, organization])).toEqual([
      ["oauth", organization_id],
      ["privileged", undefined],
    ]);
  });

  test("is denied to an app that is switched off, and for a while after it is on again", async () => {
    const stage = open();
    stage.emulator.tokens.disable(app.app_id);
    const denied = refused("access_deny", "app: ci is currently deactivated by the owner");
    const answers = [];
    for (const ms of [0, 0, 4999, 1]) {
      stage.clock.ms += ms;
      answers.push(await ask(stage, await signJwt(app, stage.clock.ms)));
      if (answers.length === 1) stage.emulator.tokens.enable(app.app_id);
    }
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 200]);
    expect(answers[0]?.body).toEqual(denied);
  });

  test("stands in the log of requests, which discloses neither JWT nor token", async () => {
    const stage = open();
    const jwt = await signJwt(app, stage.clock.ms);
    const { body } = await ask(stage, jwt);
    await list(stage, String(body.access_token));
    expect(stage.emulator.requests).toMatchObject([
      { operation: "oauth_jwt", writes: false, token: undefined, body: { grant_type }, status: 200 },
      { operation: "list_workspace", token: `${app.app_id}#1` },
    ]);
    const log = JSON.stringify(stage.emulator.requests);
    expect([jwt, String(body.access_token)].filter((secret) => log.includes(secret))).toEqual([]);
  });
});

describe("a token that ended", () => {
  const ways = [
    [401, 4100, "authentication is invalid"],
    [200, 4100, "authentication is invalid"],
    [401, 700012006, "authentication failed: the access token has expired"],
  ];

  test("by the clock is refused in the ways that were seen, by turns", async () => {
    const stage = open();
    const token = await mint(stage, 10);
    stage.clock.ms += 9999;
    expect(await list(stage, token)).toEqual([200, 0, ""]);
    stage.clock.ms += 1;
    const answers = [];
    for (const _turn of [1, 2, 3, 4]) {
      answers.push(await list(stage, token));
    }
    expect(answers).toEqual([...ways, ways[0]]);
  });

  test.each([
    ["http-401", ways[0]],
    ["http-200", ways[1]],
    ["login-invalid", ways[2]],
  ] as const)("can always be refused as %s", async (expiredAs, way) => {
    const stage = open({ expiredAs });
    const token = await mint(stage);
    stage.emulator.tokens.expireAll();
    expect([await list(stage, token), await list(stage, token)]).toEqual([way, way]);
  });

  test("was issued or revoked: others stay", async () => {
    const stage = open({
      expiredAs: "http-401",
      tokens: [{ token: "sat_a" }, { token: "pat_b", expires_at: 1 }],
    });
    const first = await mint(stage);
    stage.emulator.tokens.expireAll();
    stage.emulator.tokens.revoke("sat_a");
    const later = await mint(stage);
    const statuses = [];
    for (const token of [first, "sat_a", "pat_b", later, stage.emulator.token]) {
      statuses.push((await list(stage, token))[0]);
    }
    expect(statuses).toEqual([401, 401, 401, 200, 200]);
  });
});

test("a public key that cannot be read, or is a private one, stops the start", () => {
  const start = (public_key: string) => () => open({ apps: [oauthApp({ public_key })] });
  expect(start("x")).toThrow(`The public key of app ${app.app_id} cannot be read: give it in PEM`);
  expect(start(privatePem)).toThrow(
    `The public key of app ${app.app_id} is a private one: openssl pkey -in private_key.pem -pubout`,
  );
});
