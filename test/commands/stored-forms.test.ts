import { describe, expect, test } from "@jest/globals";
import type { World } from "../../src/emulator/index.ts";
import {
  createFaults,
  createStory,
  echoChallenge,
  failuresOf,
  manifest,
  manifests,
  type Story,
  summarize,
} from "../support/story.ts";

const url = "https://Hooks.Example.com/A";

const files = {
  "all.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服", description: "很长的说明" }),
    manifest("Dataset", "faq", {
      workspace: "desk",
      name: "问答",
      format: "text",
      description: "很长的说明",
    }),
    manifest("Document", "rules", { dataset: "faq", name: "很长的规则", source: { file: "a.txt" } }),
    manifest("Bot", "support", {
      workspace: "desk",
      name: "助手",
      prompt: "很长的说明",
      onboarding: { suggested_questions: ["一", "二", "三"] },
      publish: { connectors: ["api"] },
    }),
    manifest("CallbackApp", "hook", { name: "通知", callback_url: url, events: ["bot.published"] }),
  ),
  "a.txt": "七天",
};

/** A server that cuts texts, lower-cases hosts and orders questions, whenever something was written. */
function storeInOtherForms(world: World): void {
  const cut = (text: string | undefined) => text?.replace(/^很长的/u, "");
  for (const one of world.workspaces.values()) one.description = cut(one.description) ?? "";
  for (const one of world.datasets.values()) one.description = cut(one.description) ?? "";
  for (const one of world.documents.values()) one.name = cut(one.name) ?? "";
  for (const { draft } of world.bots.values()) {
    if (draft.prompt_info) draft.prompt_info = { prompt: cut(draft.prompt_info.prompt) ?? "" };
    draft.onboarding_info?.suggested_questions?.sort().reverse();
  }
  for (const app of world.callbackApps.values()) {
    if (app.callback_url) app.callback_url = new URL(app.callback_url).href;
  }
}

async function open() {
  const faults = createFaults();
  const story: Story = createStory({
    files,
    emulator: {
      fetch: echoChallenge,
      hooks: {
        before: (exchange) => faults.hooks.before(exchange),
        async after(exchange, response) {
          if (exchange.operation.match(/^(create|update|modify)_/u)) storeInOtherForms(story.emulator.world);
          return faults.hooks.after(exchange, response);
        },
      },
    },
  });
  const apply = async () => expect(failuresOf(await story.apply())).toEqual([]);
  await apply();
  return { ...story, faults, apply, planned: async () => summarize(await story.plan({ refresh: "full" })) };
}

const oneOf = <T>(items: Iterable<T>): T => [...items].at(-1) ?? fail();
const fail = (): never => {
  throw new Error("there is none");
};

describe("a server that cuts texts, lower-cases hosts and orders lists", () => {
  test("gets one version, and after one repair there is nothing to do", async () => {
    const story = await open();
    expect(await story.planned()).toEqual([
      "update CallbackApp.hook",
      "update Dataset.faq",
      "update Document.rules",
      "update Workspace.desk",
    ]);
    await story.apply();
    expect(await story.planned()).toEqual([]);
    await story.apply();
    expect(oneOf(story.emulator.world.bots.values()).versions).toHaveLength(1);
  });

  test("another value is still drift, and is put right", async () => {
    const story = await open();
    await story.apply();
    const { world } = story.emulator;
    oneOf(world.workspaces.values()).description = "手写";
    oneOf(world.callbackApps.values()).callback_url = "https://elsewhere.example.com/";
    expect(await story.planned()).toEqual(["update CallbackApp.hook", "update Workspace.desk"]);
    await story.apply();
    expect(await story.planned()).toEqual([]);
    expect(oneOf(world.workspaces.values()).description).toBe("说明");
  });
});

test("what was edited by hand and put right is drift when it is edited in the same way again", async () => {
  const workspace = manifest("Workspace", "desk", { name: "客服", description: "客服" });
  const story = createStory({
    files: { "all.yaml": workspace },
    emulator: { faults: [{ operation: "reads", fault: "list-lag", ms: 3000 }] },
  });
  await story.apply();
  await story.host.clock.sleep(10_000);
  const { world } = story.emulator;
  for (let times = 0; times < 3; times += 1) {
    oneOf(world.workspaces.values()).description = "手写";
    await story.emulator.save();
    await story.host.clock.sleep(10_000);
    expect(summarize(await story.plan())).toEqual(["update Workspace.desk"]);
    await story.apply();
    await story.host.clock.sleep(10_000);
    expect(summarize(await story.plan())).toEqual([]);
  }
});

test("a repair costs one list more, and a plain apply none", async () => {
  const story = createStory({
    files: { "all.yaml": manifest("Workspace", "desk", { name: "客服", description: "客服" }) },
  });
  const calls = async () => (await story.requestsOf(() => story.apply())).length;
  expect(await calls()).toBe(2);
  oneOf(story.emulator.world.workspaces.values()).description = "手写";
  const { planned } = await story.apply();
  expect(planned.calls.apply).toBe(2);
  expect(await calls()).toBe(1);
});
