import type { LockOptions } from "../commands/lock-waiting.ts";
import { say } from "../messages/text.ts";
import { printableLine } from "../report/escape-control.ts";
import type { LockingOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** The library's options for the lock of the state: a run that waits says for whom. */
export const lockOptions = ({ log }: Session, { lockTimeout }: LockingOptions): LockOptions => ({
  lockTimeout,
  onLockWait: ({ message }) => log.info(printableLine(say("cli/waiting-for-lock", { message }))),
});
