import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Ending, play } from "../support/random-world/play.ts";
import { scenario } from "../support/random-world/scenario.ts";

/** `SCENARIO=412 npm test random-worlds` plays one again, by the path that a failure names; `SEED` draws others. */
const { SCENARIO: path, SCENARIOS: runs = 500 } = process.env;

test("random worlds end as wanted, or with a clear error", async () => {
  const endings: Ending[] = [];
  const property = fc.asyncProperty(scenario, async (one) => {
    endings.push(await play(one));
  });
  const replay = path === undefined ? {} : { path };
  await fc.assert(property, { numRuns: Number(runs), endOnFailure: path === undefined, ...replay });
  const converged = endings.filter((ending) => ending === "converged").length;
  expect(converged).toBeGreaterThan(0.9 * endings.length);
}, 300_000);
