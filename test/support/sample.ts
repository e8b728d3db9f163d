import { relative } from "node:path";
import { expect } from "@jest/globals";

/** Whether every case runs: `npm run test:full`. Otherwise a test with many cases takes a sample of them. */
const isFull = process.env.COZEFORM_TEST_FULL === "1";

/** The seed of this run, from `SEED`: samples, mutants and property tests follow from it. */
export const seed = Number(process.env.SEED ?? 20_261);

/** The command that runs the present test alone, and of its cases only that of `choice`, a variable with its value. */
export function describeRerun(choice?: string): string {
  const { testPath = "", currentTestName = "" } = expect.getState();
  // It is a pattern, and stands in quotes.
  const title = currentTestName.replaceAll(/["$()*+?[\\\]^`{|}]/gu, ".");
  const command = [`SEED=${seed}`, choice, "npm test --", relative(".", testPath)].filter(Boolean).join(" ");
  return `${command} -t "${title}"`;
}

/** How many cases to draw: `full` in a full run, otherwise `sampled`. */
export const scale = (full: number, sampled: number): number => (isFull ? full : sampled);

/** The indices of the cases to draw, which are the first of a full run's; only that of `CASE` when it is set. */
export function indicesOf(full: number, sampled: number): readonly number[] {
  const { CASE: only } = process.env;
  return only === undefined
    ? Array.from({ length: scale(full, sampled) }, (_, index) => index)
    : [Number(only)];
}

/**
 * All cases in a full run, otherwise about `count` of them in their order: first so many that each class is there,
 * then others. Another seed draws others.
 */
export function sampleOf<T>(
  cases: readonly T[],
  count: number,
  classesOf: (one: T) => readonly string[] = () => [],
): readonly T[] {
  if (isFull) return cases;
  const drawn = shuffle(cases);
  const seen = new Set<string>();
  const first = drawn.filter((one) => {
    const fresh = classesOf(one).filter((name) => !seen.has(name));
    for (const name of fresh) seen.add(name);
    return fresh.length > 0;
  });
  const chosen = new Set([...first, ...drawn].slice(0, Math.max(count, first.length)));
  return cases.filter((one) => chosen.has(one));
}

/** The same order for the same seed and number of cases. */
function shuffle<T>(cases: readonly T[]): readonly T[] {
  const keyed = cases.map((one, index) => [mix(Math.imul(seed, 0x9e3779b1) ^ mix(index + 1)), one] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, one]) => one);
}

/** A hash of a 32-bit number (MurmurHash3's last step). */
function mix(number: number): number {
  let mixed = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
