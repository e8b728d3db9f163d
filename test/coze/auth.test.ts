import { describe, expect, test } from "@jest/globals";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { createJwtToken, type OauthApp } from "../../src/coze/auth.ts";
import { type ConnectionOptions, createConnection } from "../../src/coze/client.ts";
import { createEmulator, type Emulator, type EmulatorOptions } from "../../src/emulator/index.ts";
import { emulatedApp, privateKey } from "../support/rsa-keys.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";
import { answer, failureOf, fakeClock, type Reply } from "./answers.ts";

const app: OauthApp = {
  appId: emulatedApp.app_id,
  keyId: emulatedApp.key_id,
  key: privateKey,
  durationSeconds: 900,
};

/** An account that signs in with an OAuth app at an emulator of its own. */
function signIn(
  given: {
    app?: Partial<OauthApp>;
    emulator?: EmulatorOptions;
    connection?: Partial<ConnectionOptions>;
  } = {},
) {
  const clock = createVirtualClock();
  const emulator = createEmulator({ apps: [emulatedApp], now: () => clock.now(), ...given.emulator });
  const jwts: string[] = [];
  const connection = createConnection({
    baseUrl: "https://api.coze.cn",
    fetch: (request) => {
      if (request.url.includes("/oauth2/")) jwts.push(request.headers.get("authorization")?.slice(7) ?? "");
      // The emulator answers to loopback names alone.
      return emulator.fetch(new Request(request.url.replace(/^https:..[^/]+/, "http://127.0.0.1"), request));
    },
    clock,
    random: () => 0,
    requestsPerSecond: Number.POSITIVE_INFINITY,
    ...given.connection,
  });
  const api = connection.signIn(createJwtToken(connection, { ...app, ...given.app }));
  const list = async () => void (await api.workspaces.list().next());
  return { clock, emulator, connection, jwts, list };
}

const exchangesOf = ({ requests }: Emulator) =>
  requests.filter(({ operation }) => operation?.startsWith("oauth_jwt"));

describe("a token for a JWT", () => {
  test("is asked for as the reference says", async () => {
    const { emulator, jwts, list, clock } = signIn({ app: { sessionName: "ci" } });
    await list();
    const [exchange] = exchangesOf(emulator);
    expect(exchange).toMatchObject({
      method: "POST",
      path: "/api/permission/oauth2/token",
      status: 200,
      body: { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", duration_seconds: 900 },
    });
    const [jwt = ""] = jwts;
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: "RS256", typ: "JWT", kid: "fingerprint-1" });
    const { iat = 0, ...claims } = decodeJwt(jwt);
    expect(claims).toEqual({
      iss: "1138000000000001",
      aud: "api.coze.cn",
      exp: iat + 600,
      jti: expect.stringMatching(/^[\w-]{43}$/),
      session_name: "ci",
    });
    expect(Math.abs(iat - clock.now() / 1000)).toBeLessThan(5);
  });

  test.each([
    [{ organizationId: "7490" }, { organization_id: "7490" }, "/api/permission/oauth2/account/7490/token"],
    [
      { enterpriseId: "volcano_21" },
      { kind: "privileged", enterprise_id: "volcano_21" },
      "/api/permission/oauth2/enterprise_id/volcano_21/token",
    ],
  ] as const)("for %j is asked for at its own address", async (whose, known, path) => {
    const { emulator, list } = signIn({ app: whose, emulator: { apps: [{ ...emulatedApp, ...known }] } });
    await list();
    expect(emulator.requests.map((request) => `${request.path.split("?")[0]} ${request.status}`)).toEqual([
      `${path} 200`,
      "/v1/workspaces 200",
    ]);
  });

  test("serves fifty calls at once", async () => {
    const { emulator, connection, list } = signIn();
    await Promise.all(Array.from({ length: 50 }, list));
    expect(exchangesOf(emulator)).toHaveLength(1);
    expect(connection.callCount()).toBe(51);
  });

  test("of 15 minutes is renewed a minute before it ends, nine times in two hours", async () => {
    const { emulator, clock, connection, list } = signIn();
    const begun = clock.now();
    while (clock.now() < begun + 2 * 3600_000) {
      await list();
      await clock.sleep(10_000);
    }
    // 0, 840 s, 1680 s, … 6720 s; none was used after its end.
    expect(exchangesOf(emulator)).toHaveLength(9);
    expect(emulator.requests.filter(({ status }) => status !== 200)).toEqual([]);
    expect(connection.callCount()).toBe(720 + 9);
  });

  test("of one minute is no reason to fetch one with each call", async () => {
    const { emulator, list } = signIn({ app: { durationSeconds: 60 } });
    for (let call = 0; call < 30; call += 1) await list();
    expect(exchangesOf(emulator)).toHaveLength(1);
  });

  test("that ends early is replaced once, for all who meet its end together", async () => {
    const { emulator, connection, list } = signIn();
    await list();
    emulator.tokens.expireAll();
    await Promise.all(Array.from({ length: 20 }, list));
    expect(exchangesOf(emulator)).toHaveLength(2);
    // Of the twenty, each was refused once and made once more.
    expect(connection.callCount()).toBe(1 + 1 + 20 + 1 + 20);
  });

  test("never takes a JWT twice, lost answers and refusals for now included", async () => {
    let exchanges = 0;
    const { emulator, jwts, list } = signIn({
      emulator: {
        hooks: {
          after: ({ operation }) => {
            if (operation !== "oauth_jwt") return undefined;
            exchanges += 1;
            if (exchanges === 1) throw new TypeError("connection lost");
            return exchanges === 2 ? answer(500, { error_code: "internal_error" }) : undefined;
          },
        },
      },
    });
    await list();
    emulator.tokens.expireAll();
    await list();
    expect(jwts).toHaveLength(4);
    expect(new Set(jwts.map((jwt) => decodeJwt(jwt).jti)).size).toBe(4);
    expect(emulator.tokens.refusals).toEqual([]);
  });

  test("isn't asked for again once the app was switched off", async () => {
    const { emulator, connection, list } = signIn();
    await list();
    emulator.tokens.expireAll();
    emulator.tokens.disable(app.appId);
    const failures = [await failureOf(list()), await failureOf(list()), await failureOf(list())];
    expect(failures[2]).toMatchObject({
      name: "Forbidden",
      operation: "oauth_jwt",
      outcome: "none",
      message:
        "the OAuth app may not sign in: access_deny, app: 1138000000000001 is currently deactivated by the owner",
    });
    expect(exchangesOf(emulator)).toHaveLength(2);
    // Two for the first call; then it and its two followers were refused, and the app was asked once.
    expect(connection.callCount()).toBe(2 + 3 + 1);
  });

  test("that a wrong key signed is refused with what to check, and the JWT isn't told", async () => {
    const { emulator, jwts, list } = signIn({ app: { keyId: "another" } });
    const failure = await failureOf(list());
    expect(failure).toMatchObject({
      name: "Unauthenticated",
      message: "Coze rejected the OAuth app's signature: invalid_client, invalid client",
      hint: "check that app_id, key_id (the public key's fingerprint) and the private key belong together, and to this endpoint",
    });
    expect((failure as Error).stack).not.toContain(jwts[0]);
    expect(emulator.requests).toHaveLength(1);
  });

  test.each([
    [3 * 60_000, "3 min behind"],
    [-45 * 60_000, "45 min ahead of"],
  ])("by a clock that is %i ms off is refused with that as the reason", async (lead, words) => {
    const clock = createVirtualClock();
    const { list } = signIn({
      emulator: {
        now: () => clock.now() + lead,
        // What doesn't differ in the emulator's tolerance would pass.
        hooks: { before: () => dated(answer(401, { error_code: "invalid_client" }), clock.now() + lead) },
      },
      connection: { clock },
    });
    expect(await failureOf(list())).toMatchObject({
      hint: `this machine's clock is ${words} Coze's, and a JWT is valid only for minutes: set the clock, then run again`,
    });
  });

  test.each([7200, 300, -300])(
    "is good for as long as Coze's clock says, ours being %i s ahead",
    async (ahead) => {
      const clock = createVirtualClock();
      const theirs = () => clock.now() - ahead * 1000;
      const seen: string[] = [];
      const { list } = signIn({
        connection: {
          clock,
          fetch: async (request) => {
            seen.push(new URL(request.url).pathname);
            const body = request.url.includes("oauth2")
              ? { access_token: `czs_${seen.length}`, expires_in: Math.floor(theirs() / 1000) + 900 }
              : { code: 0, data: { workspaces: [], total_count: 0 } };
            return dated(answer(200, body), theirs());
          },
        },
      });
      const exchanges = () => seen.filter((path) => path.includes("oauth2")).length;
      for (let call = 0; call < 5; call += 1) await list();
      await clock.sleep(800_000);
      await list();
      expect(exchanges()).toBe(1);
      await clock.sleep(50_000);
      await list();
      expect(exchanges()).toBe(2);
    },
  );
});

