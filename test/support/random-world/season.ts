import { expect } from "@jest/globals";
import fc from "fast-check";
import { type Played, play } from "./play.ts";
import { scenario } from "./scenario.ts";

/**
 * Plays many scenarios, others for each offset. A failure names its seed and path: with `SEED` as it was,
 * `SCENARIO=<path>` plays that one again, and smaller ones that fail as well.
 */
export async function playSeason(runs: number, offset: number): Promise<void> {
  const { SCENARIO: path } = process.env;
  const played: Played[] = [];
  const property = fc.asyncProperty(scenario, async (one) => {
    played.push(await play(one));
  });
  const seed = (fc.readConfigureGlobal()?.seed ?? 0) + offset;
  const replay = path === undefined ? { endOnFailure: true } : { path };
  await fc.assert(property, { numRuns: runs, seed, ...replay });
  if (path === undefined) expectVariety(played);
}

/** Many ends well, and everything that can go wrong did. */
function expectVariety(played: readonly Played[]): void {
  const converged = played.filter(({ ending }) => ending === "converged").length;
  expect(converged).toBeGreaterThan(0.95 * played.length);
  expect([...new Set(played.flatMap(({ struck }) => struck))].sort()).toEqual([
    "delay",
    "drop",
    "empty",
    "expire-tokens",
    "gateway",
    "leave-out",
    "list-lag",
    "number-ids",
    "refuse",
    "server-error",
    "storm",
    "text-times",
    "truncate",
  ]);
}
