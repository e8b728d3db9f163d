import { expect, test } from "@jest/globals";
import { emulatedApp as app, privatePem } from "../support/rsa-keys.ts";
import { createConsole, smallProject } from "./console.ts";

const callback = `apiVersion: cozeform/v1
kind: CallbackApp
metadata: {name: hook}
spec: {name: hook, callback_url: https://hooks.example/coze}
`;

const projectFile = `apiVersion: cozeform/v1
kind: Project
name: desk
environments:
  prod:
    auth: {token: {env: COZE_PROD_TOKEN}}
    credentials:
      enterprise:
        jwt:
          app_id: "${app.app_id}"
          key_id: ${app.key_id}
          private_key: {file: keys/prod.pem}
          enterprise_id: volcano_21
        kinds: [CallbackApp]
`;

test("auth check says of each credential which it is, whether it works, and what it may do", async () => {
  const { run, emulator } = createConsole(
    {
      ...smallProject,
      "cozeform.yaml": projectFile,
      "manifests/hook.yaml": callback,
      "keys/prod.pem": privatePem,
    },
    {
      tokens: [{ token: "sat_ci0000000000", permissions: ["listWorkspace", "listDocument"] }],
      apps: [{ ...app, kind: "privileged", enterprise_id: "volcano_21", permissions: ["listApiApp"] }],
    },
  );
  const space = emulator.world.addWorkspace({ name: "客服空间" });
  const { code, out, err } = await run(["auth", "check"], { env: { COZE_PROD_TOKEN: "sat_ci0000000000" } });
  expect(out).toBe(`\
Environment prod at https://api.coze.cn (coze.cn)

auth: service access token, from environment variable COZE_PROD_TOKEN
  works
  sees 2 workspaces
    客服空间 (${space.id}): owner
  allowed: listWorkspace
  refused: listKnowledge
    grant these where the token or app was created; the change takes a few seconds

enterprise: privileged OAuth app 1138000000000001 of enterprise volcano_21 (JWT), from file keys/prod.pem, for CallbackApp
  works
  allowed: listApiApp
  unknown for CallbackApp: there is no CallbackApp to read

Made 4 API calls; write permissions are never tested.
`);
  expect({ code, err }).toEqual({ code: 1, err: "" });
  expect(emulator.requests.map(({ operation, token }) => `${operation} ${token}`)).toEqual([
    "list_workspace token 2",
    "list_dataset token 2",
    "oauth_jwt_privilege undefined",
    `list_callback_app ${app.app_id}#1`,
  ]);
});

test("auth check ends well when all is allowed, and tells programs in JSON", async () => {
  const { sh, emulator } = createConsole(smallProject);
  emulator.world.addWorkspace({ name: "客服空间" });
  const { code, out } = await sh("auth check --format json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    environment: "default",
    endpoint: "https://api.coze.cn",
    site: "coze.cn",
    good: true,
    calls: 2,
    credentials: [
      {
        name: "auth",
        sort: "personal access token",
        source: "environment variable COZE_API_TOKEN",
        works: true,
        workspaces: { count: 2, meant: [{ name: "客服空间", role: "owner" }] },
        permissions: [
          { name: "listWorkspace", result: "allowed" },
          { name: "listKnowledge", result: "allowed" },
        ],
      },
    ],
  });
  expect(out).not.toContain(emulator.token);
});

test("auth check needs no manifests, and runs against the emulator", async () => {
  const { sh } = createConsole();
  expect(await sh("auth check --emulator")).toEqual({
    code: 0,
    err: "",
    out: `\
Environment default at http://emulator.localhost

auth: personal access token, from the emulator
  works
  sees 1 workspace
  allowed: listWorkspace

Made 1 API call; write permissions are never tested.
`,
  });
});

test("a token that ended is told with its next move", async () => {
  const { sh, emulator } = createConsole(smallProject);
  emulator.tokens.revoke(emulator.token);
  const { code, out } = await sh("auth check --endpoint http://127.0.0.1");
  expect({ code, out: out.replace(/logid \w+/, "logid …") }).toEqual({
    code: 1,
    out: `\
Environment default at http://127.0.0.1

auth: personal access token, from environment variable COZE_API_TOKEN
  doesn't work
  list_workspace, code 4100: the token isn't valid: authentication is invalid (logid …)
  hint: check that it hasn't expired and belongs to this endpoint: tokens of coze.cn and coze.com differ

Made 1 API call; write permissions are never tested.
`,
  });
});

