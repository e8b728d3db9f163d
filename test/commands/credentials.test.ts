import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { renderAuthCheck } from "../../src/cli/actions/auth.ts";
import { checkAuth } from "../../src/commands/auth.ts";
import { readState } from "../../src/state/store.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { emulatedApp as app, privatePem } from "../support/rsa-keys.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const png = Uint8Array.from(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
);

const projectFile = (environment: string): string =>
  `apiVersion: cozeform/v1\nkind: Project\nname: desk\nenvironments:\n  dev:\n${environment}`;

const jwt = `{app_id: "${app.app_id}", key_id: ${app.key_id}, private_key: {env: COZE_APP_KEY}}`;

const resources = manifests(
  manifest("Workspace", "desk", { name: "Desk", description: "Desk" }),
  manifest("Dataset", "faq", { workspace: "desk", name: "FAQ", format: "text", icon: "icon.png" }),
  manifest("Bot", "support", { workspace: "desk", name: "Support", icon: "icon.png" }),
);

test("an apply by an OAuth app survives that its token ends before its time", async () => {
  let ended = false;
  const story = createStory({
    files: {
      "cozeform.yaml": projectFile(`    auth: {jwt: ${jwt}}\n`),
      "a.yaml": resources,
      "icon.png": png,
    },
    emulator: {
      apps: [app],
      hooks: {
        before: ({ operation }) => {
          if (operation === "create_dataset" && !ended) {
            ended = true;
            story.emulator.tokens.expireAll();
          }
          return undefined;
        },
      },
    },
  });
  // As variables of CI systems have it.
  const host = { ...story.host, env: { COZE_APP_KEY: privatePem.replaceAll("\n", " ") } };
  Object.assign(story.host, host);
  const applied = await story.apply();
  expect(failuresOf(applied)).toEqual([]);
  expect(summarize(await story.plan())).toEqual([]);
  const { requests } = story.emulator;
  const answered = requests.filter(({ status }) => status === 200);
  expect(requests.length - answered.length).toBe(1);
  const tokens = answered.map(({ operation, token }) => (operation === "oauth_jwt" ? "exchange" : token));
  // One for the apply, one where its token ended, one for the plan after it.
  expect(tokens.filter((token) => token === "exchange")).toHaveLength(3);
  const minted = [1, 2, 3].map((number) => `${app.app_id}#${number}`);
  expect(new Set(tokens)).toEqual(new Set(["exchange", ...minted]));
});

test("each kind's calls are made by its own account, uploads included", async () => {
  const story = createStory({
    files: {
      "cozeform.yaml": projectFile(`    credentials: {bots: {jwt: ${jwt}, kinds: [Bot]}}\n`),
      "a.yaml": resources,
      "icon.png": png,
    },
    emulator: { apps: [app] },
  });
  Object.assign(story.host, { env: { ...story.host.env, COZE_APP_KEY: privatePem } });
  const planned = await story.plan();
  const before = story.emulator.requests.length;
  const applied = await story.apply();
  expect(failuresOf(applied)).toEqual([]);
  const byBots = `${app.app_id}#`;
  const made = story.emulator.requests
    .slice(before)
    .map(({ operation, token }) => [operation, token?.startsWith(byBots) ? "bots" : "auth"].join(" "));
  const others = ["create_workspace auth", "create_dataset auth", "upload_files auth"];
  expect(made.filter((one) => one.startsWith("upload_files"))).toEqual([
    "upload_files auth",
    "upload_files bots",
  ]);
  expect(made).toEqual(
    expect.arrayContaining([...others, "create_bot bots", "get_metadata_draft_published bots"]),
  );
  expect(made.filter((one) => /bot.* auth|(dataset|workspace) bots/.test(one))).toEqual([]);
  // The plan counted the two uploads; the exchange for a token comes on top.
  expect(applied.result?.calls).toBe(planned.calls.apply + 1);
  const { files } = await readState({
    directory: story.directory,
    environment: "dev",
    endpoint: "http://127.0.0.1",
  });
  const keys = Object.keys(files).map((key) => key.replace(/[0-9a-f]{64}/, "SHA"));
  expect(keys.sort()).toEqual(["SHA", "bots:SHA"]);
  expect(summarize(await story.plan())).toEqual([]);
});

/** Both of Coze's sites, of which one knows the token, and the hosts that were asked. */
function twoSites(environment: string) {
  const story = createStory({
    files: { "cozeform.yaml": projectFile(environment), "a.yaml": resources, "icon.png": png },
  });
  const cn = createStrictEmulator({ region: "cn", fetch: async () => Response.error() });
  const com = createStrictEmulator({
    region: "com",
    apps: [app],
    tokens: [{ token: "pat_of_the_other_site" }],
    fetch: async () => Response.error(),
    now: () => story.host.clock.now(),
  });
  const asked: string[] = [];
  const host = {
    ...story.host,
    env: { COZE_API_TOKEN: "pat_of_the_other_site", COZE_APP_KEY: privatePem },
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, init);
      const { host, pathname, search } = new URL(request.url);
      asked.push(`${host}${pathname}`);
      const { fetch } = host === "api.coze.com" ? com : cn;
      return fetch(new Request(`http://127.0.0.1${pathname}${search}`, request));
    },
  };
  return { host, asked, directory: story.directory };
}

