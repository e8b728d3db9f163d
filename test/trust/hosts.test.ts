import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createConsole } from "../cli/console.ts";
import { makeScratch } from "../support/scratch.ts";
import { manifest } from "../support/story.ts";

const desk = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });

const projectFile = (environment: string) =>
  `apiVersion: cozeform/v1\nkind: Project\nname: desk\nenvironments:\n  dev:\n    ${environment}\n`;

const openProject = (environment: string) =>
  createConsole({ "cozeform.yaml": projectFile(environment), "desk.yaml": desk });

/** An address in a project file, what the runner allows, and whether a plan sends the token there. */
const choices: readonly [
  endpoint: string,
  env: { readonly [name: string]: string },
  asked: string | undefined,
][] = [
  ["https://api.coze.cn", {}, "https://api.coze.cn"],
  ["https://api.coze.com", {}, "https://api.coze.com"],
  ["https://API.COZE.COM:443", {}, "https://api.coze.com"],
  ["http://127.0.0.1:8787", {}, "http://127.0.0.1:8787"],
  ["http://localhost:8787", {}, "http://localhost:8787"],
  ["http://[::1]:8787", {}, "http://[::1]:8787"],
  ["http://2130706433:8787", {}, "http://127.0.0.1:8787"],
  ["http://api.coze.cn", {}, undefined],
  ["https://api.coze.cn:8443", {}, undefined],
  ["https://api.coze.cn.evil.example", {}, undefined],
  ["https://evil.example/api.coze.cn", {}, undefined],
  ["https://127.0.0.1.evil.example", {}, undefined],
  ["http://localhost.evil.example", {}, undefined],
  ["http://[::ffff:7f00:1]:8787", {}, undefined],
  ["https://10.0.0.1", {}, undefined],
  ["https://coze.example", {}, undefined],
  ["https://coze.example", { COZEFORM_ALLOW_HOSTS: "other.example, coze.example" }, "https://coze.example"],
  ["https://coze.example:8443", { COZEFORM_ALLOW_HOSTS: "coze.example" }, "https://coze.example:8443"],
  ["https://coze.example:8443", { COZEFORM_ALLOW_HOSTS: "coze.example:8443" }, "https://coze.example:8443"],
  ["https://coze.example:9443", { COZEFORM_ALLOW_HOSTS: "coze.example:8443" }, undefined],
  ["https://coze.example", { COZEFORM_ALLOW_HOSTS: "coze.example:443" }, "https://coze.example"],
  ["https://sub.coze.example", { COZEFORM_ALLOW_HOSTS: "coze.example" }, undefined],
  ["https://api.coze.lan", { COZEFORM_ALLOW_HOSTS: "api.coze.lan" }, "https://api.coze.lan"],
  ["https://api.coze.corp", { COZEFORM_ALLOW_HOSTS: "api.coze.corp" }, "https://api.coze.corp"],
  ["http://coze_api:8787", { COZEFORM_ALLOW_HOSTS: "http://coze_api:8787" }, "http://coze_api:8787"],
  ["http://emulator:8787", { COZEFORM_ALLOW_HOSTS: "emulator:8787" }, undefined],
  ["http://emulator:8787", { COZEFORM_ALLOW_HOSTS: "http://emulator:8787" }, "http://emulator:8787"],
  ["http://emulator:8788", { COZEFORM_ALLOW_HOSTS: "http://emulator:8787" }, undefined],
  ["https://coze.example", { COZE_API_BASE: "https://coze.example" }, "https://coze.example"],
  ["https://coze.example", { COZE_API_BASE: "https://other.example" }, undefined],
];

