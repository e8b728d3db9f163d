import { expect, test } from "@jest/globals";
import { createFaults, createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const two = manifest("Workspace", "two", { name: "二", description: "二" });
const dataset = (space = "desk") =>
  manifest("Dataset", "faq", { workspace: space, name: "faq", format: "text" });
const document = manifest("Document", "a", { dataset: "faq", name: "a", source: { file: "a.txt" } });

test("after a dataset was made again and its documents failed, the next plan makes those", async () => {
  const faults = createFaults();
  const story = createStory({
    files: { "a.yaml": manifests(workspace, dataset(), document), "a.txt": "你好" },
    emulator: { hooks: faults.hooks },
  });
  await story.apply();
  const [id] = [...story.emulator.world.datasets.keys()];
  await story.byHand("DELETE", `/v1/datasets/${id}`);
  faults.refuse("create_knowledge_files");
  expect(failuresOf(await story.apply())).toEqual(["Document.a: Coze finds a parameter wrong: no"]);
  faults.heal();
  expect(summarize(await story.plan())).toEqual(["create Document.a"]);
});

test("a dataset whose workspace is ignored stays where it is, and is still seen", async () => {
  const ignoring = (space: string, description: string) =>
    manifest(
      "Dataset",
      "faq",
      { workspace: space, name: "faq", format: "text", description },
      { lifecycle: { ignore_changes: ["workspace"] } },
    );
  const story = createStory({ files: { "a.yaml": manifests(workspace, two, ignoring("desk", "1")) } });
  await story.apply();
  story.write({ "a.yaml": manifests(workspace, two, ignoring("two", "2")) });
  expect(summarize(await story.plan())).toEqual(["update Dataset.faq"]);
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a token whose user sees none of the workspaces doesn't make everything anew", async () => {
  const bot = manifest("Bot", "a", { workspace: "desk", name: "a" });
  let blind = false;
  const story = createStory({
    files: { "a.yaml": manifests(workspace, dataset(), bot) },
    emulator: {
      hooks: {
        after: ({ path, method }) =>
          blind && method === "GET" && /^\/v1\/workspaces\?/.test(path)
            ? Response.json({ code: 0, msg: "", data: { total_count: 0, workspaces: [] } })
            : undefined,
      },
    },
  });
  await story.apply();
  blind = true;
  expect(summarize(await story.plan())).toEqual([]);
});
