import { describe, expect, test } from "@jest/globals";
import { createConsole, type Ran } from "./cli/console.ts";
import { emulatedApp as app, privatePem } from "./support/rsa-keys.ts";
import { manifest, manifests } from "./support/story.ts";
import { findTraces, readFiles, writings } from "./support/traces.ts";

/** What was planted where. */
const planted = {
  token: "pat_Xq7vN2mWz8Kc4Rb1Td6Yh9Jp3Ls5Gf0A",
  "token in a file": "sat_Bn4Mq8Vx2Cz6Lk0Jh3Gf7Ds1Ap5OiU9y",
  "token that nobody asks for": "pat_Default5Zq1Wx3Ec9Rv7Tb2Yn4Um6Ik8",
  "private key": privatePem,
  "channel key": 'ch4nnel/k€y with+"quotes" & more',
  "channel key of before": "0ld-ch4nnel-key-of-before",
  "device of --var": "d3vice-9f8e7d6c5b4a",
  "password of a proxy": "pr0xy-p4ssw0rd",
  "password in the endpoint": "endp0int-p4ssw0rd",
  "query of the endpoint": "s1gnature-of-the-endpoint",
  "token of somebody else": "czs_S0meb0dyElse1234567890abcdefghij",
  "signature of a link": "x-signature=AbCdEf%2F0123456789%3D",
} as const;

const projectFile = `\
apiVersion: cozeform/v1
kind: Project
name: desk
manifests: [manifests/*.yaml]
default_environment: dev
environments:
  dev:
    auth: {token: {env: COZE_DEV_TOKEN}}
    variables: {key: "\${env.COZE_CHANNEL_KEY}", device: none}
  filed:
    auth: {token: {file: secret/token.txt}}
    variables: {key: "\${env.COZE_CHANNEL_KEY}", device: none}
  oauth:
    auth: {jwt: {app_id: "${app.app_id}", key_id: ${app.key_id}, private_key: {env: COZE_KEY}}}
    variables: {key: "\${env.COZE_CHANNEL_KEY}", device: none}
  keyed:
    auth: {jwt: {app_id: "${app.app_id}", key_id: ${app.key_id}, private_key: {file: secret/key.pem}}}
    variables: {key: "\${env.COZE_CHANNEL_KEY}", device: none}
`;

const desk = (prompt = "你是售后助手"): string =>
  manifests(
    manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" }),
    manifest("Bot", "support", {
      workspace: "desk",
      name: "售后助手",
      prompt,
      publish: {
        connectors: [
          "api",
          { id: "7000000000000001", config: { key: "${var.key}", device: "${var.device}" } },
        ],
      },
    }),
    manifest("CallbackApp", "hooks", {
      name: "通知",
      callback_url: "https://hooks.example.com/coze",
      events: ["bot.published"],
    }),
  );

const laden = `\
apiVersion: cozeform/v1
kind: Project
name: laden
environments:
  dev:
    endpoint: https://me:${planted["password in the endpoint"]}@api.coze.cn?sign=${planted["query of the endpoint"]}
`;

const emptyProject = "apiVersion: cozeform/v1\nkind: Project\n";

const clear = manifest("Workspace", "clear", {
  name: "clear",
  description: `token ${planted["token of somebody else"]}, ${privatePem}`,
});

const files = {
  "cozeform.yaml": projectFile,
  "manifests/desk.yaml": desk(),
  "secret/token.txt": `${planted["token in a file"]}\n`,
  "secret/key.pem": privatePem,
  "laden/cozeform.yaml": laden,
  "clear/clear.yaml": clear,
  "clear/cozeform.yaml": emptyProject,
  "told/cozeform.yaml": emptyProject,
  "told/told.yaml": manifest("Workspace", "told", { name: "told", description: "see ${var.told}" }),
};
/**
 * Where secrets stand because somebody put them there; and what the emulator keeps, which is the other side: it was
 * told them.
 */
