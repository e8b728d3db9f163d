import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatPath } from "../../src/core/spec-walk.ts";
import type { Json, Values } from "../../src/core/value.ts";
import { kinds } from "../../src/kinds/index.ts";
import {
  configureProvider,
  type ProviderHost,
  validateSettings,
} from "../../src/terraform/provider/configuration.ts";
import type { ProviderDiagnostic } from "../../src/terraform/provider/provider-interface.ts";
import { providerAttributes } from "../../src/terraform/schema/settings.ts";
import { unknown } from "../../src/terraform/values/unknown.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { emulatedApp, privatePem, publicPem } from "../support/rsa-keys.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

type Env = ProviderHost["env"];

const jwtNames = [
  "app_id",
  "key_id",
  "private_key",
  "duration_seconds",
  "session_name",
  "organization_id",
  "enterprise_id",
];

/** A configuration with every attribute. */
function configOf({ jwt, ...values }: Values): Values {
  const blank = Object.fromEntries(Object.keys(providerAttributes).map((name) => [name, null]));
  const inner = Object.fromEntries(jwtNames.map((name) => [name, null]));
  const given = jwt === undefined || jwt === unknown ? (jwt ?? null) : { ...inner, ...(jwt as Values) };
  return { ...blank, ...values, jwt: given };
}

const tell = (diagnostics: readonly ProviderDiagnostic[]): readonly string[] =>
  diagnostics.map(
    ({ summary, detail = "-", path }) => `${path ? formatPath(path) : "-"} | ${summary} | ${detail}`,
  );

const clock = createVirtualClock();

const nobody = async () => {
  throw new TypeError("nothing is to be sent");
};
const outside = (env: Env, fetch: ProviderHost["fetch"] = nobody): ProviderHost => ({
  env,
  fetch,
  clock,
  random: () => 0.5,
});

const begin = (values: Values, env: Env = {}) =>
  tell(configureProvider(configOf(values), outside(env)).diagnostics);

const token = "pat_0123456789abcdefABCDEFGHIJ";
const jwt = { app_id: "1", key_id: "k", private_key: privatePem };
const ecPem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

const download =
  'Use the private_key.pem that Coze\'s page offered when the key was created, from BEGIN to END; or create a new key there; read it with file("private_key.pem").';
const notYet =
  "It depends on something that this run creates: apply that first with -target, or set it by a variable or the environment.";

test("the provider takes its settings and the app's under names that its resources could have", () => {
  expect(Object.keys(providerAttributes)).toEqual([
    "endpoint",
    "token",
    "requests_per_second",
    "max_calls",
    "allow_ownership_transfer",
    "existing",
    "jwt",
  ]);
  const { type } = providerAttributes.jwt ?? {};
  const nested = typeof type === "object" && "nested" in type ? type.nested.attributes : {};
  expect(Object.keys(nested)).toEqual(jwtNames);
  expect(nested.private_key).toEqual({
    type: "string",
    optional: true,
    sensitive: true,
    description:
      'The private key in PEM form: `file("private_key.pem")`. The environment variable `COZE_JWT_OAUTH_PRIVATE_KEY` stands in for it.',
  });
});

