import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createStrictEmulator } from "../support/emulator.ts";
import { startCozeform } from "../support/process.ts";
import { emulatedApp, privatePem } from "../support/rsa-keys.ts";
import { manifest, manifests } from "../support/story.ts";
import { findTraces, readFiles } from "../support/traces.ts";

const channelKey = 'ch4nnel/k€y with+"quotes"';

const project = manifests(
  manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
  manifest("Bot", "support", {
    workspace: "desk",
    name: "售后助手",
    publish: { connectors: ["api", { id: "7000000000000001", config: { key: "${env.COZE_CHANNEL_KEY}" } }] },
  }),
  manifest("CallbackApp", "hooks", { name: "通知", callback_url: "https://hooks.example.com/coze" }),
);

const projectFile = `\
apiVersion: cozeform/v1
kind: Project
name: desk
environments:
  dev:
    auth: {jwt: {app_id: "${emulatedApp.app_id}", key_id: ${emulatedApp.key_id}, private_key: {env: COZE_KEY}}}
    requests_per_second: 1000
`;

test("a process writes no secret", async () => {
  const emulator = createStrictEmulator({ apps: [emulatedApp] });
  const door = await emulator.listen();
  const directory = mkdtempSync(join(tmpdir(), "cozeform-secrets-"));
  // What is written to the directory for temporary files is searched as well.
  const temporary = join(directory, "tmp");
  mkdirSync(temporary);
  writeFileSync(
    join(directory, "cozeform.yaml"),
    projectFile.replace("    auth", `    endpoint: ${door.url}\n    auth`),
  );
  writeFileSync(join(directory, "desk.yaml"), project);
  const env = { COZE_KEY: privatePem, COZE_CHANNEL_KEY: channelKey, TMPDIR: temporary };
  const cozeform = (line: string) =>
    startCozeform([...line.split(" "), directory, "--log-level", "debug"], env).ended;
  try {
    const ended = {
      plan: await cozeform("plan --format json"),
      apply: await cozeform("apply --auto-approve"),
    };
    expect(ended.apply).toMatchObject({ code: 0 });
    const secrets = {
      key: privatePem,
      "channel key": channelKey,
      ...Object.fromEntries(emulator.tokens.list().map(({ token }, index) => [`token ${index}`, token])),
      ...Object.fromEntries(
        [...emulator.world.callbackApps.values()].map((one) => ["verify token", one.verify_token]),
      ),
    };
    expect(Object.keys(secrets)).toEqual(expect.arrayContaining(["token 1", "verify token"]));
    const texts = Object.fromEntries(Object.entries(ended).map(([name, { output }]) => [name, output]));
    expect(findTraces(secrets, { ...texts, ...readFiles(directory) })).toEqual([]);
  } finally {
    await door.close();
  }
});

/** Throws where nobody waits for it, once the command is at work. */
const crash = `
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text, ...rest) => {
    if (String(text).includes("emulator at")) {
      setImmediate(() => { throw new Error("lost " + process.env.COZE_API_TOKEN); });
    }
    return write(text, ...rest);
  };`;

test("what nobody caught is told without its stack", async () => {
  const { code, output } = await startCozeform(["emulator"], {
    COZE_API_TOKEN: "pat_0123456789abcdefghij",
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}`,
  }).ended;
  expect(code).toBe(1);
  expect(output.slice(output.indexOf("error:"))).toBe(`\
error: cozeform failed unexpectedly: Error: lost [secret]
  hint: run it again with --log-level debug for details, and report it
`);
});
