import { expect, test } from "@jest/globals";
import { type Ground, prepareGround, type Scenario } from "../support/crash-ground.ts";
import { type Disturbance, disturbCall, runMatrix } from "../support/crash-matrix.ts";
import { promotion, wayBack } from "../support/promotion-project.ts";

const drop: Disturbance = () => {
  throw new TypeError("connection lost");
};
const fail: Disturbance = () => Response.json({ code: 5000, msg: "internal" }, { status: 500 });

const prepared = new Map<Scenario, Promise<Ground>>();

function groundOf(scenario: Scenario): Promise<Ground> {
  const ground = prepared.get(scenario) ?? prepareGround(scenario);
  prepared.set(scenario, ground);
  return ground;
}

test.each([
  ["a promotion", "lost before it takes effect", promotion, "before", drop],
  ["a promotion", "lost after it took effect", promotion, "after", drop],
  ["a promotion", "a 500 after it took effect", promotion, "after", fail],
  ["a rollback", "lost before it takes effect", wayBack, "before", drop],
  ["a rollback", "lost after it took effect", wayBack, "after", drop],
  ["a rollback", "a 500 after it took effect", wayBack, "after", fail],
] as const)(
  "whichever call of %s is %s, callers see no mixture and the next run ends in the same world",
  async (_what, _how, scenario, moment, disturbance) => {
    const ground = await groundOf(scenario);
    // To whoever asks, a reading call that is lost before is one that is lost after.
    const calls = ground.calls.filter(({ writes }) => writes || moment === "after");
    expect(calls.length).toBeGreaterThanOrEqual(4);
    await runMatrix({ calls }, 1, (call) => disturbCall(ground, call, moment, disturbance));
  },
  300_000,
);