describe("a project file's endpoint", () => {
  test.each(choices)("%s with %j: the token goes to %s", async (endpoint, env, asked) => {
    const { sh, asked: hosts, emulator } = openProject(`endpoint: ${JSON.stringify(endpoint)}`);
    const { code, err } = await sh("plan", { env });
    expect(hosts()).toEqual(asked === undefined ? [] : [asked]);
    expect(emulator.requests).toHaveLength(asked === undefined ? 0 : 1);
    expect(code).toBe(asked === undefined ? 3 : 0);
    if (asked === undefined)
      expect(err).toMatch(/^cozeform\.yaml:6:15 {2}(this project would send )?the token /);
  });

  test("that is refused is said by validate, with what allows it where cozeform is started", async () => {
    const { sh } = openProject("endpoint: https://coze.example:8443");
    expect(await sh("validate")).toEqual({
      code: 3,
      out: "",
      err:
        "cozeform.yaml:6:15  this project would send the token to coze.example:8443, which is neither Coze nor " +
        "allowed where cozeform was started  hint: if that is right, allow it where cozeform is started: " +
        "COZEFORM_ALLOW_HOSTS=coze.example:8443, or --endpoint https://coze.example:8443\n1 error\n",
    });
    const plain = openProject("endpoint: http://api.coze.cn");
    expect((await plain.sh("validate")).err).toBe(
      "cozeform.yaml:6:15  the token would be sent to api.coze.cn unencrypted, over http  hint: set https://api.coze.cn\n1 error\n",
    );
  });

  test("is no matter where it isn't used", async () => {
    const { sh, asked } = openProject("endpoint: https://coze.example");
    expect((await sh("plan --endpoint https://mine.example")).code).toBe(0);
    expect((await sh("plan --emulator")).code).toBe(0);
    expect(asked()).toEqual(["https://mine.example"]);
  });

  test("may not come out of a variable of the environment, which would be shown", async () => {
    const { sh, asked } = openProject('endpoint: "${env.COZE_PLACE}"');
    const { code, err } = await sh("plan", { env: { COZE_PLACE: "https://kq7-secret.example" } });
    expect(code).toBe(3);
    expect(err).not.toContain("kq7-secret");
    expect(err).toMatch(/^cozeform\.yaml:6:15 {2}\$\{env\.COZE_PLACE\} is a secret, .*\$\{var\.NAME\}/);
    expect(asked()).toEqual([]);
  });
});

/** An address that can't be Coze's API, what is wrong with it, and the next move. */
const mistaken: readonly (readonly [endpoint: string, problem: string, move: string])[] = [
  [
    "https://api.coze.cn/open_api/v2",
    "PLACE has the path /open_api/v2, and calls add paths of their own, such as /v1/bots",
    "set it to https://api.coze.cn",
  ],
  [
    "http://127.0.0.1:8787/v1",
    "PLACE has the path /v1, and calls add paths of their own, such as /v1/bots",
    "set it to http://127.0.0.1:8787",
  ],
  [
    "https://www.coze.cn",
    "PLACE names www.coze.cn, which isn't the host of Coze's API",
    "set it to https://api.coze.cn",
  ],
  [
    "HTTPS://Space.Coze.cn/space/1",
    "PLACE names space.coze.cn, which isn't the host of Coze's API",
    "set it to https://api.coze.cn",
  ],
  [
    "http://coze.com",
    "PLACE names coze.com, which isn't the host of Coze's API",
    "set it to https://api.coze.com",
  ],
  ...["https://api.coze.com.cn", "https://api.coze.ccn/v1", "https://api.coze.cn.com:8443"].map(
    (endpoint) =>
      [
        endpoint,
        `PLACE names ${new URL(endpoint).host}, which isn't the host of Coze's API`,
        `set it to https://api.coze.${endpoint.includes(".cn") ? "cn" : "com"}`,
      ] as const,
  ),
  [
    "https://api.coze.co",
    "PLACE names api.coze.co, which isn't the host of Coze's API",
    "set it to https://api.coze.com",
  ],
  ...[
    ["api,coze.cn", "cn"],
    ["api.coze,com:443", "com"],
    ["api.coze%2Ecom;", "com"],
    ["api.coze+cn", "cn"],
    ["coze~corp.example", "cn"],
  ].map(
    ([host, domain]) =>
      [
        `https://${host}`,
        `PLACE names ${new URL(`https://${host}`).host}, and names of hosts have only letters, digits, - and dots`,
        `set it to an address such as https://api.coze.${domain}`,
      ] as const,
  ),
  ["https://api.coze.com.", "PLACE has a dot at the end of its host", "set it to https://api.coze.com"],
  [
    "https://ａｐｉ.coze.cn",
    "PLACE contains ａ (U+FF41), which addresses don't",
    "write it in ASCII: https://api.coze.cn",
  ],
  [
    "https://api。coze。cn/",
    "PLACE contains 。 (U+3002), which addresses don't",
    "write it in ASCII: https://api.coze.cn",
  ],
  [
    "http://api.coze.cn",
    "the token would be sent to api.coze.cn unencrypted, over http",
    "set https://api.coze.cn",
  ],
];

