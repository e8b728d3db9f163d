import { expect, test } from "@jest/globals";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const bot = (name: string) => manifest("Bot", name, { workspace: "desk", name, prompt: `你是${name}` });

test("adopting takes over a workspace with the bots in it, and makes no second one of any", async () => {
  const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
  const story = createStory({ files: { "bots.yaml": manifests(workspace, bot("a"), bot("b")) } });
  await story.apply();
  await story.apply({ destroy: true });
  expect(summarize(await story.plan({ adopt: true }))).toEqual([
    "adopt Bot.a",
    "adopt Bot.b",
    "adopt Workspace.desk",
  ]);
  expect(failuresOf(await story.apply({ adopt: true }))).toEqual([]);
  expect(story.emulator.world.bots.size).toBe(2);
  expect(summarize(await story.plan())).toEqual([]);
});

test("adopting a workspace with an icon writes nothing that Coze can't take", async () => {
  const spec = { name: "客服空间", description: "客服", icon: "icon.png" };
  const story = createStory({ files: { "a.yaml": manifest("Workspace", "desk", spec), "icon.png": "png" } });
  await story.apply();
  await story.apply({ destroy: true });
  const before = story.writes().length;
  expect(failuresOf(await story.apply({ adopt: true }))).toEqual([]);
  expect(story.writes().slice(before)).toEqual([]);
});
