/**
 * The share of the allowed rate that is used: Coze counts requests as they arrive, and some take longer than others. With
 * this share, the requests of a second may arrive 20 ms closer together than they were sent.
 */
export const usedShare = 0.98;

/** Requests that are late by no more than this fit in the share that isn't used, in milliseconds. */
const usualLateMs = 10;
/** The most time that is left free at once where earlier requests were later than that, in milliseconds. */
const mostPatienceMs = 500;
/** The most time that is left free for them in the long run, as a share. */
const patienceShare = 0.02;

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
  /** A request starts. The result is called at its end with what tells by how many milliseconds it took longer than others. */
  take(now: number): (lateMs: () => number) => void;
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
  const adaptive = createAdaptiveRate(perSecond * usedShare);
  const burst = createBurstLimit(Math.ceil(perSecond));
  const recent = createRecentStarts();
  let lastStart = Number.NEGATIVE_INFINITY;
  let next = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  return {
    readyAt(now) {
      adaptive.recover(now);
      return Math.max(next, pausedUntil, burst.freeAt());
    },
    take(now) {
      lastStart = now;
      const late = adaptive.isLowered() ? catchUpWhenLoweredMs : catchUpMs;
      next = (next > now - late ? next : now) + 1000 / adaptive.rate();
      recent.add(now);
      return burst.add(now);
    },
    drop: recent.drop,
    refused(startedAt, now) {
      if (!adaptive.lower(startedAt, now, recent.countBefore(startedAt))) return;
      next = Math.max(next, lastStart + 1000 / adaptive.rate());
    },
    pause(until) {
      pausedUntil = Math.max(pausedUntil, until);
      adaptive.hold(until);
    },
    restore: adaptive.restore,
    isProbing: adaptive.isProbing,
  };
}

/** A rate in requests per second that drops after refusals and recovers to `full` in steps. */
function createAdaptiveRate(full: number) {
  let rate = full;
  // The last rate that held.
  let sustained = full;
  let changedAt = Number.NEGATIVE_INFINITY;
  let loweredAt = Number.NEGATIVE_INFINITY;
  let holdMs = firstHoldMs;
  return {
    rate: () => rate,
    isLowered: () => rate < full,
    isProbing: () => rate > sustained,
    /** Tries the next step if the present rate has held for long enough. */
    recover(now: number): void {
      if (rate >= full || now - changedAt < holdMs) return;
      if (rate > sustained) holdMs = firstHoldMs;
      sustained = rate;
      rate = Math.min(full, rate + full * stepShare);
      changedAt = now;
    },
    /**
     * Lowers the rate after a refusal; returns whether it did. `accepted`: how many requests of the second before weren't
     * refused, the best guess of the allowed rate.
     */
    lower(startedAt: number, now: number, accepted: number): boolean {
      // It started at an earlier, higher rate.
      if (startedAt <= loweredAt) return false;
      if (rate > sustained) {
        rate = sustained;
        holdMs = Math.min(longestHoldMs, holdMs * 2);
      } else {
        rate = Math.max(full * lowestShare, Math.min(rate * 0.9, Math.max(rate / 2, accepted * usedShare)));
        sustained = rate;
      }
      [changedAt, loweredAt] = [now, now];
      return true;
    },
    /** Nothing is sent until then: that the rate isn't exceeded meanwhile says nothing about it. */
    hold(until: number): void {
      changedAt = Math.max(changedAt, until);
    },
    restore(): void {
      rate = full;
      sustained = full;
      holdMs = firstHoldMs;
    },
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

/**
 * Keeps late starts that catch up from adding more than `most` starts to any second. A request that took longer than
 * others may have arrived late, nearer to the next ones: as long as there is patience, these leave room for it.
 */
function createBurstLimit(most: number) {
  const windowMs = 1000 / usedShare;
  const starts: { readonly at: number; lateMs: () => number }[] = [];
  let count = 0;
  let patienceMs = mostPatienceMs;
  const oldest = () => starts[count % most];
  const roomFor = (lateMs: number): number => Math.min(Math.max(0, lateMs - usualLateMs), patienceMs);
  return {
    freeAt(): number {
      const first = oldest();
      return first ? first.at + windowMs + roomFor(first.lateMs()) : Number.NEGATIVE_INFINITY;
    },
    add(at: number): (lateMs: () => number) => void {
      if (most === Number.POSITIVE_INFINITY) return () => {};
      const first = oldest();
      if (first) {
        const lateMs = first.lateMs();
        const spentMs = at - first.at - windowMs > lateMs ? 0 : roomFor(lateMs);
        patienceMs = Math.min(mostPatienceMs, patienceMs - spentMs + (patienceShare * windowMs) / most);
      }
      // Until it has ended, it may still arrive.
      const start = { at, lateMs: () => Number.POSITIVE_INFINITY };
      starts[count % most] = start;
      count += 1;
      return (lateMs) => {
        start.lateMs = lateMs;
      };
    },
  };
}