describe("an address that can't be Coze's API", () => {
  test.each(mistaken)(
    "%s is explained wherever it is set, and nothing is sent",
    async (endpoint, problem, move) => {
      const inFile = openProject(`endpoint: ${JSON.stringify(endpoint)}`);
      const told = (place: string) => `${problem.replace("PLACE", place)}  hint: ${move}\n1 error\n`;
      expect(await inFile.sh("validate")).toEqual({
        code: 3,
        out: "",
        err: `cozeform.yaml:6:15  ${told("the endpoint")}`,
      });
      const project = openProject("protect: false");
      const given = await project.sh(`plan --endpoint ${endpoint}`);
      expect(given).toEqual({
        code: 3,
        out: "",
        err: `error: ${told("--endpoint").replace("\n1 error\n", "\n")}`,
      });
      const based = await project.sh("plan", { env: { COZE_API_BASE: endpoint } });
      expect(based).toEqual({
        code: 3,
        out: "",
        err: `error: ${told("COZE_API_BASE").replace("\n1 error\n", "\n")}`,
      });
      expect(project.asked()).toEqual([]);
    },
  );

  test.each([
    [
      "coze.cn",
      "the endpoint names coze.cn, which isn't the host of Coze's API  hint: set it to https://api.coze.cn",
    ],
    [
      "api.coze.cn/v1",
      "the endpoint has the path /v1, and calls add paths of their own, such as /v1/bots  hint: set it to https://api.coze.cn",
    ],
    [
      "https：//api.coze.cn",
      "the endpoint contains ： (U+FF1A), which addresses don't  hint: write it in ASCII: https://api.coze.cn",
    ],
    [
      "https://api.coze.cn:99999",
      "the endpoint isn't a URL  hint: set it to a URL such as https://api.coze.cn",
    ],
  ])("%s is explained once, although it isn't a URL either", async (endpoint, problem) => {
    const { sh } = openProject(`endpoint: ${JSON.stringify(endpoint)}`);
    expect((await sh("validate")).err).toBe(`cozeform.yaml:6:15  ${problem}\n1 error\n`);
    expect((await sh(`plan --endpoint ${endpoint}`)).err).toContain(problem.split("hint: ")[1]);
  });
});

