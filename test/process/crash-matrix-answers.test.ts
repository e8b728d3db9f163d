import { expect, test } from "@jest/globals";
import { type Ground, prepareGround } from "../support/crash-ground.ts";
import { type Disturbance, disturbCalls } from "../support/crash-matrix.ts";
import { changes } from "../support/crash-project.ts";

const drop: Disturbance = () => {
  throw new TypeError("connection lost");
};
const fail: Disturbance = () => Response.json({ code: 5000, msg: "internal" }, { status: 500 });

let prepared: Promise<Ground> | undefined;

test.each([
  ["lost before it takes effect", "before", drop],
  ["lost after it took effect", "after", drop],
  ["a 500 after it took effect", "after", fail],
] as const)(
  "whichever call of an apply is %s, the next apply ends in the same world",
  async (_how, moment, disturbance) => {
    prepared ??= prepareGround(changes);
    const ground = await prepared;
    expect(ground.calls.length).toBeGreaterThanOrEqual(60);
    await disturbCalls(ground, moment, disturbance);
  },
);
