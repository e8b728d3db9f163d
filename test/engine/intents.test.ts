import { expect, test } from "@jest/globals";
import type { ApplyRun } from "../../src/engine/apply-run.ts";
import { announceTogether } from "../../src/engine/intents.ts";
import type { Node, Unit } from "../../src/plan/schedule.ts";
import { createToyProject, want } from "../support/toy-engine.ts";
import type { ToyApi } from "../support/toy-kind.ts";

// No dependency of the step names the crate, which has no id.
test.each([
  ["box", true],
  ["crate", false],
])("a creation is announced where all that it refers to has an id: %s, %s", async (box, isAnnounced) => {
  const { engine, plan } = createToyProject();
  const { steps } = await plan([
    want("Box", "box", { name: "box" }),
    want("Thing", "lamp", { box: { $ref: "Box.box" }, name: "lamp" }, { dependencies: ["Box.box"] }),
  ]);
  const planned = steps.find(({ address }) => address === "Thing.lamp");
  const step = { ...planned, target: { ...planned?.target, box: { $ref: `Box.${box}` } } };
  const node = { step, calls: [{ call: "create" }], waitsFor: [] } as unknown as Node;
  const state = { resources: { "Box.box": { kind: "Box", id: "1" } } };
  const run = { engine, store: { isWhole: true, state }, isUnsuccessful: () => false };
  const announcing = announceTogether(run as unknown as ApplyRun<ToyApi>);
  expect(announcing?.needs({ part: "main", nodes: [node] } as unknown as Unit)).toBe(isAnnounced);
});
