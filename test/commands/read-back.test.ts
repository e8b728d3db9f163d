import { expect, test } from "@jest/globals";
import { createStory, manifest, manifests, summarize } from "../support/story.ts";

test("an apply whose reading back fails still tells what it did, and that it couldn't look", async () => {
  let refusing = false;
  const story = createStory({
    files: {
      "a.yaml": manifests(
        manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
        manifest("Bot", "a", { workspace: "desk", name: "a", prompt: "一" }),
      ),
    },
    emulator: {
      hooks: {
        after({ operation }) {
          if (operation === "create_bot") refusing = true;
          return undefined;
        },
        before: ({ method }) =>
          refusing && method === "GET" ? Response.json({ code: 4011, msg: "balance" }) : undefined,
      },
    },
  });
  const { result } = await story.apply();
  expect(result?.failed).toEqual([]);
  expect(result?.done.map(({ address }) => address).sort()).toEqual(["Bot.a", "Workspace.desk"]);
  expect(story.events.filter(({ type }) => type === "not-read-back")).toHaveLength(1);
  refusing = false;
  expect(summarize(await story.plan())).toEqual([]);
});

test("what an apply skipped isn't read back, and nothing is said of it", async () => {
  const describe = (words: string) =>
    manifests(
      manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
      manifest("Dataset", "faq", { workspace: "desk", name: "faq", format: "text", description: words }),
      manifest("Bot", "a", {
        workspace: "desk",
        name: "a",
        description: words,
        knowledge: { datasets: ["faq"] },
      }),
    );
  let refusing = false;
  const story = createStory({
    files: { "a.yaml": describe("一") },
    emulator: {
      hooks: {
        before: ({ operation }) =>
          refusing && operation === "update_dataset" ? Response.json({ code: 4000, msg: "no" }) : undefined,
      },
    },
  });
  await story.apply();
  refusing = true;
  story.write({ "a.yaml": describe("二") });
  const { result } = await story.apply();
  expect(result?.skipped.map(({ step }) => step.address)).toEqual(["Bot.a"]);
  expect(story.events.filter(({ type }) => type === "drift-found")).toEqual([]);
});
