import { describe, expect, test } from "@jest/globals";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const bot = (name: string) => manifest("Bot", name, { workspace: "desk", name });
const dataset = (space = "desk") =>
  manifest("Dataset", "faq", { workspace: space, name: "faq", format: "text" });
const document = manifest("Document", "a", { dataset: "faq", name: "a", source: { file: "a.txt" } });
const knowledge = { "a.yaml": manifests(workspace, dataset(), document), "a.txt": "你好" };

test("a target that names nothing is an error, and one that names something leaves the rest alone", async () => {
  const story = createStory({ files: { "bots.yaml": manifests(workspace, bot("a"), bot("b")) } });
  await expect(story.plan({ targets: ["Bot.nope"] })).rejects.toThrow("Bot.nope names no resource");
  expect(summarize(await story.plan({ targets: ["Bot.a"] }))).toEqual([
    "create Bot.a",
    "create Workspace.desk",
  ]);
});

test("a removed dataset as target takes its documents along, and the plan after it has nothing to do", async () => {
  const story = createStory({ files: knowledge });
  expect(failuresOf(await story.apply())).toEqual([]);
  story.write({ "a.yaml": workspace });
  const targets = ["Dataset.faq"];
  expect(summarize(await story.plan({ targets }))).toEqual(["delete Dataset.faq", "delete Document.a"]);
  expect(failuresOf(await story.apply({ targets, confirmRemovals: 2 }))).toEqual([]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a replaced dataset as target takes its documents along, and the plan after it has nothing to do", async () => {
  const story = createStory({ files: knowledge });
  await story.apply();
  const two = manifest("Workspace", "two", { name: "二", description: "二" });
  story.write({ "a.yaml": manifests(workspace, two, dataset("two"), document) });
  const targets = ["Dataset.faq"];
  expect(summarize(await story.plan({ targets }))).toEqual([
    "replace Dataset.faq",
    "replace Document.a",
    "create Workspace.two",
  ]);
  expect(failuresOf(await story.apply({ targets, confirmRemovals: 2 }))).toEqual([]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a target isn't refused for what the plan of another resource complains of", async () => {
  const guarded = (format: string) =>
    manifest(
      "Dataset",
      "faq",
      { workspace: "desk", name: "faq", format },
      { lifecycle: { prevent_destroy: true } },
    );
  const story = createStory({ files: { "a.yaml": manifests(workspace, guarded("text")) } });
  await story.apply();
  story.write({ "a.yaml": manifests(workspace, guarded("image"), bot("a")) });
  await expect(story.plan()).rejects.toThrow("Dataset.faq is protected");
  expect(summarize(await story.plan({ targets: ["Bot.a"] }))).toEqual(["create Bot.a"]);
});

describe("only what targets need is listed", () => {
  const space = (name: string) =>
    manifests(
      manifest("Workspace", name, { name, description: name }),
      manifest("WorkspaceMember", `${name}-lee`, {
        workspace: name,
        user_id: "2069720456012",
        role: "member",
      }),
      manifest("Dataset", `${name}-faq`, { workspace: name, name: "faq", format: "text" }),
      manifest("Dataset", `${name}-news`, { workspace: name, name: "news", format: "text" }),
      manifest("Document", `${name}-a`, { dataset: `${name}-faq`, name: "a", source: { file: "a.txt" } }),
      manifest("Document", `${name}-b`, { dataset: `${name}-news`, name: "b", source: { file: "a.txt" } }),
      manifest("Bot", `${name}-reader`, {
        workspace: name,
        name: "reader",
        knowledge: { datasets: [`${name}-faq`] },
      }),
      manifest("Bot", `${name}-plain`, { workspace: name, name: "plain" }),
    );
  const files = {
    "a.yaml": manifests(space("one"), space("two")),
    "c.yaml": manifest("CallbackApp", "events", { name: "events", callback_url: "https://example.com/hook" }),
    "a.txt": "你好",
  };
  const cases: readonly (readonly [target: string, options: object, calls: number])[] = [
    ["Workspace.one", {}, 1],
    ["Bot.one-plain", {}, 2],
    ["Bot.one-reader", {}, 3],
    ["Document.one-a", {}, 3],
    ["WorkspaceMember.two-lee", {}, 2],
    ["CallbackApp.events", {}, 2],
    ["Document.one-a", { destroy: true }, 1],
    ["Dataset.one-faq", { destroy: true }, 3],
    ["Bot.one-plain", { refreshOnly: true }, 1],
    ["Bot.one-plain", { alone: true }, 1],
  ];
  const opened = createStory({ files });
  const applied = opened.apply();

  test.each(cases)("%s %j: %i calls", async (target, options, calls) => {
    expect(failuresOf(await applied)).toEqual([]);
    const requests = await opened.requestsOf(() => opened.plan({ targets: [target], ...options }));
    expect({ requests, count: requests.length }).toMatchObject({ count: calls });
  });
});
