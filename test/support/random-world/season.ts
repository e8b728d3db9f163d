import { expect } from "@jest/globals";
import fc from "fast-check";
import { describeRerun, scale, seed } from "../sample.ts";
import { type Played, play } from "./play.ts";
import { scenario } from "./scenario.ts";

/**
 * Plays scenarios, others for each offset. A failure names the command that plays that one again, and smaller ones that
 * fail as well.
 */
export async function playSeason(offset: number): Promise<void> {
  const { SCENARIO: path } = process.env;
  const played: Played[] = [];
  const property = fc.asyncProperty(scenario, async (one) => {
    played.push(await play(one));
  });
  const replay = path === undefined ? { endOnFailure: true } : { path };
  await fc.assert(property, {
    numRuns: scale(500, 50),
    seed: seed + offset,
    ...replay,
    reporter: (details) => {
      if (!details.failed) return;
      const alone = describeRerun(`SCENARIO=${details.counterexamplePath}`);
      throw new Error(`${fc.defaultReportMessage(details)}\nalone: ${alone}`);
    },
  });
  if (path === undefined) expectVariety(played);
}

const faults = [
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
];

/** Many ends well, and everything that can go wrong did; of a sample, most of it. */
function expectVariety(played: readonly Played[]): void {
  const converged = played.filter(({ ending }) => ending === "converged").length;
  expect(converged).toBeGreaterThan(scale(0.95, 0.8) * played.length);
  const struck = [...new Set(played.flatMap(({ struck }) => struck))];
  expect(faults).toEqual(expect.arrayContaining(struck));
  expect(struck.length).toBeGreaterThanOrEqual(scale(faults.length, 9));
}
