import { expect, test } from "@jest/globals";
import type { Values } from "../../src/core/value.ts";
import { createStory, echoChallenge, failuresOf, manifest, manifests } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const bot = (spec: Values = {}) =>
  manifest("Bot", "a", { workspace: "desk", name: "a", prompt: "一", ...spec });
const published = (...connectors: readonly string[]) => ({ publish: { connectors } });
const callbackApp = manifest("CallbackApp", "h", {
  name: "h",
  callback_url: "https://h.example.com/x",
  events: ["bot.published"],
});

test.each<[string, readonly [string, ...string[]]]>([
  ["a bot", [manifests(workspace, bot())]],
  ["a published bot", [manifests(workspace, bot(published("api", "chat_sdk")))]],
  [
    "a published bot that changes",
    [
      manifests(workspace, bot(published("api"))),
      manifests(workspace, bot({ ...published("api"), prompt: "二" })),
    ],
  ],
  ["a published bot that is given up", [manifests(workspace, bot(published("api"))), workspace]],
  ["a callback app", [manifests(workspace, callbackApp)]],
])("as many calls as the plan says are made for %s", async (_what, [first, ...then]) => {
  const story = createStory({ files: { "a.yaml": first }, emulator: { fetch: echoChallenge } });
  let applied = await story.apply();
  for (const next of then) {
    story.write({ "a.yaml": next });
    applied = await story.apply();
  }
  expect(failuresOf(applied)).toEqual([]);
  expect(applied.result?.calls).toBe(applied.planned.calls.apply);
});
