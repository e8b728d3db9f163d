import { listLag } from "../kind/identity-match.ts";
import { describeLostCall, describeLostWait, findLostCall, type LostCall } from "../kind/lost-call.ts";
import {
  type CreateHost,
  endSearch,
  type LostCreate,
  searchOnce,
} from "../lifecycle/create-with-recovery.ts";
import { pausesOfSearch } from "../lifecycle/poll-intervals.ts";
import type { Port } from "../lifecycle/port.ts";
import type { ApplyRun } from "./apply-run.ts";
import type { Aside } from "./scheduler.ts";
import { entryOf, type StepRun } from "./step-run.ts";

type Host<Api> = CreateHost<Api, StepRun<Api>>;
type Lost<Api> = readonly LostCreate<StepRun<Api>>[];

/** The lost call of a step, of a kind whose objects may take long to appear. */
export const lostCallOf = <Api>(stepRun: StepRun<Api>): LostCall | undefined =>
  findLostCall(stepRun.kind, entryOf(stepRun), stepRun.run.port.now());

/**
 * Searches at once and then with growing pauses. Meanwhile the unit gives up its turn; the wait lasts as long as other
 * units run, or as long as the user wants to wait. Objects that may still appear at the end leave their steps pending.
 * Resolves with the creations whose time is over, so that they can be repeated.
 */
export async function waitForLost<Api>(host: Host<Api>, lost: Lost<Api>): Promise<Lost<Api>> {
  const [first] = lost;
  if (!first) return [];
  const { run, turn } = first.creation;
  const begun = run.port.now();
  const until = 1000 * Math.max(...lost.map(({ creation }) => lostCallOf(creation)?.until ?? 0));
  const search = await searchOnce(run.port, host, lost);
  const { missing } = search;
  if (missing.length === 0) return [];
  if (begun >= until) return run.port.stopped ? leavePending(missing, "ended") : endSearch(host, search);
  const aside = turn.stepAside("waits");
  const end = Math.min(until, begun + run.options.timeout);
  const kept = await keepSearching(host, missing, run, { begun, until, end, aside });
  if (kept.missing.length === 0) aside.goOn();
  if (kept.missing.length > 0 && kept.why === "over") {
    await aside.queue();
    if (!isEnding(run.port, aside)) return kept.missing;
  }
  return leavePending(kept.missing, kept.why);
}

/** How long one searches. Epoch milliseconds. */
interface SearchTime {
  readonly begun: number;
  /** Until when the objects may appear. */
  readonly until: number;
  /** When the search ends at the latest. */
  readonly end: number;
  readonly aside: Aside;
}

/** `over`: they can't appear any more; `ended`: the run comes to its end; `left`: they are no longer waited for. */
type SearchStop = "over" | "ended" | "left";

/** Whether the run comes to its end, whatever is waited for. */
const isEnding = ({ stopped }: Port, { over }: Aside): boolean => stopped || over.aborted;

async function keepSearching<Api>(
  host: Host<Api>,
  lost: Lost<Api>,
  { port, options }: ApplyRun<Api>,
  { begun, until, end, aside }: SearchTime,
): Promise<{ readonly missing: Lost<Api>; readonly why: SearchStop }> {
  const isPatient = options.waitLost === true;
  const isAlone = () => !isPatient && aside.alone.aborted;
  const wakes = isPatient ? aside.over : AbortSignal.any([aside.over, aside.alone]);
  if (!isAlone() && !isEnding(port, aside)) for (const { creation } of lost) reportWait(creation, end);
  let missing = lost;
  for (const pause of pausesOfSearch(Number.POSITIVE_INFINITY)) {
    await port.sleep(Math.max(0, Math.min(pause, end - port.now())), wakes);
    const lag = Math.min(begun + listLag, end) - port.now();
    if (isAlone() && lag > 0) await port.sleep(lag, aside.over);
    if (isEnding(port, aside)) return { missing, why: "ended" };
    const at = port.now();
    const isLast = isAlone() || at >= end;
    const search = await searchOnce(port, host, missing);
    // A search that failed says nothing, so that no call may be repeated after it.
    missing = at >= until ? endSearch(host, search) : search.missing;
    if (missing.length === 0 || at >= until) break;
    if (isLast) return { missing, why: "left" };
  }
  return { missing, why: "over" };
}

function reportWait<Api>({ run, step }: StepRun<Api>, end: number): void {
  const detail = describeLostWait(end / 1000);
  run.engine.onEvent({ type: "step-progressed", at: run.port.now(), step, detail, until: end });
}

/** Leaves steps pending; resolves with none, since none may be repeated. */
function leavePending<Api>(missing: Lost<Api>, why: SearchStop): Lost<Api> {
  for (const { creation } of missing) {
    const { run, node } = creation;
    const call = lostCallOf(creation);
    const wait = run.options.waitLost ? "timed-out" : "alone";
    const move = why === "left" ? wait : "interrupted";
    if (call) run.pending(node, describeLostCall(call, move), 1000 * call.until);
  }
  return [];
}
