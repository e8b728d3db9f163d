import type { Clock } from "../../src/engine/engine.ts";

/** Time that passes only when somebody waits for it, by the real clock's start. Milliseconds. */
export function createVirtualClock(start = Date.UTC(2026, 0, 5, 8)): Clock {
  let now = start;
  return {
    now: () => now,
    async sleep(ms) {
      now += Math.max(0, ms);
    },
  };
}
