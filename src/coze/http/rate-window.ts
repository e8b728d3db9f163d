/**
 * Requests start this much slower than is allowed: who counts them counts when they come in, and on the way
 * some take longer than others. With it, five starts may come in 30 ms closer together than they were sent.
 */
export const usedShare = 0.97;

/** Starts that come late are caught up with when they are late by no more than this, milliseconds. */
const slack = 250;
/** The same when the rate was lowered, and nobody knows how many a second are too many. */
const slackWhenSlow = 10;
/** A lane is slowed to this share of its rate at the least. */
const floor = 1 / 16;
/** Its rate comes back in steps of this share. */
const step = 0.1;
/** How long a rate must hold before the next step is tried; twice as long after each that was one too many. */
const firstPatience = 2000;
const longestPatience = 64_000;

/** Hands out the moments at which requests may start. Milliseconds throughout. */
export interface RateWindow {
  /** The moment from which the next request may start. */
  readyAt(now: number): number;
  /** A request starts. */
  take(now: number): void;
  /** A request that started then was refused as one too many, whether by this lane's limit or another. */
  drop(startedAt: number): void;
  /** It was refused by this lane's limit. */
  refused(startedAt: number, now: number): void;
  /** Nothing starts before that moment. */
  pause(until: number): void;
  /** Goes back to the full rate: what was refused had another cause. */
  restore(): void;
  /** Whether the rate is higher than the last one that held: a refusal is then no surprise. */
  isProbing(): boolean;
}

/**
 * A lane on which requests start evenly, `perSecond` of them at most. When one is refused it falls to what was
 * let through lately, and tries step by step whether more is allowed again.
 */
export function createRateWindow(perSecond: number): RateWindow {
  const full = perSecond * usedShare;
  const second = createSecond(Math.ceil(perSecond));
  let rate = full;
  // The last rate that held.
  let good = full;
  let changedAt = Number.NEGATIVE_INFINITY;
  let loweredAt = Number.NEGATIVE_INFINITY;
  let patience = firstPatience;
  let lastStart = Number.NEGATIVE_INFINITY;
  let next = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let lately: number[] = [];

  function recover(now: number): void {
    if (rate >= full || now - changedAt < patience) return;
    if (rate > good) patience = firstPatience;
    good = rate;
    rate = Math.min(full, rate + full * step);
    changedAt = now;
  }

  // What started in the second before and wasn't refused is what is allowed, as far as anyone can tell.
  function lower(startedAt: number): void {
    const allowed = lately.filter((at) => at > startedAt - 1000 && at < startedAt).length * usedShare;
    rate = Math.max(full * floor, Math.min(rate * 0.9, Math.max(rate / 2, allowed)));
    good = rate;
  }

  return {
    readyAt(now) {
      recover(now);
      return Math.max(next, pausedUntil, second.freeAt());
    },
    take(now) {
      lastStart = now;
      const late = rate < full ? slackWhenSlow : slack;
      next = (next > now - late ? next : now) + 1000 / rate;
      second.add(now);
      lately = [...lately.filter((at) => at > now - 2000), now];
    },
    drop(startedAt) {
      lately = lately.filter((at) => at !== startedAt);
    },
    refused(startedAt, now) {
      // It started at an earlier, higher rate, which was taken back since.
      if (startedAt <= loweredAt) return;
      if (rate > good) {
        rate = good;
        patience = Math.min(longestPatience, patience * 2);
      } else {
        lower(startedAt);
      }
      [changedAt, loweredAt] = [now, now];
      next = Math.max(next, lastStart + 1000 / rate);
    },
    pause(until) {
      pausedUntil = Math.max(pausedUntil, until);
      // That nothing is refused while nothing is sent says nothing of the rate.
      changedAt = Math.max(changedAt, until);
    },
    restore() {
      rate = full;
      good = full;
      patience = firstPatience;
    },
    isProbing: () => rate > good,
  };
}

/** Catching up must bring no more starts than `most` into any second. */
function createSecond(most: number) {
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
