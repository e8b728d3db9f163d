import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readTrust } from "../../src/commands/trust.ts";
import { createConsole } from "../cli/console.ts";
import { manifest, manifests } from "../support/story.ts";

const projectFile = (environment: string, top = "") =>
  `apiVersion: cozeform/v1\nkind: Project\nname: desk\n${top}environments:\n  dev:\n    ${environment}\n`;

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const channel = (config: object) => ({ connectors: ["api", { id: "7000000000000001", config }] });
const bot = (spec: object, metadata = {}) =>
  manifest("Bot", "support", { workspace: "desk", name: "售后助手", ...spec }, metadata);

const secret = "kq7-Z81xv0-of-the-runner";

describe("which variables a repository may read", () => {
  const rules: readonly [allowed: string | undefined, names: { readonly [name: string]: boolean }][] = [
    [
      undefined,
      { COZE_API_TOKEN: true, COZE_X: true, AWS_SECRET_ACCESS_KEY: false, COZEFORM_X: false, coze_x: false },
    ],
    ["DB_TOKEN", { DB_TOKEN: true, DB_TOKEN_2: false, COZE_X: true }],
    ["DB_*, CI_TOKEN", { DB_TOKEN: true, CI_TOKEN: true, CI_TOKENS: false, COZE_X: true }],
    ["COZE_DEV_TOKEN,!COZE_*", { COZE_DEV_TOKEN: true, COZE_PROD_TOKEN: false, COZE_API_TOKEN: false }],
    ["!COZE_*,COZE_DEV_TOKEN", { COZE_DEV_TOKEN: true, COZE_PROD_TOKEN: false }],
    ["!COZE_PROD_TOKEN", { COZE_DEV_TOKEN: true, COZE_PROD_TOKEN: false }],
    ["!COZE_PROD_*,COZE_*", { COZE_DEV_TOKEN: true, COZE_PROD_TOKEN: false }],
    ["COZE_PROD_TOKEN,!COZE_PROD_TOKEN", { COZE_PROD_TOKEN: false }],
    ["*", { HOME: true, COZE_X: true }],
    ["*,!COZE_*", { HOME: true, COZE_X: false }],
  ];
  test.each(rules)("with COZEFORM_ALLOW_ENV=%s: %j", (allowed, names) => {
    const trust = readTrust({ env: { COZEFORM_ALLOW_ENV: allowed } });
    const found = Object.keys(names).map((name) => [name, trust.mayReadVariable(name)]);
    expect(Object.fromEntries(found)).toEqual(names);
  });

  test.each(["!", "A**", "A*B", "!!A"])("%s is none", (entry) => {
    expect(() => readTrust({ env: { COZEFORM_ALLOW_ENV: entry } })).toThrow("isn't the name of a variable");
  });

  test("holds for tokens and keys: another variable is sent nowhere, and whether it is set isn't said", async () => {
    for (const auth of [
      "auth: {token: {env: AWS_SECRET_ACCESS_KEY}}",
      'auth: {jwt: {app_id: "1", key_id: k, private_key: {env: AWS_SECRET_ACCESS_KEY}}}',
      "credentials: {hooks: {token: {env: AWS_SECRET_ACCESS_KEY}, kinds: [CallbackApp]}}",
    ]) {
      const { sh, asked } = createConsole({ "cozeform.yaml": projectFile(auth), "desk.yaml": workspace });
      const [set, unset] = [await sh("plan", { env: { AWS_SECRET_ACCESS_KEY: secret } }), await sh("plan")];
      expect(set).toEqual(unset);
      expect(set.code).toBe(3);
      expect(set.err).toMatch(
        /^cozeform\.yaml:6:\d+ {2}this project may not read the environment variable AWS_SECRET_ACCESS_KEY {2}hint: .*COZEFORM_ALLOW_ENV=AWS_SECRET_ACCESS_KEY\n1 error\n$/,
      );
      expect(asked()).toEqual([]);
      const allowed = { AWS_SECRET_ACCESS_KEY: secret, COZEFORM_ALLOW_ENV: "AWS_SECRET_ACCESS_KEY" };
      expect((await sh("validate", { env: allowed })).code).toBe(0);
    }
  });

  test("can be narrowed, and then the usual token isn't read either", async () => {
    const { sh, asked } = createConsole({ "desk.yaml": workspace });
    const { code, err } = await sh("plan", { env: { COZEFORM_ALLOW_ENV: "COZE_DEV_TOKEN,!COZE_*" } });
    expect(code).toBe(3);
    expect(err).toContain("this project may not read the environment variable COZE_API_TOKEN");
    expect(asked()).toEqual([]);
  });

  test("holds for what manifests interpolate", async () => {
    const { sh } = createConsole({
      "desk.yaml": manifests(workspace, bot({ publish: channel({ key: "${env.GITHUB_TOKEN}" }) })),
    });
    const [set, unset] = [await sh("validate", { env: { GITHUB_TOKEN: secret } }), await sh("validate")];
    expect(set).toEqual(unset);
    expect(set.code).toBe(3);
    expect(set.err).toMatch(
      /^desk\.yaml:\d+:\d+ {2}this project may not read the environment variable GITHUB_TOKEN/,
    );
  });
});

