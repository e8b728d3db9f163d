import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { growPause, pausesOfSearch, spreadOf } from "../../src/lifecycle/poll-intervals.ts";

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

test("the pauses of a search add up to its time, and grow up to a minute", () => {
  const times = fc.integer({ min: 1, max: 3_600_000 });
  fc.assert(
    fc.property(times, (time) => {
      const pauses = [...pausesOfSearch(time)];
      expect(sum(pauses)).toBe(time);
      const whole = pauses.slice(0, -1);
      expect(whole.every((pause, index) => pause >= (whole[index - 1] ?? 5000) && pause <= 60_000)).toBe(
        true,
      );
    }),
  );
});

test("a search of no time has no pauses", () => {
  expect([...pausesOfSearch(0)]).toEqual([]);
});

test("work of half an hour takes seventy looks, the last two thirty seconds apart", () => {
  const pauses: number[] = [];
  for (let pause = growPause(0); sum(pauses) < 1_800_000; pause = growPause(pause)) pauses.push(pause);
  expect(pauses.slice(0, 3)).toEqual([1000, 1500, 2250]);
  expect([pauses.length, pauses.at(-1)]).toEqual([71, 30_000]);
});

test("tasks spread over a quarter of a pause, each always in the same way", () => {
  fc.assert(
    fc.property(fc.string(), (task) => {
      expect(spreadOf(task)).toBe(spreadOf(task));
      expect(spreadOf(task)).toBeGreaterThanOrEqual(1);
      expect(spreadOf(task)).toBeLessThan(1.25);
    }),
  );
  expect(new Set(["a", "b", "c", "d"].map(spreadOf)).size).toBe(4);
});
