import { describe, expect, test } from "@jest/globals";
import {
  createFaults,
  createStory,
  echoChallenge,
  failuresOf,
  manifest,
  manifests,
  summarize,
} from "../support/story.ts";

const normalising = ["trimmed-texts", "lf-texts", "composed-texts"] as const;

/** A name that such a server stores in another form. */
const name = "\u3000客服 cafe\u0301 ";

const files = {
  "all.yaml": manifests(
    manifest("Workspace", "desk", { name, description: name }),
    manifest("Dataset", "faq", { workspace: "desk", name, format: "text" }),
    manifest("Document", "rules", { dataset: "faq", name, source: { file: "a.txt" } }),
    manifest("Bot", "support", { workspace: "desk", name, prompt: "你好" }),
    manifest("CallbackApp", "hook", { name, callback_url: "https://hooks.example.com/a" }),
  ),
  "a.txt": "七天",
};

function open() {
  const faults = createFaults();
  const story = createStory({
    files,
    emulator: { hooks: faults.hooks, fetch: echoChallenge, world: { variants: normalising } },
  });
  const { workspaces, datasets, documents, bots, callbackApps } = story.emulator.world;
  // A person's own workspace is there from the start.
  const counts = () => [workspaces.size - 1, datasets.size, documents.size, bots.size, callbackApps.size];
  return { ...story, faults, counts };
}

describe.each([
  "create_workspace",
  "create_dataset",
  "create_knowledge_files",
  "create_bot",
  "create_callback_app",
])("the answer of %s is lost", (operation) => {
  test("and its object is found in the same run under the name that Coze stores", async () => {
    const story = open();
    story.faults.lose("after", operation);
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(story.counts()).toEqual([1, 1, 1, 1, 1]);
    expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
  });

  test("and its object is found by the next run", async () => {
    const story = open();
    story.faults.breakAfter(operation);
    expect(failuresOf(await story.apply())).not.toEqual([]);
    story.faults.heal();
    expect(failuresOf(await story.apply())).toEqual([]);
    expect(story.counts()).toEqual([1, 1, 1, 1, 1]);
    expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
  });
});

test("what Coze stores under another form of the name is adopted, and no second object made", async () => {
  const story = open();
  expect(failuresOf(await story.apply())).toEqual([]);
  story.write({ "all.yaml": "" });
  await story.apply({ destroy: true, confirmRemovals: 5 });
  story.write(files);
  expect(summarize(await story.plan({ adopt: true }))).toEqual([
    "adopt Bot.support",
    "create CallbackApp.hook",
    "create Dataset.faq",
    "create Document.rules",
    "adopt Workspace.desk",
  ]);
  expect(failuresOf(await story.apply({ adopt: true }))).toEqual([]);
  expect(story.counts()).toEqual([1, 1, 1, 1, 1]);
  expect(summarize(await story.plan({ refresh: "full" }))).toEqual([]);
});

test("an object of just the wanted name is taken before one whose name differs in its ends", async () => {
  const story = createStory({
    files: { "all.yaml": manifest("Bot", "support", { workspace: { id: "1" }, name: " 客服" }) },
  });
  const { world } = story.emulator;
  const space = world.addWorkspace({ name: "空间" }).id;
  story.write({ "all.yaml": manifest("Bot", "support", { workspace: { id: space }, name: " 客服" }) });
  world.addBot({ space_id: space, draft: { name: "客服" } });
  const { id } = world.addBot({ space_id: space, draft: { name: " 客服" } });
  const { plan } = await story.plan({ adopt: true });
  expect(plan.steps.map(({ action, place }) => [action, place?.id])).toEqual([["adopt", id]]);
});

test("a lookup finds an object under the form in which Coze stores its name", async () => {
  const story = createStory();
  const { world } = story.emulator;
  const space = world.addWorkspace({ name: "客服 café" }).id;
  story.write({
    "all.yaml": manifest("Bot", "support", { workspace: { lookup: { name } }, name: "助手" }),
  });
  expect(failuresOf(await story.apply())).toEqual([]);
  expect([...world.bots.values()].map(({ space_id }) => space_id)).toEqual([space]);
});
