import { expect, test } from "@jest/globals";
import { createFaults, createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const spaces = manifests(
  manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
  manifest("Workspace", "two", { name: "二", description: "二" }),
);
const holding = (workspace: string) =>
  manifests(
    spaces,
    manifest("Dataset", "faq", { workspace, name: "faq", format: "text" }),
    manifest("Document", "a", { dataset: "faq", name: "a", source: { file: "a.txt" } }),
  );

/** A dataset on its way to another workspace, stuck because its document is refused there. */
async function halfDone() {
  const faults = createFaults();
  const story = createStory({
    files: { "a.yaml": holding("desk"), "a.txt": "x" },
    emulator: { hooks: faults.hooks },
  });
  await story.apply();
  const [old] = [...story.emulator.world.datasets.keys()];
  story.write({ "a.yaml": holding("two") });
  faults.refuse("create_knowledge_files");
  expect(failuresOf(await story.apply())).toEqual(["Document.a: Coze rejected a parameter: no"]);
  faults.heal();
  expect([...story.emulator.world.datasets.keys()]).toEqual([old, expect.any(String)]);
  expect([...story.emulator.world.documents.values()].map(({ dataset_id }) => dataset_id)).toEqual([old]);
  return story;
}

test("a replacement whose document failed keeps the old dataset, and the next apply finishes it", async () => {
  const story = await halfDone();
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(story.emulator.world.datasets.size).toBe(1);
  expect(story.emulator.world.documents.size).toBe(1);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a half-done replacement that is destroyed leaves nothing behind", async () => {
  const story = await halfDone();
  expect(failuresOf(await story.apply({ destroy: true }))).toEqual([]);
  expect(story.emulator.world.datasets.size).toBe(0);
  expect(story.emulator.world.documents.size).toBe(0);
  expect(summarize(await story.plan({ destroy: true }))).toEqual([]);
});

test("a half-done replacement whose manifests go back ends with one dataset and its document", async () => {
  const story = await halfDone();
  story.write({ "a.yaml": holding("desk") });
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(story.emulator.world.datasets.size).toBe(1);
  expect(story.emulator.world.documents.size).toBe(1);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a bot whose move stopped half way keeps its old channels, and the next apply takes it off them", async () => {
  const allow = new Set(["allow-orphans"] as const);
  const faults = createFaults();
  const moving = (workspace: string) =>
    manifests(spaces, manifest("Bot", "a", { workspace, name: "a", publish: { connectors: ["api"] } }));
  const story = createStory({ files: { "a.yaml": moving("desk") }, emulator: { hooks: faults.hooks } });
  await story.apply();
  const { bots } = story.emulator.world;
  const channels = () => [...bots.values()].map((bot) => Object.keys(bot.channels));
  const [old] = bots.keys();
  story.write({ "a.yaml": moving("two") });
  faults.refuse("publish_bot");
  expect(failuresOf(await story.apply({ allow }))).toEqual(["Bot.a: Coze rejected a parameter: no"]);
  expect(channels()).toEqual([["1024"], []]);
  faults.heal();
  expect(summarize(await story.plan())).toEqual(["retry Bot.a", `abandon Bot.a["was ${old}"]`]);
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(channels()).toEqual([[], ["1024"]]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a bot that can't be made elsewhere stays what it was", async () => {
  const faults = createFaults();
  const moving = (workspace: string) =>
    manifests(spaces, manifest("Bot", "a", { workspace, name: "a", publish: { connectors: ["api"] } }));
  const story = createStory({ files: { "a.yaml": moving("desk") }, emulator: { hooks: faults.hooks } });
  await story.apply();
  story.write({ "a.yaml": moving("two") });
  faults.refuse("create_bot");
  await story.apply({ allow: new Set(["allow-orphans"]) });
  story.write({ "a.yaml": moving("desk") });
  expect(summarize(await story.plan())).toEqual([]);
});
