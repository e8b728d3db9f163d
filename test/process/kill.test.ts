import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Exchange } from "../../src/emulator/index.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { expectExchangesMatchOpenApi } from "../support/openapi-check.ts";
import { startCozeform } from "../support/process.ts";
import { manifest, manifests } from "../support/story.ts";
import { describeWorld } from "../support/world.ts";

const project = manifests(
  manifest("Workspace", "desk", { name: "客服空间", description: "客服", icon: "icon.png" }),
  manifest(
    "WorkspaceMember",
    "desk",
    { workspace: "desk", user_id: "${each.key}", role: "${each.value}" },
    { for_each: { "2000000000001": "admin", "2000000000002": "member" } },
  ),
  manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" }),
  manifest(
    "Document",
    "faq",
    { dataset: "faq", name: "${each.name}", source: { file: "${each.path}" } },
    { for_each: { files: "faq/*.txt" } },
  ),
  manifest("Bot", "support", {
    workspace: "desk",
    name: "售后助手",
    prompt: "你是售后助手",
    icon: "icon.png",
    knowledge: { datasets: ["faq"] },
    publish: { connectors: ["api"] },
  }),
  manifest("CallbackApp", "hooks", {
    name: "通知",
    callback_url: "https://hooks.example.com/coze",
    events: ["bot.published"],
  }),
);

function createProject(): string {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-kill-"));
  mkdirSync(join(directory, "faq"));
  const settings =
    "apiVersion: cozeform/v1\nkind: Project\nname: kill\nenvironments: {dev: {requests_per_second: 1000}}\n";
  writeFileSync(join(directory, "cozeform.yaml"), settings);
  writeFileSync(join(directory, "desk.yaml"), project);
  writeFileSync(join(directory, "icon.png"), Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0]));
  for (const name of ["a.txt", "b.txt"]) writeFileSync(join(directory, "faq", name), `关于${name}`);
  return directory;
}

/** The very first apply: no state was ever saved. What kills any other one is the crash matrix's. */
const phases: readonly [string, string, "before" | "after"][] = [
  ["a workspace was made", "create_workspace", "after"],
  ["all documents were ready", "create_bot", "before"],
  ["a bot was to be published", "publish_bot", "before"],
  ["a bot was published", "publish_bot", "after"],
];

async function runThrough(kill?: { operation: string; moment: "before" | "after" }) {
  let strike: ((exchange: Exchange) => void) | undefined;
  const hook = (moment: "before" | "after") => (exchange: Exchange) => {
    if (kill?.moment === moment && exchange.operation === kill.operation) strike?.(exchange);
    return undefined;
  };
  const emulator = createStrictEmulator({
    world: { processingMs: 200 },
    hooks: { before: hook("before"), after: hook("after") },
  });
  const door = await emulator.listen();
  const directory = createProject();
  const cozeform = (...args: string[]) =>
    startCozeform([...args, directory, "--endpoint", door.url], { COZE_API_TOKEN: emulator.token });
  try {
    if (kill) {
      const run = cozeform("apply", "--auto-approve");
      strike = () => {
        strike = undefined;
        run.child.kill("SIGKILL");
        throw new Error("the process that asked is dead");
      };
      expect((await run.ended).code).toBe(null);
      expect(strike).toBeUndefined();
    }
    const whole = await cozeform("apply", "--auto-approve").ended;
    expect(whole).toMatchObject({ code: 0 });
    const second = await cozeform("plan", "--detailed-exitcode").ended;
    expect(second).toMatchObject({ code: 0 });
    expectExchangesMatchOpenApi(emulator.requests.filter(({ status }) => status !== 0));
    return describeWorld(emulator.world);
  } finally {
    await door.close();
  }
}

let undisturbed: Promise<ReturnType<typeof describeWorld>> | undefined;

test.each(phases)(
  "killed while %s (%s, %s its effect), the next apply ends in the same world",
  async (_phase, operation, moment) => {
    undisturbed ??= runThrough();
    expect(await runThrough({ operation, moment })).toEqual(await undisturbed);
  },
);
