import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/coze/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock whose time passes for all that wait on it at once. */
export interface EventClock extends Clock {
  /** Runs something, and lets time pass whenever everything waits for it. */
  run<T>(task: Promise<T>): Promise<T>;
}

const ofFiles = /^(?:FSReq|CloseReq)/;

const worksOnFiles = (): boolean =>
  process.getActiveResourcesInfo().some((resource) => ofFiles.test(resource));

/**
 * Time that jumps to whatever is waited for next once nothing else goes on: those who wait at the same time wait
 * together, as on a real clock, and no test waits. What goes on is told by the event loop's turns, and by the
 * process's requests to the file system, which take as long as the disk likes.
 */
export function createEventClock(start = Date.UTC(2026, 0, 5, 8)): EventClock {
  let now = start;
  const sleepers = new Set<Sleeper>();

  async function letTimePass(over: () => boolean): Promise<void> {
    while (!over()) {
      for (let turn = 0; turn < 64; turn += 1) {
        await setImmediate();
        if (worksOnFiles()) turn = -1;
      }
      const at = Math.min(...[...sleepers].map((one) => one.at));
      if (over() || at === Number.POSITIVE_INFINITY) continue;
      now = Math.max(now, at);
      for (const sleeper of [...sleepers].filter((one) => one.at <= now)) sleeper.wake();
    }
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper = { at: now + Math.max(0, ms), wake };
        sleepers.add(sleeper);
        if (signal?.aborted) wake();
        else signal?.addEventListener("abort", wake, { once: true });
      }),
    async run(task) {
      let over = false;
      const ended = task.finally(() => {
        over = true;
      });
      await Promise.all([ended.catch(() => {}), letTimePass(() => over)]);
      return ended;
    },
  };
}
