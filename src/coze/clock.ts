import { setTimeout as wait } from "node:timers/promises";

/** Time as the client sees it: milliseconds since 1970, and a way to let some pass. */
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