describe("what is wrong with a configuration", () => {
  const cases: readonly (readonly [string, Values, Env, readonly string[]])[] = [
    ["nothing, with a token", { token }, {}, []],
    ["nothing, with a token of the environment", {}, { COZE_API_TOKEN: token }, []],
    ["nothing, with an app", { jwt }, {}, []],
    [
      "nothing, with an app of the environment",
      {},
      {
        COZE_JWT_OAUTH_CLIENT_ID: "1",
        COZE_JWT_OAUTH_PUBLIC_KEY_ID: "k",
        COZE_JWT_OAUTH_PRIVATE_KEY: privatePem.replaceAll("\n", "\\n"),
      },
      [],
    ],
    [
      "nothing, with an app whose key is in the environment",
      { jwt: { app_id: "1", key_id: "k" } },
      { COZE_JWT_OAUTH_PRIVATE_KEY: privatePem, COZE_API_TOKEN: token },
      [],
    ],
    [
      "no token",
      {},
      {},
      [
        "- | there is no token | Set token or jwt in the provider's configuration, or the environment variable COZE_API_TOKEN.",
      ],
    ],
    [
      "a token of the environment that is empty",
      {},
      { COZE_API_TOKEN: " " },
      [
        "- | there is no token | Set token or jwt in the provider's configuration, or the environment variable COZE_API_TOKEN.",
      ],
    ],
    [
      "an unknown word for what exists",
      { token, existing: "adapt" },
      {},
      ['existing | existing must be one of warn, error, adopt; found "adapt" | Did you mean adopt?'],
    ],
    [
      "the same of the environment",
      { token },
      { COZEFORM_EXISTING: "skip" },
      ['- | COZEFORM_EXISTING (environment) must be one of warn, error, adopt; found "skip" | -'],
    ],
    ["a word of the environment", { token }, { COZEFORM_EXISTING: "adopt" }, []],
    ["an empty token", { token: "" }, {}, ["token | token is empty | -"]],
    [
      "two ways to sign in",
      { token, jwt },
      {},
      ["jwt | token and jwt can't be set together | Remove one of them."],
    ],
    [
      "half an app",
      { jwt: { app_id: "1" } },
      {},
      [
        "jwt.key_id | jwt.key_id is missing | Set it, or the environment variable COZE_JWT_OAUTH_PUBLIC_KEY_ID.",
        "jwt.private_key | jwt.private_key is missing | Set it, or the environment variable COZE_JWT_OAUTH_PRIVATE_KEY.",
      ],
    ],
    [
      "half an app of the environment",
      {},
      { COZE_JWT_OAUTH_PRIVATE_KEY: privatePem },
      [
        "- | jwt.app_id is missing | Set it, or the environment variable COZE_JWT_OAUTH_CLIENT_ID.",
        "- | jwt.key_id is missing | Set it, or the environment variable COZE_JWT_OAUTH_PUBLIC_KEY_ID.",
      ],
    ],
    [
      "no key",
      { jwt: { ...jwt, private_key: "private_key.pem" } },
      {},
      [`jwt.private_key | the private key in jwt.private_key isn't in PEM form | ${download}`],
    ],
    [
      "a public key",
      { jwt: { ...jwt, private_key: publicPem } },
      {},
      [`jwt.private_key | the key in jwt.private_key is a public key, which can't sign | ${download}`],
    ],
    [
      "another sort of key",
      { jwt: { ...jwt, private_key: ecPem } },
      {},
      [
        `jwt.private_key | the private key in jwt.private_key isn't an RSA key, the only type that Coze accepts | ${download}`,
      ],
    ],
    [
      "no key in the environment",
      {},
      { COZE_JWT_OAUTH_CLIENT_ID: "1", COZE_JWT_OAUTH_PUBLIC_KEY_ID: "k", COZE_JWT_OAUTH_PRIVATE_KEY: "x" },
      [`- | the private key in COZE_JWT_OAUTH_PRIVATE_KEY (environment) isn't in PEM form | ${download}`],
    ],
    [
      "what is wrong with an app that isn't used",
      {},
      { COZE_JWT_OAUTH_PRIVATE_KEY: "x", COZE_API_TOKEN: token },
      [],
    ],
    [
      "a life of tokens that Coze doesn't take",
      { jwt: { ...jwt, duration_seconds: 30 } },
      {},
      ["jwt.duration_seconds | jwt.duration_seconds is 30; the minimum is 60 | -"],
    ],
    [
      "no address",
      { token, endpoint: "api.coze.com" },
      {},
      [
        'endpoint | endpoint must be an http or https address; found "api.coze.com" | Write https://api.coze.com.',
      ],
    ],
    [
      "no address, but almost one of this machine",
      { token },
      { COZE_API_BASE: "localhost:8741" },
      [
        '- | COZE_API_BASE (environment) must be an http or https address; found "localhost:8741" | Write http://localhost:8741.',
      ],
    ],
    [
      "no address in the environment",
      { token },
      { COZE_API_BASE: "api.coze.com" },
      [
        '- | COZE_API_BASE (environment) must be an http or https address; found "api.coze.com" | Write https://api.coze.com.',
      ],
    ],
    [
      "a broken address",
      { token, endpoint: "https://[x" },
      {},
      ["endpoint | endpoint isn't a URL | Set it to a URL such as https://api.coze.cn."],
    ],
    [
      "an address with a path",
      { token, endpoint: "https://api.coze.cn/open_api" },
      {},
      [
        "endpoint | endpoint has the path /open_api, and calls add paths of their own, such as /v1/bots | Set it to https://api.coze.cn.",
      ],
    ],
    [
      "Coze's web site in the environment",
      { token },
      { COZE_API_BASE: "https://www.coze.com" },
      [
        "- | COZE_API_BASE (environment) names www.coze.com, which isn't the host of Coze's API | Set it to https://api.coze.com.",
      ],
    ],
    ["an address in upper case", { token, endpoint: "HTTPS://API.COZE.CN/" }, {}, []],
    [
      "an address with a password, which isn't shown",
      { token, endpoint: "https://me:secret@api.coze.cn" },
      {},
      [
        "endpoint | endpoint must have no user, query or fragment | Set it to a URL such as https://api.coze.cn.",
      ],
    ],
    [
      "numbers",
      { token, requests_per_second: 0, max_calls: 1.5 },
      {},
      [
        "requests_per_second | requests_per_second is 0; the minimum is 0.01 | -",
        "max_calls | max_calls must be a whole number; found 1.5 | Set it to 2.",
      ],
    ],
    [
      "what isn't known",
      { token: unknown, endpoint: unknown },
      { COZE_API_TOKEN: token },
      [`endpoint | endpoint isn't known yet | ${notYet}`, `token | token isn't known yet | ${notYet}`],
    ],
    [
      "a key that isn't known",
      { jwt: { ...jwt, private_key: unknown } },
      {},
      [`jwt.private_key | jwt.private_key isn't known yet | ${notYet}`],
    ],
    ["an app that isn't known", { jwt: unknown }, {}, [`jwt | jwt isn't known yet | ${notYet}`]],
    [
      "several at once",
      { endpoint: "x", max_calls: 0 },
      {},
      [
        'endpoint | endpoint must be an http or https address; found "x" | -',
        "max_calls | max_calls is 0; the minimum is 1 | -",
        "- | there is no token | Set token or jwt in the provider's configuration, or the environment variable COZE_API_TOKEN.",
      ],
    ],
  ];
  test.each(cases)("%s", (_name, values, env, diagnostics) => {
    expect(begin(values, env)).toEqual(diagnostics);
  });

  test("what may still come is no matter for a check alone", () => {
    const check = (values: Values, env: Env = {}) => tell(validateSettings(configOf(values), env));
    expect(check({})).toEqual([]);
    expect(check({ token: unknown })).toEqual([]);
    expect(check({ jwt: { app_id: "1", private_key: unknown } })).toEqual([]);
    expect(check({ token, jwt: unknown })).toEqual([]);
    expect(check({ token, jwt })).toEqual([
      "jwt | token and jwt can't be set together | Remove one of them.",
    ]);
  });

  test("nothing is thrown, and no secret is shown", () => {
    const value = (sample: fc.Arbitrary<Json>) => fc.oneof(sample, fc.constantFrom<Json[]>(null, unknown));
    const text = value(
      fc.oneof(
        fc.string(),
        fc.constantFrom("https://x", "https://[", "http://a:b@c", "-----BEGIN PRIVATE KEY-----"),
      ),
    );
    const number = value(fc.double({ noNaN: true, noDefaultInfinity: true }));
    const secret = value(fc.constantFrom("hunter2hunter2", `${token}x`, privatePem));
    const texts = Object.fromEntries(jwtNames.map((name) => [name, text]));
    const config = fc.record({
      endpoint: text,
      token: secret,
      requests_per_second: number,
      max_calls: number,
      allow_ownership_transfer: value(fc.boolean()),
      jwt: value(
        fc.record({ ...texts, duration_seconds: number, private_key: secret }) as fc.Arbitrary<Json>,
      ),
    });
    fc.assert(
      fc.property(
        config,
        fc.dictionary(fc.constantFrom("COZE_API_BASE", "COZE_JWT_OAUTH_PRIVATE_KEY"), fc.string()),
        (values, env) => {
          const told = tell(configureProvider(values, outside(env)).diagnostics).join("\n");
          expect(told).not.toMatch(/hunter2|pat_|MII|undefined/u);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("what is configured", () => {
  const workspaces = kinds.find(({ name }) => name === "Workspace") ?? kinds[0];

  async function listWith(values: Values, env: Env, emulator: ReturnType<typeof createStrictEmulator>) {
    const { diagnostics, account } = configureProvider(configOf(values), outside(env, emulator.fetch));
    expect(diagnostics).toEqual([]);
    if (!account || !workspaces) throw new Error("not configured");
    return { account, items: await account.remote.list(workspaces, undefined, {}) };
  }

  test("is who calls, where, and how often", async () => {
    const emulator = createStrictEmulator();
    const { account } = await listWith(
      { token: `${emulator.token}\n`, endpoint: "http://localhost/", max_calls: 1 },
      {},
      emulator,
    );
    expect(emulator.requests.map(({ operation, status }) => [operation, status])).toEqual([
      ["list_workspace", 200],
    ]);
    expect(account.allowOwnershipTransfer).toBe(false);
    const error = await account.remote
      .list(kinds.find(({ name }) => name === "Bot") ?? raise(), "751", {})
      .catch((one: unknown) => one);
    expect(account.remote.explain(error)).toMatchObject({
      type: "out-of-calls",
      message: "this run has used its limit of 1 API call",
    });
  });

  test("an app signs in by itself", async () => {
    const emulator = createStrictEmulator({ apps: [emulatedApp], now: () => clock.now() });
    const { app_id, key_id } = emulatedApp;
    await listWith(
      { endpoint: "http://localhost", jwt: { app_id, key_id }, allow_ownership_transfer: true },
      { COZE_JWT_OAUTH_PRIVATE_KEY: privatePem.replaceAll("\n", " ") },
      emulator,
    );
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(["oauth_jwt", "list_workspace"]);
  });

  test("a token is in no failure, whatever tells of it", () => {
    const { account } = configureProvider(
      configOf({ token }),
      outside({ HTTPS_PROXY: "http://me:proxy-secret@p" }),
    );
    const failure = account?.remote.explain(new Error(`Bearer ${token} by proxy-secret`));
    expect(failure).toEqual({ type: "rejected", message: "Bearer [secret] by [secret]" });
  });
});

function raise(): never {
  throw new Error("no such kind");
}
