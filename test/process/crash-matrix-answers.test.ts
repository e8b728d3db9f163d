import { expect, test } from "@jest/globals";
import { type Ground, prepareGround } from "../support/crash-ground.ts";
import { type Disturbance, disturbCall, runMatrix } from "../support/crash-matrix.ts";
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
    // To whoever asks, a reading call that is lost before is one that is lost after.
    const calls = ground.calls.filter(({ writes }) => writes || moment === "after");
    await runMatrix({ calls }, 1, (call) => disturbCall(ground, call, moment, disturbance));
  },
);
