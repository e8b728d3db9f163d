import type { Backend, LockedBackend } from "./backend.ts";
import { Locked } from "./lock.ts";
import { describeOwnProcess } from "./lock-holder.ts";

/** How long a run waits for the lock of another one. */
export interface LockWait {
  /** Milliseconds. */
  readonly timeout: number;
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  readonly signal?: AbortSignal | undefined;
  /** Called once, when the waiting begins. */
  readonly onWait?: ((locked: Locked) => void) | undefined;
}

/** Milliseconds between two attempts to lock: the first and the longest. */
const lockPauses = { first: 500, most: 5000 };

/** Locks a state; with `wait`, it waits for a run that has it locked. Throws {@link Locked}. */
export async function lockPatiently(
  backend: Backend,
  command: string,
  wait: LockWait | undefined,
): Promise<LockedBackend> {
  const own = describeOwnProcess(command);
  const end = wait ? wait.clock.now() + wait.timeout : 0;
  for (let pause = lockPauses.first, isFirst = true; ; pause = Math.min(2 * pause, lockPauses.most)) {
    try {
      // A run that has waited holds the lock since now, and not since it began to wait.
      const since = isFirst ? own.since : new Date(wait?.clock.now() ?? Date.now()).toISOString();
      return await backend.lock({ ...own, since });
    } catch (error) {
      const left = wait ? end - wait.clock.now() : 0;
      if (!(error instanceof Locked) || !wait || left <= 0 || wait.signal?.aborted) throw error;
      if (isFirst) wait.onWait?.(error);
      isFirst = false;
      await wait.clock.sleep(Math.min(pause, left), wait.signal);
    }
  }
}
