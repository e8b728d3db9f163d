import { createHash } from "node:crypto";
import { listLag } from "../kind/identity-match.ts";

/** Milliseconds. */
const firstPause = 1000;
const briskPause = 10_000;
const longestPause = 30_000;

/**
 * The pause before the next look at Coze's own work, given the pause before the last one; milliseconds. It grows by half
 * up to ten seconds, then by a tenth up to thirty: work of half an hour takes about 70 looks, and its end is noticed a
 * few per cent late at most.
 */
export function growPause(pause: number): number {
  if (pause < briskPause) return Math.max(firstPause, Math.min(pause * 1.5, briskPause));
  return Math.min(pause * 1.1, longestPause);
}

/** A factor from 1 up to 1.25 for the pauses of one task, so that many tasks aren't asked about in the same instant. */
export const spreadOf = (task: string): number =>
  1 + createHash("sha256").update(task).digest().readUInt16BE() / 0x40000;

/** How long a run searches for the object of a lost creation where objects take long to appear. Milliseconds. */
export const longestSearch = 60_000;

const longestPauseOfSearch = 60_000;

/** Pauses between the looks of a search: they grow, and add up to `time`. Milliseconds. */
export function* pausesOfSearch(time: number): Generator<number> {
  let left = time;
  for (let pause = listLag; left > 0; pause = Math.min(pause * 1.5, longestPauseOfSearch)) {
    yield Math.min(pause, left);
    left -= pause;
  }
}
