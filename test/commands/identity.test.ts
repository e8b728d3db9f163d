import { expect, test } from "@jest/globals";
import type { Values } from "../../src/core/value.ts";
import { createFaults, createStory, failuresOf, manifest, manifests, type Story } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const dataset = (spec: Values = {}, address = "faq") =>
  manifest("Dataset", address, { workspace: "desk", name: "faq", format: "text", ...spec });

/** Somebody else makes a dataset of the same name beside ours. */
async function makeNamesake({ emulator, byHand }: Story, format: number): Promise<void> {
  const desk = [...emulator.world.workspaces.values()].find(({ name }) => name === "客服空间");
  await byHand("POST", "/v1/datasets", { space_id: desk?.id, name: "faq", format_type: format });
}

function beginStory() {
  const faults = createFaults();
  const story = createStory({
    files: { "a.yaml": manifests(workspace, dataset()) },
    emulator: { hooks: faults.hooks },
  });
  return { faults, story };
}

/** The creation gets lost before its effect: it is to be made again, whoever bears its name by now. */
async function expectRetried(story: Story, faults: ReturnType<typeof createFaults>): Promise<void> {
  faults.lose("before", "create_dataset");
  expect(failuresOf(await story.apply({ duplicate: ["Dataset.faq"] }))).toEqual([
    "Dataset.faq: it is unknown whether the call took effect: the connection failed",
  ]);
  faults.heal();
  const step = (await story.plan()).plan.steps.find(({ address }) => address === "Dataset.faq");
  expect([step?.action, step?.place?.id, step?.because]).toEqual([
    "retry",
    undefined,
    ["its creation was interrupted before it took effect"],
  ]);
}

test("a replacement whose creation got lost before its effect doesn't take over a foreign namesake", async () => {
  const { faults, story } = beginStory();
  await story.apply();
  await makeNamesake(story, 2);
  story.write({ "a.yaml": manifests(workspace, dataset({ format: "image" })) });
  await expectRetried(story, faults);
});

test("an object made again with a lost call doesn't take over a foreign namesake", async () => {
  const { faults, story } = beginStory();
  await story.apply();
  const [own] = [...story.emulator.world.datasets.keys()];
  await makeNamesake(story, 0);
  story.emulator.world.datasets.delete(own ?? "");
  await expectRetried(story, faults);
});

test("two datasets of one name in one workspace are refused while planning, with or without taking over", async () => {
  const story = createStory({ files: { "a.yaml": workspace } });
  await story.apply();
  await makeNamesake(story, 0);
  story.write({ "a.yaml": manifests(workspace, dataset({}, "one"), dataset({}, "two")) });
  const writes = story.writes().length;
  for (const adopt of [true, false]) {
    await expect(story.apply({ adopt })).rejects.toMatchObject({
      diagnostics: expect.arrayContaining([
        expect.objectContaining({
          code: "same-identity",
          message: "Dataset.one and Dataset.two have the same identity (workspace, name)",
        }),
      ]),
    });
  }
  expect(story.writes()).toHaveLength(writes);
});

test("two documents of one name in one dataset are refused before anything is sent", async () => {
  const document = (name: string) =>
    manifest("Document", name, { dataset: "faq", name: "same", source: { file: `${name}.txt` } });
  const story = createStory({
    files: {
      "a.yaml": manifests(workspace, dataset(), document("a"), document("b")),
      "a.txt": "x",
      "b.txt": "y",
    },
  });
  await expect(story.apply()).rejects.toMatchObject({
    diagnostics: [
      {
        code: "same-identity",
        message: "Document.a and Document.b have the same identity (dataset, name)",
      },
    ],
  });
  expect(story.writes()).toEqual([]);
});
