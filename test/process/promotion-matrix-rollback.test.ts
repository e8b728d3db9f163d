import { expect, test } from "@jest/globals";
import { type Ground, prepareGround } from "../support/crash-ground.ts";
import { killAtCalls } from "../support/crash-matrix.ts";
import { wayBack } from "../support/promotion-project.ts";

let prepared: Promise<Ground> | undefined;

test.each(["before", "after"] as const)(
  "killed just %s the effect of any call of a rollback, callers see no mixture and the next one goes back no further",
  async (moment) => {
    prepared ??= prepareGround(wayBack);
    const ground = await prepared;
    expect(ground.calls.length).toBeGreaterThanOrEqual(9);
    await killAtCalls(ground, moment, 3);
  },
);
