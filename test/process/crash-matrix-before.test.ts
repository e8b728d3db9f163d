import { expect, test } from "@jest/globals";
import { prepareGround } from "../support/crash-ground.ts";
import { killAtCalls } from "../support/crash-matrix.ts";
import { changes } from "../support/crash-project.ts";

test("killed just before the effect of any call of an apply, the next apply ends in the same world", async () => {
  const ground = await prepareGround(changes);
  expect(ground.calls.length).toBeGreaterThanOrEqual(60);
  await killAtCalls(ground, "before", 8);
});
