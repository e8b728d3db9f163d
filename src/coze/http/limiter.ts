import type { Clock } from "../clock.ts";
import { CallsSpent, type RateLimited } from "../errors.ts";
import { type Operation, operations } from "./operation.ts";
import { createRateWindow, type RateWindow, usedShare } from "./rate-window.ts";

/** What a run may do. */
export interface Limits {
  /** Starts of requests, of all operations together; with Infinity nothing waits for its turn. */
  readonly requestsPerSecond: number;
  /** Starts of requests of single operations, by their names, in place of what is known of them. */
  readonly operations?: { readonly [operation: string]: number };
  /** Requests in all: the next one isn't sent. */
  readonly calls?: number;
}

/** Leave to send one request. */
export interface Admission {
  /** The request is over; with an error when Coze refused it as one too many. */
  end(refusal?: RateLimited): void;
}

/** Decides when a request may be sent: the one place for a whole run, whatever its credentials. */
export interface Limiter {
  /**
   * Resolves when a request may be sent, in the order of asking among those of one operation; rejects when the
   * signal aborts first, and with CallsSpent when the run may send no more.
   */
  admit(operation: Operation, signal?: AbortSignal): Promise<Admission>;
  /** How many more requests may be sent; Infinity without a limit. */
  callsLeft(): number;
}

interface Waiting {
  readonly operation: Operation;
  readonly signal: AbortSignal | undefined;
  readonly start: (admission: Admission) => void;
  readonly fail: (reason: unknown) => void;
}

/** A longer pause is no matter of pace: then calls fail with what Coze says. */
const longestPause = 60_000;
/** Refusals of two operations within this time are about the calls as a whole. Milliseconds. */
const sameCause = 10_000;

/** The calls per second that an operation alone is allowed; Infinity when nothing is known. */
const capOf = (operation: Pick<Operation, "name" | "perSecond">, limits: Limits): number =>
  limits.operations?.[operation.name] ?? operation.perSecond ?? Number.POSITIVE_INFINITY;

/** The calls per second that are made at the most: of an operation, by its name, or of all together. */
export function rateOf(limits: Limits, operation?: string): number {
  const { requestsPerSecond: whole } = limits;
  const known = operation === undefined ? undefined : operations.get(operation);
  // Without an overall limit nothing waits at all.
  const own = known && whole !== Number.POSITIVE_INFINITY ? capOf(known, limits) : whole;
  return Math.min(own, whole) * usedShare;
}

/** A limiter of one run. */
export function createLimiter(limits: Limits, machine: Clock): Limiter {
  const clock = createSteadyClock(machine);
  const turns = createTurns(limits);
  const waiting = new Set<Waiting>();
  const watched = new WeakSet<AbortSignal>();
  const busy = new Set<string>();
  const alarm = createAlarm(clock, () => admitAll());
  let spent = 0;
  const callsLeft = () => (limits.calls ?? Number.POSITIVE_INFINITY) - spent;

  function admitAll(): void {
    let soonest = Number.POSITIVE_INFINITY;
    const now = clock.now();
    for (const one of waiting) {
      if (callsLeft() <= 0) {
        waiting.delete(one);
        one.fail(new CallsSpent(limits.calls ?? 0, one.operation.name));
        continue;
      }
      if (one.operation.serial !== undefined && busy.has(one.operation.serial)) continue;
      const at = turns.readyAt(one.operation, now);
      if (at > now) soonest = Math.min(soonest, at);
      else begin(one, now);
    }
    alarm.set(waiting.size > 0 ? soonest : Number.POSITIVE_INFINITY);
  }

  function begin(one: Waiting, startedAt: number): void {
    const { operation } = one;
    waiting.delete(one);
    spent += 1;
    turns.take(operation, startedAt);
    if (operation.serial !== undefined) busy.add(operation.serial);
    one.start({
      end(refusal) {
        if (operation.serial !== undefined) busy.delete(operation.serial);
        turns.ended(operation, { startedAt, now: clock.now(), refusal });
        admitAll();
      },
    });
  }

  function watch(signal: AbortSignal): void {
    if (watched.has(signal)) return;
    watched.add(signal);
    // One listener for all that wait: there may be many.
    signal.addEventListener("abort", () => {
      for (const one of waiting) {
        if (one.signal !== signal) continue;
        waiting.delete(one);
        one.fail(signal.reason);
      }
      admitAll();
    });
  }

  return {
    callsLeft,
    admit(operation, signal) {
      return new Promise((start, fail) => {
        signal?.throwIfAborted();
        if (signal) watch(signal);
        waiting.add({ operation, signal, start, fail });
        admitAll();
      });
    },
  };
}

