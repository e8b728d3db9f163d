import { createHash } from "node:crypto";
import { listLag } from "../kind/identity-match.ts";

/** Milliseconds. */
const firstPause = 1000;
const briskPause = 10_000;
const longestPause = 30_000;

/**
 * The pause before the next look at Coze's own work, after the pause before the last one. It grows by half up to ten
 * seconds and by a tenth up to thirty: what takes half an hour is asked for about 60 times and told of at the most a
 * few per cent late.
 */
export function growPause(pause: number): number {
  if (pause < briskPause) return Math.max(firstPause, Math.min(pause * 1.5, briskPause));
  return Math.min(pause * 1.1, longestPause);
}

/** From 1 up to 1.25, by which the pauses of one task are longer, so that many don't ask in the same instant. */
export const spreadOf = (task: string): number =>
  1 + createHash("sha256").update(task).digest().readUInt16BE() / 0x40000;

/** Looks at Coze's own work without an answer, one after another, until the waiting ends. */
export const mostUnanswered = 8;

/**
 * Where things take long to appear, what came of a call without an answer is looked for this long by the run that made
 * it. Milliseconds.
 */
export const longestSearch = 60_000;

const longestPauseOfSearch = 60_000;

/** Pauses between looks for what came of a call without an answer: they grow, and together take a time. Milliseconds. */
export function* pausesOfSearch(time: number): Generator<number> {
  let left = time;
  for (let pause = listLag; left > 0; pause = Math.min(pause * 1.5, longestPauseOfSearch)) {
    yield Math.min(pause, left);
    left -= pause;
  }
}
