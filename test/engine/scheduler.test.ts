import { expect, test } from "@jest/globals";
import { type Overlap, runSchedule } from "../../src/engine/scheduler.ts";
import type { Unit } from "../../src/plan/schedule.ts";

const unit = (id: string): Unit => ({ id, part: "main", kind: "Toy", nodes: [], waitsFor: [] });

const overlap: Overlap = { parallelism: 1, laneOf: () => "calls", stopped: () => false };

test("a unit that steps aside twice gives up one place, and comes back to one", async () => {
  let working = 0;
  const most: number[] = [];
  const work = async (): Promise<void> => {
    working += 1;
    most.push(working);
    await Promise.resolve();
    working -= 1;
  };
  const units = ["a", "b", "c", "d"].map(unit);
  const left = await runSchedule(units, overlap, async ({ id }, turn) => {
    if (id === "a") {
      // As a search that ends because nothing is found.
      turn.stepAside("waits");
      const aside = turn.stepAside("works");
      await aside.queue();
    }
    await work();
  });
  expect(left).toEqual([]);
  expect(most).toEqual([1, 1, 1, 1]);
});