function dated(response: Response, at: number): Response {
  response.headers.set("date", new Date(at).toUTCString());
  return response;
}

describe("an answer of the token endpoint", () => {
  const exchange = async (...replies: readonly Reply[]) => {
    const sent: Request[] = [];
    const connection = createConnection({
      baseUrl: "https://api.coze.cn",
      clock: fakeClock(),
      random: () => 0,
      fetch: async (request) => {
        sent.push(request);
        const reply = replies[sent.length - 1] ?? new Error("no more answers");
        if (reply instanceof Error) throw reply;
        return reply instanceof Response ? reply : answer(200, reply);
      },
    });
    const failure = await failureOf(createJwtToken(connection, app)());
    return { failure, sent: sent.length };
  };

  test.each([
    [400, { error_code: "invalid_request", error_message: "invalid request: iss" }, "BadRequest", 1],
    [401, { error_code: "invalid_client", error_message: "" }, "Unauthenticated", 1],
    [200, { error_code: "invalid_client" }, "Unauthenticated", 1],
    [400, { error_code: "unsupported_grant_type" }, "BadRequest", 1],
    [403, { error_code: "access_deny", error_message: "invalid app type" }, "Forbidden", 1],
    [400, { error: "access_denied" }, "Forbidden", 1],
    [500, { error_code: "internal_error" }, "ServerError", 4],
    [429, { error: "slow_down" }, "RateLimited", 8],
    [400, { error: "something_new" }, "BadRequest", 1],
    [401, { code: 4100, msg: "authentication is invalid" }, "Unauthenticated", 1],
    [200, { expires_in: 1 }, "UnexpectedAnswer", 1],
    [404, "<html>", "BadAnswer", 1],
  ])("HTTP %i %j is %s, after %i calls", async (status, body, name, sent) => {
    const replies = Array.from({ length: 20 }, () => answer(status, body));
    const { failure, ...rest } = await exchange(...replies);
    expect(failure).toMatchObject({ name, operation: "oauth_jwt", outcome: "none" });
    expect(rest).toEqual({ sent });
  });
});
