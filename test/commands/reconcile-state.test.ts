import { expect, test } from "@jest/globals";
import type { Values } from "../../src/core/value.ts";
import { createStory, failuresOf, manifest, manifests, summarize } from "../support/story.ts";

const workspace = manifest("Workspace", "desk", { name: "客服空间", description: "客服" });
const dataset = (name = "faq", spec: Values = {}, metadata: Values = {}) =>
  manifest("Dataset", name, { workspace: "desk", name, format: "text", ...spec }, metadata);
const protectedLife = { lifecycle: { prevent_destroy: true } };

test("a protection added to what exists already holds from the next apply on", async () => {
  const story = createStory({ files: { "a.yaml": manifests(workspace, dataset()) } });
  await story.apply();
  story.write({ "a.yaml": manifests(workspace, dataset("faq", {}, protectedLife)) });
  await story.apply();
  await expect(story.apply({ destroy: true })).rejects.toThrow("Dataset.faq is protected");
  story.write({ "a.yaml": workspace });
  await expect(story.apply()).rejects.toThrow("Dataset.faq is protected");
  expect(story.emulator.world.datasets.size).toBe(1);
});

test("a protection taken out and applied protects no longer", async () => {
  const story = createStory({ files: { "a.yaml": manifests(workspace, dataset("faq", {}, protectedLife)) } });
  await story.apply();
  story.write({ "a.yaml": manifests(workspace, dataset()) });
  await story.apply();
  story.write({ "a.yaml": workspace });
  expect(summarize(await story.plan())).toEqual(["delete Dataset.faq"]);
});

test("after a dependency was turned round, destroying finds an order", async () => {
  const first = manifests(workspace, dataset("a", {}, { depends_on: ["Dataset.b"] }), dataset("b"));
  const story = createStory({ files: { "a.yaml": first } });
  await story.apply();
  const described = dataset("b", { description: "x" }, { depends_on: ["Dataset.a"] });
  story.write({ "a.yaml": manifests(workspace, dataset("a"), described) });
  expect(failuresOf(await story.apply())).toEqual([]);
  expect(failuresOf(await story.apply({ destroy: true }))).toEqual([]);
  expect(story.emulator.world.datasets.size).toBe(0);
});

test("two datasets whose dependency was turned round are replaced in one apply", async () => {
  const first = manifests(workspace, dataset("a", {}, { depends_on: ["Dataset.b"] }), dataset("b"));
  const story = createStory({ files: { "a.yaml": first } });
  await story.apply();
  story.write({
    "a.yaml": manifests(
      workspace,
      dataset("a", { format: "image" }),
      dataset("b", { format: "image" }, { depends_on: ["Dataset.a"] }),
    ),
  });
  expect(summarize(await story.plan())).toEqual(["replace Dataset.a", "replace Dataset.b"]);
  expect(failuresOf(await story.apply())).toEqual([]);
  expect([...story.emulator.world.datasets.values()].map(({ name }) => name)).toEqual(["a", "b"]);
  expect(summarize(await story.plan())).toEqual([]);
});

test("a field taken out whose live value is the default already is no longer managed", async () => {
  const story = createStory({
    files: { "a.yaml": manifests(workspace, dataset("faq", { description: "" })) },
  });
  await story.apply();
  story.write({ "a.yaml": manifests(workspace, dataset()) });
  await story.apply();
  const [id] = [...story.emulator.world.datasets.keys()];
  await story.byHand("PUT", `/v1/datasets/${id}`, { name: "faq", description: "by hand" });
  expect(summarize(await story.plan())).toEqual([]);
});
