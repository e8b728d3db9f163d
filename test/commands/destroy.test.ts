import { expect, test } from "@jest/globals";
import { listState } from "../../src/commands/state.ts";
import { createStory, failuresOf, manifest, manifests, type Story, summarize } from "../support/story.ts";

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

const text = (name: string, into = "faq") =>
  manifest("Document", name, { dataset: into, name, source: { file: "a.txt" } });
const library = {
  "a.yaml": manifests(workspace, dataset, text("a"), text("b")),
  "a.txt": "退货",
};

test("documents go with their dataset, without a call of their own", async () => {
  const story = createStory({ files: library });
  await story.apply();
  const before = story.writes().length;
  const { planned, result } = await story.apply({ destroy: true });
  expect(summarize(planned)).toEqual([
    "delete Dataset.faq",
    "delete Document.a",
    "delete Document.b",
    "abandon Workspace.desk",
  ]);
  expect(story.writes().slice(before)).toEqual(["delete_dataset"]);
  expect([planned.calls.apply, result?.calls, result?.done.length]).toEqual([1, 1, 4]);
  expect(story.emulator.world.documents.size).toBe(0);
  expect(await addressesOf(story)).toEqual([]);
});

test("a dataset that Coze doesn't delete keeps its documents, and the next run needs as few calls", async () => {
  const story = createStory({ files: library });
  await story.apply();
  const once = { times: 1 };
  story.emulator.faults.set([{ operation: "delete_dataset", fault: "refuse", code: 4101, calls: once }]);
  const { result } = await story.apply({ destroy: true });
  expect(result?.failed.map(({ step }) => step.address)).toEqual(["Dataset.faq"]);
  expect(result?.skipped.map(({ step, because }) => `${step.address}: ${because}`)).toEqual([
    "Document.a: it waits for Dataset.faq",
    "Document.b: it waits for Dataset.faq",
    "Workspace.desk: it waits for Dataset.faq",
  ]);
  expect(story.emulator.world.documents.size).toBe(2);
  expect(await addressesOf(story)).toEqual(["Dataset.faq", "Document.a", "Document.b", "Workspace.desk"]);
  const before = story.writes().length;
  expect(failuresOf(await story.apply({ destroy: true }))).toEqual([]);
  expect(story.writes().slice(before)).toEqual(["delete_dataset"]);
  expect(await addressesOf(story)).toEqual([]);
});

test("documents that don't lose their dataset go by a call", async () => {
  const story = createStory({ files: library });
  await story.apply();
  const before = story.writes().length;
  expect(failuresOf(await story.apply({ destroy: true, targets: ["Document.a"] }))).toEqual([]);
  expect(story.writes().slice(before)).toEqual(["delete_knowdge_files"]);
  expect(await addressesOf(story)).toEqual(["Dataset.faq", "Document.b", "Workspace.desk"]);
});

test("a document that moves out of a dataset is there before the dataset goes, and what is left goes along", async () => {
  const story = createStory({ files: library });
  await story.apply();
  const news = manifest("Dataset", "news", { workspace: "desk", name: "news", format: "text" });
  story.write({ "a.yaml": manifests(workspace, news, text("a", "news")) });
  const before = story.writes().length;
  expect(failuresOf(await story.apply({ confirmRemovals: 3, notRenamed: ["Dataset.faq"] }))).toEqual([]);
  expect(story.writes().slice(before)).toEqual([
    "create_dataset",
    "create_knowledge_files",
    "delete_dataset",
  ]);
  expect(await addressesOf(story)).toEqual(["Dataset.news", "Document.a", "Workspace.desk"]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a document that something else has to outlive goes by a call before that", async () => {
  const bot = manifest("Bot", "it", { workspace: "desk", name: "it", knowledge: { datasets: ["faq"] } });
  const document = manifest(
    "Document",
    "a",
    { dataset: "faq", name: "a", source: { file: "a.txt" } },
    { depends_on: ["Bot.it"] },
  );
  const story = createStory({
    files: { ...library, "a.yaml": manifests(workspace, dataset, bot, document) },
  });
  await story.apply();
  const before = story.writes().length;
  expect(failuresOf(await story.apply({ destroy: true }))).toEqual([]);
  expect(story.writes().slice(before)).toEqual(["delete_knowdge_files", "delete_dataset"]);
});

const addressesOf = async ({ host, common }: Story): Promise<readonly string[]> =>
  (await listState(host, common)).map(({ address }) => address);
