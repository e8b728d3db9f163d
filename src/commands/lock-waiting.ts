import type { Locked } from "../state/lock.ts";
import type { LockWait } from "../state/lock-wait.ts";
import type { Host } from "./host.ts";

/** How a command that locks the state meets the lock of another run. */
export interface LockOptions {
  /** How long to wait for another run that holds the lock, milliseconds; not at all by default. */
  readonly lockTimeout?: number | undefined;
  /** Called once if it is waited for. */
  readonly onLockWait?: ((locked: Locked) => void) | undefined;
}

/** The waiting that the options ask for, on the host's clock. */
export const waitFor = (
  { clock, signal }: Host,
  { lockTimeout: timeout = 0, onLockWait: onWait }: LockOptions,
): LockWait => ({ timeout, clock, signal, onWait });