test("a key that is none is shown where the project file names it, and nothing is sent", async () => {
  const { sh, emulator } = createConsole({
    ...smallProject,
    "cozeform.yaml": projectFile.replace("{file: keys/prod.pem}", "{env: COZE_PROD_KEY}"),
  });
  const missing = await sh("auth check", { env: { COZE_PROD_TOKEN: "sat_ci0000000000" } });
  expect(missing).toEqual({
    code: 3,
    out: "",
    err: expect.stringMatching(
      /^cozeform\.yaml:12:24 {2}there is no private key: the environment variable COZE_PROD_KEY is not set {2}hint: /,
    ),
  });
  const wrong = await sh("plan", {
    env: { COZE_PROD_TOKEN: "sat_ci0000000000", COZE_PROD_KEY: "MIIEvQIBADANBgkqhkiG9w0" },
  });
  expect(wrong).toMatchObject({
    code: 3,
    err: expect.stringContaining("the private key in environment variable COZE_PROD_KEY isn't in PEM form"),
  });
  expect(wrong.err).not.toContain("MIIEvQ");
  expect(emulator.requests).toEqual([]);
});

test.each([
  {
    title: "the key of the second credential",
    tokens: [{ token: "sat_ci0000000000" }],
    apps: [],
    told: `\
error: oauth_jwt_privilege: Coze rejected the OAuth app's signature:
        invalid_client, invalid client (logid …)
  cozeform.yaml:12:24  file keys/prod.pem
  hint: check that app_id, key_id (the public key's fingerprint) and the private
        key belong together, and to this endpoint
`,
  },
  {
    title: "an app of the wrong sort",
    tokens: [{ token: "sat_ci0000000000" }],
    apps: [app],
    told: `\
error: oauth_jwt_privilege: the OAuth app may not sign in: access_deny, invalid
        app type (logid …)
  cozeform.yaml:12:24  file keys/prod.pem
  hint: enable and authorize the app on Coze's OAuth page, which takes effect
        after a few seconds; set enterprise_id for privileged apps, and only for
        them
`,
  },
  {
    title: "the token of the first",
    tokens: [],
    apps: [{ ...app, kind: "privileged" as const, enterprise_id: "volcano_21", permissions: ["listApiApp"] }],
    told: `\
error: list_workspace, code 4100: the token isn't valid: authentication is
        invalid (logid …)
  cozeform.yaml:6:19  environment variable COZE_PROD_TOKEN
  hint: check that it hasn't expired and belongs to this endpoint: tokens of
        coze.cn and coze.com differ
`,
  },
])("a plan says of what Coze refused where the project file names it: $title", async (one) => {
  const { sh } = createConsole(
    {
      ...smallProject,
      "cozeform.yaml": projectFile,
      "manifests/hook.yaml": callback,
      "keys/prod.pem": privatePem,
    },
    { tokens: one.tokens, apps: one.apps },
  );
  const { code, err } = await sh("plan", {
    typed: "",
    env: { COZE_PROD_TOKEN: "sat_ci0000000000", NO_COLOR: "1" },
  });
  expect({ code, err: err.replace(/logid\s+\w+/, "logid …") }).toEqual({ code: 1, err: one.told });
});

test("of a token that no project file names a plan says where it is", async () => {
  const { sh, emulator } = createConsole(smallProject);
  emulator.tokens.revoke(emulator.token);
  const { code, err } = await sh("plan --endpoint http://127.0.0.1");
  expect({ code, err: err.replace(/logid \w+/, "logid …") }).toEqual({
    code: 1,
    err: `\
error: list_workspace, code 4100: the token isn't valid: authentication is invalid (logid …)
  environment variable COZE_API_TOKEN
  hint: check that it hasn't expired and belongs to this endpoint: tokens of coze.cn and coze.com differ
`,
  });
});
