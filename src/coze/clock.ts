import { setTimeout as wait } from "node:timers/promises";

/** The client's clock, in epoch milliseconds, and its timer. */
export interface Clock {
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
};
