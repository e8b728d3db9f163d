import { listLag } from "../kind/identity-match.ts";
import {
  describeLostCall,
  describeLostWait,
  findLostCall,
  type LostCall,
  lostCallMoves,
} from "../kind/lost-creation.ts";
import { longestSearch, pausesOfSearch } from "../lifecycle/backoff.ts";
import { type LostCreate, type LostSearch, lookOnce, searchLostCreates } from "./lost-create-recovery.ts";
import type { Aside } from "./scheduler.ts";
import { entryOf, type StepRun } from "./step-run.ts";

/** Looks for what creations that got no answer have made: until lists have caught up, or as long as it may appear. */
export async function searchLost<Api>(lost: readonly LostCreate<Api>[]): Promise<LostSearch<Api>> {
  const [first] = lost;
  if (first?.making.kind.listing?.appearsWithin === undefined) return searchLostCreates(lost, listLag);
  return waitForLost(lost);
}

/** Looks for what creations have made that an earlier run began. */
export async function settleDoubt<Api>(makings: readonly StepRun<Api>[]): Promise<LostSearch<Api>> {
  return waitForLost(makings.map((making) => ({ making, error: new Error("its creation got no answer") })));
}

/** Looks for what a task has made that Coze doesn't know any more; it fails when that can't appear any more. */
export async function searchForgotten<Api>(lost: LostCreate<Api>): Promise<LostSearch<Api>> {
  const { making, error } = lost;
  const { run, node } = making;
  const isOpen = lostCallOf(making)?.isOver === false;
  const { found, missing } = isOpen
    ? await waitForLost([lost])
    : await searchLostCreates([lost], Math.min(longestSearch, run.options.timeout));
  if (missing.length > 0) run.failed(node, new NothingAppeared(error));
  return { found, missing: [] };
}

/** What a task that Coze has forgotten was to make isn't there. */
class NothingAppeared extends Error {
  override readonly name = "NothingAppeared";
  readonly hint = "apply again: it looks once more, and repeats the call only when nothing appears";

  constructor(cause: Error) {
    super(`${cause.message}, and nothing that it made has appeared`, { cause });
  }
}

const lostCallOf = <Api>(making: StepRun<Api>): LostCall | undefined =>
  findLostCall(making.kind, entryOf(making), making.run.engine.clock.now());

/**
 * Looks at once, and then, without a place among the units that run, with growing pauses for as long as anything else
 * goes on in the run or as the caller wants to wait. What may still appear at the end is left pending; `missing` are
 * those whose time is over, so that their call may be repeated.
 */
async function waitForLost<Api>(lost: readonly LostCreate<Api>[]): Promise<LostSearch<Api>> {
  const [first] = lost;
  if (!first) return { found: [], missing: [] };
  const { run, turn } = first.making;
  const begun = run.engine.clock.now();
  const until = 1000 * Math.max(...lost.map(({ making }) => lostCallOf(making)?.until ?? 0));
  const looked = await lookOnce(lost);
  if (looked.missing.length === 0) return looked;
  if (begun >= until) return run.engine.signal?.aborted ? leaveOpen(looked, "ended") : looked;
  const aside = turn.stepAside();
  const vigil: LostCreateWait = { begun, until, end: Math.min(until, begun + run.options.timeout), aside };
  const { found, missing, why } = await keepLooking(first.making, looked.missing, vigil);
  const all = { found: [...looked.found, ...found], missing };
  if (missing.length === 0) aside.goOn();
  if (missing.length > 0 && why === "over") {
    await aside.queue();
    if (!isEnding(first.making, aside)) return all;
  }
  return leaveOpen(all, why);
}

/** How long one looks. Epoch milliseconds. */
interface LostCreateWait {
  readonly begun: number;
  /** Until when what is looked for may appear. */
  readonly until: number;
  /** Until when one looks at the most. */
  readonly end: number;
  readonly aside: Aside;
}

/** `over`: it can't appear any more; `ended`: the run comes to its end; `left`: no one waits any longer. */
interface Looked<Api> extends LostSearch<Api> {
  readonly why: "over" | "ended" | "left";
}

/** Whether the run comes to its end, whatever is waited for. */
const isEnding = <Api>({ run }: StepRun<Api>, { over }: Aside): boolean =>
  run.engine.signal?.aborted === true || over.aborted;

async function keepLooking<Api>(
  making: StepRun<Api>,
  lost: readonly LostCreate<Api>[],
  { begun, until, end, aside }: LostCreateWait,
): Promise<Looked<Api>> {
  const { clock, signal } = making.run.engine;
  const { waitLost } = making.run.options;
  const isAlone = () => !waitLost && aside.alone.aborted;
  const stops = [...(signal ? [signal] : []), aside.over];
  const rouses = waitLost ? stops : [...stops, aside.alone];
  if (!isAlone() && !isEnding(making, aside)) for (const one of lost) tellWait(one.making, end);
  const found: StepRun<Api>[] = [];
  let missing = lost;
  for (const pause of pausesOfSearch(Number.POSITIVE_INFINITY)) {
    await clock.sleep(Math.max(0, Math.min(pause, end - clock.now())), AbortSignal.any(rouses));
    const lag = Math.min(begun + listLag, end) - clock.now();
    if (isAlone() && lag > 0) await clock.sleep(lag, AbortSignal.any(stops));
    if (isEnding(making, aside)) return { found, missing, why: "ended" };
    const now = clock.now();
    const isLast = isAlone() || now >= end;
    const looked = await lookOnce(missing);
    found.push(...looked.found);
    missing = looked.missing;
    if (missing.length === 0 || now >= until) break;
    if (isLast) return { found, missing, why: "left" };
  }
  return { found, missing, why: "over" };
}

function tellWait<Api>({ run, step }: StepRun<Api>, end: number): void {
  const { clock, onEvent } = run.engine;
  const detail = describeLostWait(end / 1000);
  onEvent({ type: "step-progressed", at: clock.now(), step, detail, until: end });
}

/** Leaves pending what is missing. */
function leaveOpen<Api>({ found, missing }: LostSearch<Api>, why: Looked<Api>["why"]): LostSearch<Api> {
  for (const { making } of missing) {
    const lost = lostCallOf(making);
    const wait = making.run.options.waitLost ? lostCallMoves.timedOut : lostCallMoves.alone;
    const move = why === "left" ? wait : lostCallMoves.interrupted;
    if (lost) making.run.pending(making.node, describeLostCall(lost, move), 1000 * lost.until);
  }
  return { found, missing: [] };
}
