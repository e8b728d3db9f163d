import { showClock } from "../core/time.ts";
import type { KindSchema } from "./schema.ts";
import type { Entry } from "./state-entry.ts";

/** A creating call that got no answer, of a kind whose objects may take long to appear. Times are epoch seconds. */
export interface LostCall {
  /** When it was made. */
  readonly at: number;
  /** Until when what it made may appear. */
  readonly until: number;
  /** Whether that time has passed. */
  readonly isOver: boolean;
}

/** The lost call that an entry tells of; undefined where lists show at once what was made. `now`: epoch milliseconds. */
export function findLostCall(
  { listing }: Pick<KindSchema, "listing">,
  entry: Entry | undefined,
  now: number,
): LostCall | undefined {
  const appearsWithin = listing?.appearsWithin;
  if (appearsWithin === undefined || entry?.status !== "unknown") return undefined;
  // A clock that was put back doesn't tell how long ago it was.
  const at = Math.min(entry.begun ?? 0, Math.floor(now / 1000));
  const until = at + appearsWithin;
  return { at, until, isOver: now >= 1000 * until };
}

/** The next moves while what a lost call made may still appear. */
export const lostCallMoves = {
  alone: "run again then, or --wait-lost waits",
  timedOut: "run again then, or a longer --timeout waits",
  interrupted: "interrupted; run again to go on",
  /** Its resource is forgotten. */
  stays: "and then stays at Coze",
} as const;

/** A lost call in words; `move` stands behind the time, and `show` writes a time of epoch seconds. */
export const describeLostCall = (
  { at, until, isOver }: LostCall,
  move: string,
  show: (seconds: number) => string = showClock,
): string =>
  isOver
    ? "its copying call got no answer, and what it made should have appeared by now: the call is repeated if nothing is found"
    : `its copying call at ${show(at)} got no answer; what it made may appear until ${show(until)} (${move})`;

/** What a plan says of a step's lost call: `spec` tells whether its resource is still wanted. */
export const noteLostCall = (
  { lostCall, spec }: { readonly lostCall?: LostCall | undefined; readonly spec?: unknown },
  show?: (seconds: number) => string,
): readonly string[] =>
  lostCall ? [describeLostCall(lostCall, spec ? lostCallMoves.alone : lostCallMoves.stays, show)] : [];

/** What a run says while it waits for what a lost call may have made. `until`: epoch seconds. */
export const describeLostWait = (until: number): string =>
  `waiting until ${showClock(until)} for what the lost copying call may have made`;