describe("what an environment variable holds is a secret", () => {
  const env = { COZE_SECRET: secret };
  const via = (files: { readonly [file: string]: string }) => files;
  const detours: readonly [name: string, files: { readonly [file: string]: string }, at: string][] = [
    ["in a prompt", via({ "b.yaml": bot({ prompt: "leak ${env.COZE_SECRET}" }) }), "b.yaml:8:11"],
    ["as a whole value", via({ "b.yaml": bot({ prompt: "${env.COZE_SECRET}" }) }), "b.yaml:8:11"],
    ["in a name", via({ "b.yaml": bot({ name: "${env.COZE_SECRET}" }) }), "b.yaml:7:9"],
    [
      "in a list",
      via({ "b.yaml": bot({ onboarding: { suggested_questions: ["${env.COZE_SECRET}"] } }) }),
      "b.yaml:10:9",
    ],
    [
      "in a map of anything",
      via({ "b.yaml": bot({ model: { id: "1", parameters: { a: { b: "${env.COZE_SECRET}" } } } }) }),
      "b.yaml:12:12",
    ],
    [
      "in a lookup",
      via({ "b.yaml": bot({ workspace: { lookup: { name: "${env.COZE_SECRET}" } } }) }),
      "b.yaml:8:13",
    ],
    ["as an id", via({ "b.yaml": bot({ workspace: { id: "${env.COZE_SECRET}" } }) }), "b.yaml:7:9"],
    [
      "in a file's path",
      via({ "b.yaml": bot({ prompt: { file: "${env.COZE_SECRET}.md" } }) }),
      "b.yaml:9:11",
    ],
    [
      "in a lifecycle",
      via({ "b.yaml": bot({}, { lifecycle: { ignore_changes: ["${env.COZE_SECRET}"] } }) }),
      "b.yaml:7:9",
    ],
    ["as a dependency", via({ "b.yaml": bot({}, { depends_on: ["${env.COZE_SECRET}"] }) }), "b.yaml:6:7"],
    [
      "through a variable of the environment",
      via({
        "cozeform.yaml": projectFile('variables: {x: "a ${env.COZE_SECRET}"}'),
        "b.yaml": bot({ prompt: "${var.x}" }),
      }),
      "b.yaml:8:11",
    ],
    [
      "through a patch",
      via({
        "cozeform.yaml": projectFile("patches: [patches/*.yaml]"),
        "b.yaml": bot({}),
        "patches/p.yaml": manifest("Bot", "support", { prompt: "${env.COZE_SECRET}" }),
      }),
      "patches/p.yaml:6:11",
    ],
    [
      "as a key of for_each",
      via({ "b.yaml": bot({ prompt: "x" }, { for_each: ["${env.COZE_SECRET}"] }) }),
      "b.yaml:6:7",
    ],
    [
      "as a value of for_each",
      via({
        "b.yaml": bot({ prompt: "${each.value.text}" }, { for_each: { a: { text: "${env.COZE_SECRET}" } } }),
      }),
      "b.yaml:7:13",
    ],
    [
      "as a pattern of for_each",
      via({ "b.yaml": bot({ prompt: "x" }, { for_each: { files: "${env.COZE_SECRET}" } }) }),
      "b.yaml:6:12",
    ],
    [
      "in the name of a check",
      via({ "b.yaml": `${bot({})}checks:\n  - {name: "\${env.COZE_SECRET}", say: hi, expect: x}\n` }),
      "b.yaml:9:12",
    ],
    [
      "in the project's name",
      via({ "cozeform.yaml": "apiVersion: cozeform/v1\nkind: Project\nname: ${env.COZE_SECRET}\n" }),
      "cozeform.yaml:3:7",
    ],
    [
      "in a pattern of manifests",
      via({ "cozeform.yaml": 'apiVersion: cozeform/v1\nkind: Project\nmanifests: ["${env.COZE_SECRET}"]\n' }),
      "cozeform.yaml:3:13",
    ],
    [
      "as an OAuth app's id",
      via({
        "cozeform.yaml": projectFile(
          'auth: {jwt: {app_id: "${env.COZE_SECRET}", key_id: k, private_key: {env: COZE_KEY}}}',
        ),
      }),
      "cozeform.yaml:6:26",
    ],
  ];
  const itemOf: Readonly<Record<string, string>> = { "as a value of for_each": ' (Bot.support["a"])' };
  test.each(detours)("and an error %s", async (what, files, at) => {
    const { sh, directory } = createConsole({ "desk.yaml": workspace, ...files });
    const { code, out, err } = await sh("plan --emulator", { env });
    expect({ code, out }).toEqual({ code: 3, out: "" });
    const [first = ""] = err.split("\n");
    expect(first.slice(0, first.indexOf("  hint"))).toBe(
      `${at}  \${env.COZE_SECRET} is a secret, but values here are shown in plans and stored in the state${itemOf[what] ?? ""}`,
    );
    expect(first).toContain("write ${var.NAME}");
    expect(err).not.toContain(secret);
    expect(readdirSync(directory)).not.toContain(".cozeform");
  });

  const places = [
    'auth: {token: {env: "${env.COZE_SECRET}"}}',
    'auth: {token: {file: "../../${env.COZE_SECRET}"}}',
    'auth: {jwt: {app_id: "1", key_id: k, private_key: {env: "${env.COZE_SECRET}"}}}',
    'credentials: {a: {kinds: ["${env.COZE_SECRET}"], token: {env: COZE_X}}}',
    'requests_per_second: "${env.COZE_SECRET}"',
    'operations_per_second: {create_bot: "${env.COZE_SECRET}"}',
    'patches: ["${env.COZE_SECRET}"]',
    'ids: {"1": "${env.COZE_SECRET}"}',
    'protect: "${env.COZE_SECRET}"',
  ];
  test.each(places)("and an error of its own alone in the settings: %s", async (settings) => {
    const { sh } = createConsole({ "cozeform.yaml": projectFile(settings), "desk.yaml": workspace });
    const { code, err } = await sh("plan", { env });
    expect(code).toBe(3);
    expect(err).toContain("${env.COZE_SECRET} is a secret");
    expect(err).not.toContain(secret);
  });

  test("that a guess of its beginning doesn't tell, neither by an error nor in what is shown", async () => {
    const token = "pat_Zx9kQwErTyUiOpAsDfGhJkLzXcVbNm12";
    const guesses = ["pat_Zx9kQ..", "pat_Zx9kX..", "cGF0X1p4..", "cGF0X1p5.."];
    for (const guess of guesses) {
      const { sh } = createConsole({ "b.yaml": manifests(workspace, bot({ prompt: guess })) });
      const { code, out } = await sh("plan --emulator", {
        env: { COZE_API_TOKEN: token, PROD_TOKEN: token },
      });
      expect(code).toBe(0);
      expect(out).toContain(`"${guess}"`);
    }
  });

  const hiding = [
    "plan --format json",
    "plan --full",
    "apply --auto-approve",
    "plan --out p.json",
    "state show Bot.support",
    "outputs",
    "apply --format json --auto-approve",
    "state show Bot.support --format json",
    "destroy --auto-approve --log-level debug",
  ];

  test("that may stand in a sensitive field, on whatever way, and then in no output and no file", async () => {
    const { sh, directory, emulator } = createConsole({
      "cozeform.yaml": projectFile('variables: {key: "Bearer ${env.COZE_SECRET}"}'),
      "desk.yaml": workspace,
      "b.yaml": bot(
        { publish: channel({ whole: "${env.COZE_SECRET}", part: "a ${var.key}", each: "${each.value}" }) },
        { for_each: { one: "${env.COZE_SECRET}" } },
      ),
    });
    for (const line of hiding) {
      const target = line.replace("Bot.support", 'Bot.support["one"]');
      const { code, out, err } = await sh(target, { env });
      expect({ line, code }).toEqual({ line, code: 0 });
      expect(out + err).not.toContain(secret);
    }
    expect(emulator.requests.some(({ body }) => JSON.stringify(body ?? "").includes(secret))).toBe(true);
    const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) =>
      /json|journal/.test(file),
    );
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(readFileSync(join(directory, file), "utf8")).not.toContain(secret);
  });

  test("that a check may hold, which no plan shows and a saved plan only holds as a digest", async () => {
    const { sh, directory } = createConsole({
      "desk.yaml": workspace,
      "b.yaml": `${bot({ prompt: "hi" })}checks:\n  - {name: asks, say: "the word is \${env.COZE_SECRET}", expect: {text: "\${env.COZE_SECRET}"}}\n`,
    });
    const { code, out } = await sh("plan --out p.json --format json", { env });
    expect(code).toBe(0);
    const file = readFileSync(join(directory, "p.json"), "utf8");
    expect(out + file).not.toContain(secret);
    expect(file).toContain('"name": "asks"');
    const changed = await sh("apply p.json", { env: { COZE_SECRET: "another" } });
    expect(changed.code).toBe(1);
    expect(changed.err).toContain("Bot.support checks.asks");
    expect((await sh("apply p.json", { env })).code).toBe(0);
  });
});