const own = [
  ...Object.keys(files).filter((path) => /^(?:secret|laden|clear)\//.test(path)),
  ".cozeform/emulator.json",
];

const env = {
  COZE_API_TOKEN: planted["token that nobody asks for"],
  COZE_DEV_TOKEN: planted.token,
  COZE_CHANNEL_KEY: planted["channel key"],
  HTTPS_PROXY: `http://me:${planted["password of a proxy"]}@proxy.example:3128`,
  COZE_KEY: privatePem.replaceAll("\n", "\\n"),
  TERM: "dumb",
};
const device = ["--var", `device=${planted["device of --var"]}`];

/** How a careless server quotes a secret. */
const quotings = (secret: string): readonly string[] => [
  `it says ${secret}.`,
  `it begins with ${secret.slice(0, 15)}… and ${secret.slice(0, 12)}...`,
  `in JSON: ${JSON.stringify({ secret })}`,
  `in JSON in JSON: ${JSON.stringify(JSON.stringify({ secret }))}`,
  `https://api.coze.cn/?q=${encodeURIComponent(secret)}`,
  `Basic ${Buffer.from(secret).toString("base64")} or ${Buffer.from(`u:${secret}`).toString("base64")}`,
];

/** What a run comes across. Of other secrets only tokens and links are recognised, and only as they are. */
function quotingsFor(box: ReturnType<typeof createPlanted>): readonly string[] {
  const { token, "private key": key, "channel key": channel, ...rest } = secretsOf(box);
  const known = [
    token,
    key,
    channel,
    planted["token that nobody asks for"],
    planted["device of --var"],
    planted["password of a proxy"],
    ...Object.entries(rest).flatMap(([name, secret]) => (name.startsWith("verify token") ? [secret] : [])),
  ];
  return [
    ...known.flatMap((secret = "") => quotings(secret)),
    `it is for ${planted["token of somebody else"]}`,
    `see https://files.example/a.png?${planted["signature of a link"]}`,
  ];
}

/** A console in which everything is planted, and every command line that was run in it. */
function createPlanted() {
  let quote: string | undefined;
  let cut = false;
  const box = createConsole(files, {
    token: planted.token,
    tokens: [{ token: planted["token in a file"] }],
    apps: [{ ...app, kind: "service" }],
    fetch: async (_url, init) =>
      Response.json({ challenge: (JSON.parse(String(init?.body)) as { challenge: string }).challenge }),
    hooks: {
      before({ writes }) {
        if (cut) throw new TypeError(`no way with ${planted.token}`, { cause: new Error(`${quote}`) });
        if (quote === undefined || !writes) return undefined;
        return Response.json({ code: 4000, msg: quote, detail: { logid: "L0GID" } }, { status: 400 });
      },
    },
  });
  const texts: Record<string, string> = {};
  let count = 0;
  const run = async (line: readonly string[], more: Parameters<typeof box.run>[1] = {}): Promise<Ran> => {
    const ran = await box.run([...line, "--log-level", "debug"], { ...more, env: { ...env, ...more.env } });
    count += 1;
    const title = `${count}: ${line.join(" ").slice(0, 60)}`;
    texts[title] = ran.out + ran.err;
    // The state as it is just then.
    for (const [path, text] of Object.entries(readFiles(box.directory, own))) {
      if (!Object.values(texts).includes(text)) texts[`${title}: ${path}`] = text;
    }
    return ran;
  };
  return {
    ...box,
    run,
    texts,
    refuse: (message: string | undefined) => {
      quote = message;
    },
    cutOff: (on: boolean) => {
      cut = on;
    },
  };
}

/** All that was planted, and what came up on the way: minted tokens, tokens of callbacks, signatures of links. */
function secretsOf({ emulator }: ReturnType<typeof createPlanted>): Readonly<Record<string, string>> {
  const answers = JSON.stringify(emulator.requests.map(({ response }) => response));
  const foundBy = (name: string, pattern: RegExp): readonly (readonly [string, string])[] => {
    const values = new Set([...answers.matchAll(pattern)].map(([, value = ""]) => value));
    return [...values].slice(-5).map((value, index) => [`${name} ${index}`, value]);
  };
  return {
    ...planted,
    ...Object.fromEntries(
      emulator.tokens.list().map(({ token }, index) => [`accepted token ${index}`, token]),
    ),
    ...Object.fromEntries(foundBy("verify token", /"verify_token":"([^"]+)"/g)),
    ...Object.fromEntries(foundBy("signature", /x-signature=([^"&]+)/g)),
  };
}

async function runEverything(box: ReturnType<typeof createPlanted>): Promise<void> {
  const { run, write, refuse, cutOff } = box;
  const yes = "--auto-approve";
  for (const line of [["--help"], ["version"], ["schema"], ["completion", "bash"], ["init", "fresh"]])
    await run(line);
  await run(["validate"]);
  await run(["plan", ...device]);
  await run(["plan", ...device, "--format", "json"]);
  await run(["plan", ...device, "--out", "plan.json"]);
  await run(["apply", "plan.json", ...device], {
    typed: "",
    env: { COZE_CHANNEL_KEY: planted["channel key of before"] },
  });
  expect(
    await run(["apply", yes, ...device], { env: { COZE_CHANNEL_KEY: planted["channel key of before"] } }),
  ).toMatchObject({ code: 0 });
  // Another secret than the one that the state remembers.
  await run(["plan", ...device, "--full"], { typed: "" });
  expect(await run(["apply", yes, "--format", "json", ...device])).toMatchObject({ code: 0 });
  await run(["state", "list"]);
  for (const address of ["CallbackApp.hooks", "Bot.support"]) await run(["state", "show", address]);
  await run(["auth", "check"]);
  for (const name of ["filed", "oauth", "keyed"]) {
    expect(await run(["plan", "-e", name, ...device])).toMatchObject({ code: 0 });
    await run(["auth", "check", "-e", name]);
  }
  await run(["plan", "-e", "oauth"], { env: { COZE_KEY: `${env.COZE_KEY.slice(0, 300)}broken` } });
  write({ "manifests/desk.yaml": desk("换一句话") });
  for (const quoting of quotingsFor(box)) {
    refuse(quoting);
    expect(await run(["apply", yes, ...device], { typed: "" })).toMatchObject({ code: 1 });
    expect(await run(["apply", yes, ...device, "--format", "json"])).toMatchObject({ code: 1 });
  }
  cutOff(true);
  await run(["plan", ...device]);
  cutOff(false);
  refuse(undefined);
  await run(["apply", yes, "--format", "json", ...device]);
  await run(["plan", ...device], { env: { COZE_DEV_TOKEN: `${planted.token}x` } });
  await run(["validate", "laden"]);
  await run(["plan", "clear"], { typed: "" });
  // Known as it is from its environment variable, it may stand in no field that the state would hold.
  expect(
    await run(["apply", yes, "told"], {
      env: { COZE_API_TOKEN: planted.token, COZEFORM_VAR_told: planted.token },
    }),
  ).toMatchObject({
    code: 3,
    out: "",
    err: expect.stringMatching(/^told\.yaml:7:16 {2}this is a secret in plain text/),
  });
  await run(["plan", "--endpoint", `https://me:${planted["password in the endpoint"]}@api.coze.cn`]);
  await run(["plan", "--endpoint", `https://api.coze.cn?sign=${planted["query of the endpoint"]}`]);
  await run(["plan", "--var", planted["device of --var"]]);
  await run(["plan", "--emulator", ...device]);
  write({ "manifests/desk.yaml": desk("又换一句话") });
  expect(await run(["apply", ...device], { typed: () => box.interrupt() })).toMatchObject({ code: 130 });
  await run(["apply", ...device], {
    typed: () => box.crash(new Error(`lost ${planted.token}`, { cause: env.COZE_KEY })),
  });
  await run(["destroy", yes, "--allow-orphans", ...device]);
}

describe("no secret gets out", () => {
  test("whatever is run, at the most talkative level", async () => {
    const box = createPlanted();
    await runEverything(box);
    const secrets = secretsOf(box);
    expect(Object.keys(secrets)).toEqual(
      expect.arrayContaining(["accepted token 2", "verify token 0", "signature 0"]),
    );
    const titles = Object.keys(box.texts);
    for (const file of [".cozeform/dev.state.json", ".cozeform/dev.cache.json", "plan.json"]) {
      expect(titles.filter((title) => title.endsWith(file))).not.toEqual([]);
    }
    expect(findTraces(secrets, box.texts)).toEqual([]);
    expect(Object.values(box.texts).join("")).toContain("[secret]");
    expect(Object.values(box.texts).filter((text) => /\n\s+at .*:\d+:\d+\)?\n/.test(text))).toEqual([]);
  });

  test("the search would find each of them, however it is written", () => {
    for (const [name, secret] of Object.entries(planted)) {
      for (const [way, writing] of writings(secret)) {
        expect(findTraces({ [name]: secret }, { here: `before ${writing} behind` })).toContain(
          `${name}, ${way}: here`,
        );
      }
    }
  });
});
