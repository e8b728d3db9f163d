import type { Clock } from "./clock.ts";
import type { Operation } from "./operation.ts";

/** Spaces out the starts of requests. */
export interface Limiter {
  /** Resolves when the request may start; rejects when the signal aborts first. */
  admit(operation: Operation, signal?: AbortSignal): Promise<void>;
  /** Coze said "too many": halves the rate, from where it recovers with each request that starts. */
  slowDown(): void;
}

const slowest = 1 / 16;
const recovery = 1.05;

/** A limiter that starts at most this many requests per second; with Infinity it never waits. */
export function createLimiter(requestsPerSecond: number, clock: Clock): Limiter {
  const nextStarts = new Map<string, number>();
  let pace = 1;

  // Each lane (the client as a whole, one operation) hands out its next free moment.
  function book(lane: string, perSecond: number, from: number): number {
    if (perSecond === Number.POSITIVE_INFINITY) return from;
    const start = Math.max(from, nextStarts.get(lane) ?? 0);
    nextStarts.set(lane, start + 1000 / perSecond);
    return start;
  }

  return {
    async admit(operation, signal) {
      signal?.throwIfAborted();
      if (requestsPerSecond === Number.POSITIVE_INFINITY) return;
      pace = Math.min(1, pace * recovery);
      const now = clock.now();
      const own = book(operation.name, operation.perSecond ?? Number.POSITIVE_INFINITY, now);
      const start = book("", requestsPerSecond * pace, own);
      if (start > now) await clock.sleep(start - now, signal);
    },
    slowDown() {
      pace = Math.max(slowest, pace / 2);
    },
  };
}
