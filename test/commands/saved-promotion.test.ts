import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { planPromotion, promote } from "../../src/commands/promote.ts";
import { removeState } from "../../src/commands/state.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const files = {
  "cozeform.yaml":
    "apiVersion: cozeform/v1\nkind: Project\nmanifests: [manifests/*.yaml]\nenvironments: {dev: {}, prod: {}}\n",
  "manifests/all.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服", description: "客服" }),
    manifest("Copy", "flow", {
      type: "workflow",
      source: { environment: "dev", workflow: "开票" },
      workspace: "desk",
    }),
  ),
};

/** Prod has a copy of what dev's workflow was, and a promotion of what it is now is saved. */
async function setScene() {
  const story = createStory({ files });
  const { world } = story.emulator;
  expect(failuresOf(await story.apply({ environment: "dev", targets: ["Workspace.desk"] }))).toEqual([]);
  const desk = [...world.workspaces.values()].find(({ name }) => name === "客服")?.id ?? "";
  const original = world.addWorkflow({ space_id: desk, name: "开票" }).id;
  for (const environment of ["dev", "prod"]) {
    expect(failuresOf(await story.apply({ environment }))).toEqual([]);
  }
  const change = async () => {
    await story.host.clock.sleep(5000);
    world.editWorkflow(original, {});
  };
  await change();
  const planned = await planPromotion(story.host, { ...story.common, environment: "prod", from: "dev" });
  expect(summarize(planned)).toEqual(["replace Copy.flow"]);
  const planFile = join(story.directory, "release.json");
  writeFileSync(planFile, JSON.stringify(planned.document));
  const copies = () => [...world.workflows.values()].filter(({ space_id }) => space_id !== desk).length;
  return { story, change, planFile, copies };
}

test("a saved promotion copies what it was planned with", async () => {
  const { story, planFile, copies } = await setScene();
  expect(failuresOf(await story.apply({ environment: "prod", planFile }))).toEqual([]);
  expect(copies()).toBe(2);
});

test("a saved promotion is stale once an original was changed since", async () => {
  const { story, change, planFile, copies } = await setScene();
  await change();
  await expect(story.apply({ environment: "prod", planFile })).rejects.toThrow(
    "copy sources changed since the plan was made: Copy.flow",
  );
  expect(copies()).toBe(1);
});

test("a promotion whose source's state changed since its plan sends nothing, and names both serials", async () => {
  const { story, planFile, copies } = await setScene();
  const options = { ...story.common, environment: "prod", from: "dev" };
  const writes = () => story.emulator.requests.filter((request) => request.writes).length;
  const before = writes();
  let isApproved = false;
  const promoting = promote(story.host, {
    ...options,
    async approve() {
      isApproved = true;
      await removeState(story.host, { ...story.common, environment: "dev" }, ["Workspace.desk"]);
      return true;
    },
  });
  const told = "the state of dev changed since the promotion was planned (serial 1, now 2)";
  await expect(promoting).rejects.toThrow(told);
  const asked = story.emulator.requests.length;
  await expect(story.apply({ environment: "prod", planFile })).rejects.toThrow(told);
  expect([isApproved, writes(), copies()]).toEqual([true, before, 1]);
  // The saved plan is refused before Coze is asked.
  expect(story.emulator.requests).toHaveLength(asked);
});
