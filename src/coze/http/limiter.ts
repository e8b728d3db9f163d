import type { Clock } from "../clock.ts";
import { CallsSpent, type RateLimited } from "../error-classes.ts";
import { type Operation, operations } from "./operation.ts";
import { createRateWindow, type RateWindow, usedShare } from "./rate-window.ts";

/** The limits of a run. */
export interface Limits {
  /** Starts of requests, of all operations together; with Infinity nothing waits for its turn. */
  readonly requestsPerSecond: number;
  /** Starts of requests of single operations, by their names; replaces the known rate. */
  readonly operations?: { readonly [operation: string]: number } | undefined;
  /** Requests in all: the next one isn't sent. */
  readonly calls?: number | undefined;
}

/** Permission to send one request. */
export interface Admission {
  /** The request is over; `refusal`: Coze answered that there are too many. */
  end(refusal?: RateLimited): void;
}

/** Decides when requests may be sent. A run has one, for all its accounts. */
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

/** The longest pause that Coze may ask for, in milliseconds; on longer ones the call fails. */
const longestPause = 60_000;
/** Refusals of two operations within so many milliseconds are about all calls together. */
const sameCauseMs = 10_000;

/** The calls per second that an operation alone is allowed; Infinity if none are known. */
const capOf = (operation: Pick<Operation, "name" | "perSecond">, limits: Limits): number =>
  limits.operations?.[operation.name] ?? operation.perSecond ?? Number.POSITIVE_INFINITY;

/** The highest number of calls per second: of an operation, by its name, or of all together. */
export function rateOf(limits: Limits, operation?: string): number {
  const { requestsPerSecond: overall } = limits;
  const known = operation === undefined ? undefined : operations.get(operation);
  // Without an overall limit nothing waits at all.
  const own = known && overall !== Number.POSITIVE_INFINITY ? capOf(known, limits) : overall;
  return Math.min(own, overall) * usedShare;
}

/** A limiter of one run. */
export function createLimiter(limits: Limits, machine: Clock): Limiter {
  const clock = createSteadyClock(machine);
  const turns = createTurns(limits);
  const waiting = new Set<Waiting>();
  const busy = new Set<string>();
  const failOnAbort = createAbortListener(waiting, () => admitAll());
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
    const tellDuration = turns.take(operation, startedAt);
    if (operation.serial !== undefined) busy.add(operation.serial);
    one.start({
      end(refusal) {
        if (operation.serial !== undefined) busy.delete(operation.serial);
        const now = clock.now();
        tellDuration(now - startedAt);
        turns.ended(operation, { startedAt, now, refusal });
        admitAll();
      },
    });
  }

  return {
    callsLeft,
    admit(operation, signal) {
      return new Promise((start, fail) => {
        signal?.throwIfAborted();
        if (signal) failOnAbort(signal);
        waiting.add({ operation, signal, start, fail });
        admitAll();
      });
    },
  };
}

/** Fails waiting requests when their signal aborts; with one listener for each signal, since many may wait for it. */
function createAbortListener(waiting: Set<Waiting>, then: () => void): (signal: AbortSignal) => void {
  const known = new WeakSet<AbortSignal>();
  return (signal) => {
    if (known.has(signal)) return;
    known.add(signal);
    signal.addEventListener("abort", () => {
      for (const one of waiting) {
        if (one.signal !== signal) continue;
        waiting.delete(one);
        one.fail(signal.reason);
      }
      then();
    });
  };
}

/** A clock that stands still when the machine's is set back: otherwise calls would wait until that catches up. */
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

/** A timer that can be set again; calls `onDue` once. */
function createAlarm(clock: Clock, onDue: () => void): { set(at: number): void } {
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
        onDue();
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

/** The rate window of all requests, and one for each operation. */
function createTurns(limits: Limits) {
  const { requestsPerSecond } = limits;
  const overall = createRateWindow(requestsPerSecond);
  const windows = new Map<string, RateWindow>();
  const refusedAt = new Map<string, number>();
  const durations = createDurations();
  let overallRefusedAt = Number.NEGATIVE_INFINITY;

  function windowOf(operation: Operation): RateWindow {
    const window =
      windows.get(operation.name) ?? createRateWindow(Math.min(capOf(operation, limits), requestsPerSecond));
    windows.set(operation.name, window);
    return window;
  }

  /** Whether a refusal is about all calls together: so it is when several operations are refused. */
  function isOverall(operation: Operation, refusal: RateLimited, now: number): boolean {
    if (isOfModel(refusal) || windowOf(operation).isProbing()) return false;
    // A refusal without a code is a gateway's, which doesn't tell operations apart.
    if (refusal.code === undefined || overall.isProbing() || now - overallRefusedAt < sameCauseMs)
      return true;
    return [...refusedAt].some(([name, at]) => name !== operation.name && now - at < sameCauseMs);
  }

  function exceededWindow(operation: Operation, refusal: RateLimited, now: number): RateWindow {
    if (!isOverall(operation, refusal, now)) return windowOf(operation);
    // Recent refusals of single operations had this cause too.
    for (const [name, at] of refusedAt) if (now - at < sameCauseMs) windows.get(name)?.restore();
    overallRefusedAt = now;
    return overall;
  }

  return {
    readyAt(operation: Operation, now: number): number {
      if (requestsPerSecond === Number.POSITIVE_INFINITY) return now;
      return Math.max(overall.readyAt(now), windowOf(operation).readyAt(now));
    },
    /** A request starts; the result is called with its duration in milliseconds. */
    take(operation: Operation, now: number): (ms: number) => void {
      if (requestsPerSecond === Number.POSITIVE_INFINITY) return () => {};
      const taken = [overall, windowOf(operation)].map((window) => window.take(now));
      return (ms) => {
        durations.add(operation.name, ms);
        for (const tellLate of taken) tellLate(() => ms - durations.usual(operation.name));
      };
    },
    ended(operation: Operation, { startedAt, now, refusal }: End): void {
      if (!refusal || !isAboutPace(refusal)) return;
      for (const each of [overall, windowOf(operation)]) each.drop(startedAt);
      const window = exceededWindow(operation, refusal, now);
      window.refused(startedAt, now);
      refusedAt.set(operation.name, now);
      const pause = refusal.retryAfterMs ?? 0;
      if (pause === 0 || pause > longestPause) return;
      for (const paused of isOfModel(refusal) ? [window] : [overall, window]) paused.pause(now + pause);
    },
  };
}

/** So many requests of an operation show how fast one can be. */
const enoughRequests = 5;

/** How long requests take that aren't late: what others take beyond that, they may have been on their way. Milliseconds. */
function createDurations() {
  const known = new Map<string, { readonly count: number; readonly fastest: number }>();
  let fastest = Number.POSITIVE_INFINITY;
  return {
    add(operation: string, ms: number): void {
      const before = known.get(operation) ?? { count: 0, fastest: ms };
      known.set(operation, { count: before.count + 1, fastest: Math.min(before.fastest, ms) });
      fastest = Math.min(fastest, ms);
    },
    /** Of an operation, or of all as long as it had few requests. */
    usual(operation: string): number {
      const own = known.get(operation);
      return own && own.count >= enoughRequests ? own.fastest : fastest;
    },
  };
}

/** A bot's model has its own limit, which doesn't concern other operations. */
const isOfModel = ({ code }: RateLimited): boolean => code === 4020;

/** "Too many users at present" isn't about our calls, and 4013 with another status may be a model's failure. */
const isAboutPace = ({ code, httpStatus }: RateLimited): boolean => httpStatus === 429 || code === 4020;
