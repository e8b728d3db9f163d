import { expect, test } from "@jest/globals";
import type { Exchange } from "../../src/emulator/http/server.ts";
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
  expect(failuresOf(await story.apply())).toEqual(["Document.a: Coze rejected a parameter: no"]);
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

test("a bot that a list doesn't show, for whatever reason, isn't replaced", async () => {
  let hides = false;
  const none = () => Response.json({ code: 0, msg: "", data: { items: [], total: 0 } });
  const hooks = {
    before: ({ operation }: Exchange) =>
      hides && operation === "bots_list_draft_published" ? none() : undefined,
  };
  const bot = (prompt: string) =>
    manifest("Bot", "a", { workspace: "desk", name: "a", prompt, publish: { connectors: ["api"] } });
  const story = createStory({ files: { "a.yaml": manifests(workspace, bot("1")) }, emulator: { hooks } });
  await story.apply();
  hides = true;
  expect(summarize(await story.plan())).toEqual([]);
  story.write({ "a.yaml": manifests(workspace, bot("2")) });
  expect(summarize(await story.plan())).toEqual(["update Bot.a"]);
});

test("what is below a parent that was just seen isn't gone because a listing doesn't find the parent", async () => {
  let hides = false;
  const gone = () => Response.json({ code: 4200, msg: "no" }, { status: 404 });
  const hooks = {
    before: ({ operation }: Exchange) => (hides && operation === "list_dataset" ? gone() : undefined),
  };
  const story = createStory({ files: { "a.yaml": manifests(workspace, dataset()) }, emulator: { hooks } });
  await story.apply();
  hides = true;
  await expect(story.plan()).rejects.toThrow("a call about it says that it doesn't exist");
});