test("a token of the other site is told so, after one call there", async () => {
  const { host, asked, directory } = twoSites("    endpoint: https://api.coze.cn\n");
  const check = await checkAuth(host, { directory });
  expect(renderAuthCheck(check, { color: false, width: 160 }).replace(/logid \w+/, "logid …")).toBe(`\
Environment dev at https://api.coze.cn (coze.cn)

auth: personal access token, from environment variable COZE_API_TOKEN
  doesn't work
  list_workspace, code 4100: the token isn't valid: authentication is invalid (logid …)
  hint: it belongs to api.coze.com; in cozeform.yaml, set endpoint: https://api.coze.com

Made 2 API calls; write permissions are never tested.
`);
  expect(check.good).toBe(false);
  expect(asked).toEqual(["api.coze.cn/v1/workspaces", "api.coze.com/v1/workspaces"]);
});

test("so is an OAuth app, and its JWT is signed for that site", async () => {
  const { host, asked, directory } = twoSites(`    auth: {jwt: ${jwt}}\n`);
  const check = await checkAuth(host, { directory });
  expect(check.credentials).toMatchObject([
    { sort: `OAuth app ${app.app_id} (JWT)`, works: false, elsewhere: "https://api.coze.com" },
  ]);
  expect(asked).toEqual([
    "api.coze.cn/api/permission/oauth2/token",
    "api.coze.com/api/permission/oauth2/token",
  ]);
});

test("a token is shown to no host but that of its endpoint when that is neither site", async () => {
  const { host: bare, asked, directory } = twoSites("    endpoint: https://proxy.example\n");
  const host = { ...bare, env: { ...bare.env, COZEFORM_ALLOW_HOSTS: "proxy.example" } };
  const check = await checkAuth(host, { directory });
  expect(check.credentials).toMatchObject([{ works: false }]);
  expect(check.credentials[0]).not.toHaveProperty("elsewhere");
  expect(asked).toEqual(["proxy.example/v1/workspaces"]);
});

test("a token that either site refuses is no other site's", async () => {
  const { host, asked, directory } = twoSites("    endpoint: https://api.coze.com\n");
  const check = await checkAuth({ ...host, env: { COZE_API_TOKEN: "pat_made_up" } }, { directory });
  expect(check.credentials[0]).not.toHaveProperty("elsewhere");
  expect(asked).toHaveLength(2);
});

test("every credential that is missing is told at once, with its place", async () => {
  const story = createStory({
    files: {
      "cozeform.yaml": projectFile(
        "    auth: {token: {env: A}}\n    credentials:\n      one: {token: {file: token.txt}, kinds: [Bot]}\n" +
          `      two: {jwt: {app_id: "1", key_id: k, private_key: {file: key.pem}}, kinds: [Dataset]}\n`,
      ),
      "a.yaml": resources,
      "icon.png": png,
      "key.pem": "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n-----END PUBLIC KEY-----\n",
    },
  });
  await expect(story.plan()).rejects.toMatchObject({
    name: "InvalidInput",
    diagnostics: [
      { code: "no-token", at: { file: "cozeform.yaml", line: 6, column: 19 } },
      {
        code: "no-token",
        at: { file: "cozeform.yaml", line: 8, column: 20 },
        message: "there is no token in token.txt",
      },
      {
        code: "bad-key",
        at: { file: "cozeform.yaml", line: 9, column: 56 },
        message: "the key in file key.pem is a public key, which can't sign",
      },
    ],
  });
  expect(story.emulator.requests).toEqual([]);
});

test("a token may be in a file outside the project where the runner says so, as CI systems mount them", async () => {
  const mounted = createStory({ files: { "run/token": "x\n" } });
  mounted.write({ "run/token": `${mounted.emulator.token}\n` });
  const file = join(mounted.directory, "run/token");
  mounted.write({
    "desk/cozeform.yaml": projectFile(`    auth: {token: {file: ${file}}}\n`),
    "desk/a.yaml": manifest("Workspace", "desk", { name: "Desk", description: "Desk" }),
  });
  const project = { directory: join(mounted.directory, "desk") };
  await expect(mounted.plan(project)).rejects.toMatchObject({
    diagnostics: [{ code: "untrusted-file", at: { file: "cozeform.yaml" } }],
  });
  const env = { ...mounted.host.env, COZEFORM_ALLOW_READ: join(mounted.directory, "run") };
  Object.assign(mounted.host, { env });
  expect(summarize(await mounted.plan(project))).toEqual(["create Workspace.desk"]);
});