/** A clock that stands still where the machine's is put back: otherwise calls would wait until that has caught up. */
function createSteadyClock(machine: Clock): Clock {
  let last = Number.NEGATIVE_INFINITY;
  let ahead = 0;
  return {
    sleep: (ms, signal) => machine.sleep(ms, signal),
    now() {
      const time = machine.now();
      ahead = Math.max(ahead, last - time);
      last = time + ahead;
      return last;
    },
  };
}

/** One waiting at a time, until the earliest of the moments that it was set to. */
function createAlarm(clock: Clock, ring: () => void): { set(at: number): void } {
  let due = Number.POSITIVE_INFINITY;
  let stop: AbortController | undefined;
  return {
    set(at) {
      if (at === due) return;
      stop?.abort();
      due = at;
      stop = undefined;
      if (at === Number.POSITIVE_INFINITY) return;
      const mine = new AbortController();
      stop = mine;
      const wake = () => {
        if (stop !== mine) return;
        [due, stop] = [Number.POSITIVE_INFINITY, undefined];
        ring();
      };
      clock.sleep(Math.ceil(at - clock.now()), mine.signal).then(wake, wake);
    },
  };
}

interface End {
  readonly startedAt: number;
  readonly now: number;
  readonly refusal: RateLimited | undefined;
}

/** The lane of all requests, and one for each operation. */
function createTurns(limits: Limits) {
  const { requestsPerSecond } = limits;
  const whole = createRateWindow(requestsPerSecond);
  const lanes = new Map<string, RateWindow>();
  const refusedAt = new Map<string, number>();
  let wholeRefusedAt = Number.NEGATIVE_INFINITY;

  function laneOf(operation: Operation): RateWindow {
    const lane =
      lanes.get(operation.name) ?? createRateWindow(Math.min(capOf(operation, limits), requestsPerSecond));
    lanes.set(operation.name, lane);
    return lane;
  }

  /** Whether a refusal is about the calls as a whole: so it is when operations are refused one like another. */
  function isOfWhole(operation: Operation, refusal: RateLimited, now: number): boolean {
    if (isOfModel(refusal) || laneOf(operation).isProbing()) return false;
    // Without a code it comes from a gateway, which knows nothing of operations.
    if (refusal.code === undefined || whole.isProbing() || now - wholeRefusedAt < sameCause) return true;
    return [...refusedAt].some(([name, at]) => name !== operation.name && now - at < sameCause);
  }

  function laneToBlame(operation: Operation, refusal: RateLimited, now: number): RateWindow {
    if (!isOfWhole(operation, refusal, now)) return laneOf(operation);
    // What was put down to single operations lately had this cause too.
    for (const [name, at] of refusedAt) if (now - at < sameCause) lanes.get(name)?.restore();
    wholeRefusedAt = now;
    return whole;
  }

  return {
    readyAt(operation: Operation, now: number): number {
      if (requestsPerSecond === Number.POSITIVE_INFINITY) return now;
      return Math.max(whole.readyAt(now), laneOf(operation).readyAt(now));
    },
    take(operation: Operation, now: number): void {
      if (requestsPerSecond === Number.POSITIVE_INFINITY) return;
      whole.take(now);
      laneOf(operation).take(now);
    },
    ended(operation: Operation, { startedAt, now, refusal }: End): void {
      if (!refusal || !isAboutPace(refusal)) return;
      for (const each of [whole, laneOf(operation)]) each.drop(startedAt);
      const lane = laneToBlame(operation, refusal, now);
      lane.refused(startedAt, now);
      refusedAt.set(operation.name, now);
      const pause = refusal.retryAfterMs ?? 0;
      if (pause === 0 || pause > longestPause) return;
      for (const paused of isOfModel(refusal) ? [lane] : [whole, lane]) paused.pause(now + pause);
    },
  };
}

/** The model of a bot has a limit of its own, which is no matter of other operations. */
const isOfModel = ({ code }: RateLimited): boolean => code === 4020;

/** "Too many users at present" isn't about our calls. */
const isAboutPace = ({ code, httpStatus }: RateLimited): boolean =>
  httpStatus === 429 || code === 4013 || code === 4020;
