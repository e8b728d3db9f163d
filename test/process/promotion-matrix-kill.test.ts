import { expect, test } from "@jest/globals";
import { type Ground, prepareGround } from "../support/crash-ground.ts";
import { killAtCalls } from "../support/crash-matrix.ts";
import { promotion } from "../support/promotion-project.ts";

let prepared: Promise<Ground> | undefined;

test.each(["before", "after"] as const)(
  "killed just %s the effect of any call of a promotion, callers see no mixture and the next one ends in the same world",
  async (moment) => {
    prepared ??= prepareGround(promotion);
    const ground = await prepared;
    expect(ground.calls.length).toBeGreaterThanOrEqual(24);
    await killAtCalls(ground, moment, 8);
  },
);
