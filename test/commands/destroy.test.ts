import { expect, test } from "@jest/globals";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const dataset = manifest("Dataset", "faq", { workspace: "desk", name: "faq", format: "text" });

test("destroying doesn't need the lookups of what it destroys", async () => {
  const bot = manifest("Bot", "a", {
    workspace: "desk",
    name: "a",
    knowledge: { datasets: [{ lookup: { name: "faq" } }] },
  });
  const story = createStory({ files: { "a.yaml": manifests(workspace, dataset) } });
  await story.apply();
  story.write({ "b.yaml": bot });
  expect(failuresOf(await story.apply())).toEqual([]);
  story.emulator.world.datasets.clear();
  expect(summarize(await story.plan({ destroy: true }))).toEqual([
    "abandon Bot.a",
    "forget Dataset.faq",
    "abandon Workspace.desk",
  ]);
  expect(failuresOf(await story.apply({ destroy: true }))).toEqual([]);
  expect(summarize(await story.plan({ destroy: true }))).toEqual([]);
});

test("destroying doesn't need a dataset that is named by its id and was deleted by hand", async () => {
  const story = createStory({ files: { "a.yaml": manifests(workspace, dataset), "a.txt": "x" } });
  await story.apply();
  const [id = ""] = [...story.emulator.world.datasets.keys()];
  const document = manifest("Document", "a", { dataset: { id }, name: "a", source: { file: "a.txt" } });
  story.write({ "a.yaml": manifests(workspace, dataset, document) });
  expect(failuresOf(await story.apply())).toEqual([]);
  await story.byHand("DELETE", `/v1/datasets/${id}`);
  expect(summarize(await story.plan({ destroy: true }))).toEqual([
    "forget Dataset.faq",
    "forget Document.a",
    "abandon Workspace.desk",
  ]);
  expect(failuresOf(await story.apply({ destroy: true }))).toEqual([]);
  expect(summarize(await story.plan({ destroy: true }))).toEqual([]);
});
