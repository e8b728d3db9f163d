import { showClock } from "../core/time.ts";
import { say } from "../messages/text.ts";
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

/** The next move while what a lost call made may still appear; `stays`: its resource is forgotten. */
type LostCallMove = "alone" | "timed-out" | "interrupted" | "stays";

/** A lost call in words, with the next move; `show` writes a time of epoch seconds. */
export const describeLostCall = (
  { at, until, isOver }: LostCall,
  move: LostCallMove,
  show: (seconds: number) => string = showClock,
): string =>
  isOver ? say("kinds/lost-call-over") : say(`kinds/lost-call-${move}`, { at: show(at), until: show(until) });

/** What a plan says of a step's lost call: `spec` tells whether its resource is still wanted. */
export const noteLostCall = (
  { lostCall, spec }: { readonly lostCall?: LostCall | undefined; readonly spec?: unknown },
  show?: (seconds: number) => string,
): readonly string[] => (lostCall ? [describeLostCall(lostCall, spec ? "alone" : "stays", show)] : []);

/** What a run says while it waits for what a lost call may have made. `until`: epoch seconds. */
export const describeLostWait = (until: number): string =>
  say("kinds/lost-call-wait", { until: showClock(until) });