describe("what isn't secret is a variable", () => {
  const files = {
    "cozeform.yaml": projectFile("variables: {greeting: file}"),
    "desk.yaml": manifests(workspace, bot({ prompt: "${var.greeting}" })),
  };
  const given: readonly [line: string, env: { readonly [name: string]: string }, prompt: string][] = [
    ["plan", {}, "file"],
    ["plan", { COZEFORM_VAR_greeting: "environment" }, "environment"],
    ["plan --var greeting=option", { COZEFORM_VAR_greeting: "environment" }, "option"],
  ];
  test.each(given)("%s with %j gives %s", async (line, env, prompt) => {
    const { sh } = createConsole(files);
    const { code, out } = await sh(`${line} --emulator`, { env });
    expect(code).toBe(0);
    expect(out).toContain(`prompt:    "${prompt}"`);
  });
});

describe("a file of variables", () => {
  const files = {
    "cozeform.yaml": projectFile("auth: {token: {env: CI_TOKEN}}"),
    "desk.yaml": manifests(workspace, bot({ prompt: "${var.greeting}" })),
  };

  test("that the runner names gives tokens and variables, whatever their names", async () => {
    const { sh, write, emulator } = createConsole(files);
    write({ "ci.env": `# of the CI\nCI_TOKEN="${emulator.token}"\nexport COZEFORM_VAR_greeting='你好'\n` });
    expect((await sh("plan")).code).toBe(3);
    const { code, out } = await sh("plan --env-file ci.env");
    expect(code).toBe(0);
    expect(out).toContain('prompt:    "你好"');
    expect(out).toMatch(/^Environment dev at \S+, with environment variable CI_TOKEN\n/);
  });

  test("gives no other value of such a name: the environment's own stays closed", async () => {
    const { sh, write, asked, emulator } = createConsole(files);
    write({ "ci.env": "CI_TOKEN=pat_of_the_file_0000000\nCOZEFORM_VAR_greeting=x\n" });
    await sh("plan --env-file ci.env", { env: { CI_TOKEN: emulator.token } });
    expect(asked()).toEqual(["https://api.coze.cn"]);
    expect(emulator.requests.map(({ token }) => token)).not.toContain(emulator.token);
  });

  test.each([
    ["COZEFORM_ALLOW_HOSTS", "coze.example"],
    ["COZEFORM_ALLOW_ENV", "*"],
    ["COZEFORM_ALLOW_READ", "/"],
    ["HTTPS_PROXY", "http://127.0.0.1:1"],
    ["no_proxy", "*"],
  ])("widens nothing: %s", async (name, value) => {
    const { sh, write } = createConsole(files);
    write({ "ci.env": `${name}=${value}\n` });
    expect(await sh("plan --env-file ci.env")).toEqual({
      code: 3,
      out: "",
      err: `error: --env-file: ci.env sets ${name}, which only the environment itself may set\n  hint: remove it from the file, and set ${name} where cozeform is started\n`,
    });
  });

  test("chooses an endpoint, and allows none, also where Node has put it into the environment", async () => {
    const { sh, write, asked } = createConsole(files);
    write({ "ci.env": "CI_TOKEN=t\nCOZEFORM_VAR_greeting=x\nCOZE_API_BASE=https://coze.example\n" });
    expect((await sh("plan --env-file ci.env")).code).toBe(3);
    const env = { COZE_API_BASE: "https://coze.example" };
    expect((await sh("plan --env-file ci.env", { env })).code).toBe(3);
    expect(asked()).toEqual([]);
  });

  test("that isn't there is said", async () => {
    const { sh } = createConsole(files);
    expect(await sh("validate --env-file no.env")).toMatchObject({
      code: 3,
      err: "error: --env-file: no.env can't be read: no such file or directory\n  hint: pass a file of lines such as NAME=value\n",
    });
  });
});
