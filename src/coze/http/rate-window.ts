/**
 * The share of the allowed rate that is used: Coze counts requests as they arrive, and some take longer than others. With
 * this share, five requests may arrive 30 ms closer together than they were sent.
 */
export const usedShare = 0.97;

/** Late starts catch up if they are late by no more than this, in milliseconds. */
const catchUpMs = 250;
/** The same after the rate was lowered, when the allowed rate isn't known. */
const catchUpWhenLoweredMs = 10;
/** The lowest share of the full rate. */
const lowestShare = 1 / 16;
/** The rate recovers in steps of this share of the full rate. */
const stepShare = 0.1;
/** How long a rate must hold before the next step, in milliseconds; doubled after each step that was refused. */
const firstHoldMs = 2000;
const longestHoldMs = 64_000;

/** Limits the rate at which requests start. All times are in milliseconds. */
export interface RateWindow {
  /** The time from which the next request may start. */
  readyAt(now: number): number;
  /** A request starts. */
  take(now: number): void;
  /** A request that started then exceeded a limit, of this window or another. */
  drop(startedAt: number): void;
  /** It exceeded the limit of this window. */
  refused(startedAt: number, now: number): void;
  /** Nothing starts before that time. */
  pause(until: number): void;
  /** Returns to the full rate: the refusals had another cause. */
  restore(): void;
  /** Whether the rate is higher than the last one that held, so that a refusal is expected. */
  isProbing(): boolean;
}

/**
 * Spreads at most `perSecond` starts evenly. After a refusal the rate drops to what Coze accepted, then recovers
 * gradually.
 */
export function createRateWindow(perSecond: number): RateWindow {
  const full = perSecond * usedShare;
  const burst = createBurstLimit(Math.ceil(perSecond));
  const recent = createRecentStarts();
  let rate = full;
  // The last rate that held.
  let sustained = full;
  let changedAt = Number.NEGATIVE_INFINITY;
  let loweredAt = Number.NEGATIVE_INFINITY;
  let holdMs = firstHoldMs;
  let lastStart = Number.NEGATIVE_INFINITY;
  let next = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  function recover(now: number): void {
    if (rate >= full || now - changedAt < holdMs) return;
    if (rate > sustained) holdMs = firstHoldMs;
    sustained = rate;
    rate = Math.min(full, rate + full * stepShare);
    changedAt = now;
  }

  // The best guess of the allowed rate: the requests of the second before that weren't refused.
  function lower(startedAt: number): void {
    const allowed = recent.countBefore(startedAt) * usedShare;
    rate = Math.max(full * lowestShare, Math.min(rate * 0.9, Math.max(rate / 2, allowed)));
    sustained = rate;
  }

  return {
    readyAt(now) {
      recover(now);
      return Math.max(next, pausedUntil, burst.freeAt());
    },
    take(now) {
      lastStart = now;
      const late = rate < full ? catchUpWhenLoweredMs : catchUpMs;
      next = (next > now - late ? next : now) + 1000 / rate;
      burst.add(now);
      recent.add(now);
    },
    drop: recent.drop,
    refused(startedAt, now) {
      // It started at an earlier, higher rate.
      if (startedAt <= loweredAt) return;
      if (rate > sustained) {
        rate = sustained;
        holdMs = Math.min(longestHoldMs, holdMs * 2);
      } else {
        lower(startedAt);
      }
      [changedAt, loweredAt] = [now, now];
      next = Math.max(next, lastStart + 1000 / rate);
    },
    pause(until) {
      pausedUntil = Math.max(pausedUntil, until);
      // While nothing is sent, the rate isn't tested.
      changedAt = Math.max(changedAt, until);
    },
    restore() {
      rate = full;
      sustained = full;
      holdMs = firstHoldMs;
    },
    isProbing: () => rate > sustained,
  };
}

/** The starts of the last two seconds that weren't refused. */
function createRecentStarts() {
  let starts: readonly number[] = [];
  return {
    add(now: number): void {
      starts = [...starts.filter((at) => at > now - 2000), now];
    },
    drop(startedAt: number): void {
      starts = starts.filter((at) => at !== startedAt);
    },
    /** How many started in the second before. */
    countBefore: (startedAt: number): number =>
      starts.filter((at) => at > startedAt - 1000 && at < startedAt).length,
  };
}

/** Keeps late starts that catch up from adding more than `most` starts to any second. */
function createBurstLimit(most: number) {
  const starts: number[] = [];
  let count = 0;
  return {
    freeAt: () => (starts[count % most] ?? Number.NEGATIVE_INFINITY) + 1000 / usedShare,
    add(start: number): void {
      if (most === Number.POSITIVE_INFINITY) return;
      starts[count % most] = start;
      count += 1;
    },
  };
}