test("a state that remembers an address as older versions wrote it goes on", async () => {
  const { sh, directory } = openProject("endpoint: https://api.coze.cn");
  expect((await sh("apply --auto-approve")).code).toBe(0);
  const file = join(directory, ".cozeform/dev.state.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("https://api.coze.cn", "HTTPS://API.coze.cn:443"));
  expect((await sh("plan --detailed-exitcode")).code).toBe(0);
});

describe("the endpoint", () => {
  const order: readonly [
    line: string,
    environment: string,
    env: { readonly [name: string]: string },
    asked: string,
  ][] = [
    ["plan", "protect: false", {}, "https://api.coze.cn"],
    ["plan", "protect: false", { COZE_API_BASE: "https://base.example/" }, "https://base.example"],
    [
      "plan",
      "endpoint: https://api.coze.com",
      { COZE_API_BASE: "https://base.example" },
      "https://api.coze.com",
    ],
    ["plan --endpoint http://mine.example", "endpoint: https://api.coze.com", {}, "http://mine.example"],
  ];
  test.each(order)("of %j with %j and %j is %s", async (line, environment, env, expected) => {
    const { sh, asked } = openProject(environment);
    const { code, out } = await sh(line, { env });
    expect(code).toBe(0);
    expect(asked()).toEqual([expected]);
    expect(out.split("\n")[0]).toBe(
      `Environment dev at ${expected}, with environment variable COZE_API_TOKEN`,
    );
  });

  test.each([
    "not an address",
    "ftp://coze.example",
    "https://me:hunter2000@coze.example",
    "https://coze.example?x=1",
  ])("of COZE_API_BASE=%s is refused", async (base) => {
    const { sh, asked } = openProject("protect: false");
    const { code, err } = await sh("plan", { env: { COZE_API_BASE: base } });
    expect(code).toBe(3);
    expect(err).toMatch(/COZE_API_BASE/);
    expect(err).not.toContain("hunter2000");
    expect(asked()).toEqual([]);
  });

  test.each(["*", "*.coze.example", "coze.example/path", "https://"])(
    "has no allowed host %s",
    async (entry) => {
      const { sh, asked } = openProject("protect: false");
      const { code, err } = await sh("plan", { env: { COZEFORM_ALLOW_HOSTS: entry } });
      expect(code).toBe(3);
      expect(err).toContain(
        `COZEFORM_ALLOW_HOSTS: ${JSON.stringify(entry)} is neither a host nor an address`,
      );
      expect(asked()).toEqual([]);
    },
  );

  test("and the names of all credentials stand at the head of a plan and in its JSON, for apply as well", async () => {
    const auth =
      "auth: {token: {env: COZE_DEV_TOKEN}}\n    credentials: {hooks: {token: {env: COZE_HOOKS_TOKEN}, kinds: [CallbackApp]}}";
    const { sh, emulator } = openProject(auth);
    const env = { COZE_DEV_TOKEN: emulator.token, COZE_HOOKS_TOKEN: emulator.token };
    const head =
      "Environment dev at https://api.coze.cn, with environment variable COZE_DEV_TOKEN; CallbackApp with environment variable COZE_HOOKS_TOKEN\n\n";
    const { out } = await sh("plan", { env });
    expect(out.startsWith(head)).toBe(true);
    const { cozeform } = JSON.parse((await sh("plan --format json", { env })).out);
    expect(cozeform).toMatchObject({
      endpoint: "https://api.coze.cn",
      credentials: [
        { name: "", kinds: [], source: "environment variable COZE_DEV_TOKEN" },
        { name: "hooks", kinds: ["CallbackApp"], source: "environment variable COZE_HOOKS_TOKEN" },
      ],
    });
    expect(JSON.stringify(cozeform)).not.toContain(emulator.token);
    expect((await sh("apply --auto-approve", { env })).out.startsWith(head)).toBe(true);
  });
});

describe("the user's own configuration", () => {
  const openHome = (config: string) => {
    const home = makeScratch();
    mkdirSync(join(home, "cozeform"));
    writeFileSync(join(home, "cozeform/config.yaml"), config);
    return home;
  };

  test("allows a host and a variable, below XDG_CONFIG_HOME as well as below HOME", async () => {
    const { sh, asked, emulator } = openProject(
      "endpoint: http://coze.example:80\n    auth: {token: {env: CI_TOKEN}}",
    );
    const config = openHome("allow_hosts: [http://coze.example]\nallow_env: [CI_*]\nlang: zh\n");
    const env = { CI_TOKEN: emulator.token };
    expect((await sh("plan", { env })).code).toBe(3);
    expect((await sh("plan", { env: { ...env, XDG_CONFIG_HOME: config } })).code).toBe(0);
    const home = makeScratch();
    mkdirSync(join(home, ".config/cozeform"), { recursive: true });
    writeFileSync(
      join(home, ".config/cozeform/config.yaml"),
      "allow_hosts: [http://coze.example]\nallow_env: [CI_TOKEN]\n",
    );
    expect((await sh("plan", { env: { ...env, HOME: home } })).code).toBe(0);
    expect(asked()).toEqual(["http://coze.example"]);
  });

  test("is told with place where it is faulty", async () => {
    const { sh } = openProject("protect: false");
    const { code, err } = await sh("validate", {
      env: { XDG_CONFIG_HOME: openHome("allow_host: [coze.example]\n") },
    });
    expect(code).toBe(3);
    expect(err).toMatch(/config\.yaml:1:1 {2}.*allow_host.* hint: did you mean "allow_hosts"\?/);
  });

  test("isn't taken from the project's own repository, which a pull request can change", async () => {
    const { sh, directory, write, asked } = openProject("endpoint: https://coze.example");
    write({
      ".config/cozeform/config.yaml": "allow_hosts: [coze.example]\n",
      ".git/HEAD": "ref: refs/heads/main\n",
    });
    const places = [
      ["HOME", directory],
      ["XDG_CONFIG_HOME", join(directory, ".config")],
    ] as const;
    for (const env of places.map((place) => Object.fromEntries([place]))) {
      const { code, err } = await sh("plan", { env });
      expect(code).toBe(3);
      expect(err).toContain("is in the project's own repository");
    }
    expect(asked()).toEqual([]);
  });
});
