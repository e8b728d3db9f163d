import { setMaxListeners } from "node:events";
import type { Failure } from "../../core/failure.ts";
import type { CozeClient } from "../../coze/client.ts";
import type { Clock } from "../../coze/clock.ts";
import { cozeProvider } from "../../kinds/index.ts";

/** One account at Coze, and how long a process has for it. */
export interface Account {
  readonly client: CozeClient;
  /** Epoch milliseconds of this machine. */
  now(): number;
  /** Resolves early, without error, when nothing new is to be begun, or when the signal fires. */
  rest(ms: number, signal?: AbortSignal): Promise<void>;
  readonly stopped: boolean;
  /** How long Coze's own work is waited for, milliseconds. */
  readonly timeout: number;
  explain(error: unknown): Failure;
}

/** What an account is made of. */
export interface AccountOptions {
  readonly client: CozeClient;
  readonly clock: Clock;
  /** What the connection was given as `stopping`. */
  readonly stopping: AbortController;
  /** How long Coze's own work is waited for, milliseconds; half an hour unless given. */
  readonly timeout?: number;
  /** In place of what kinds themselves make of errors: without secrets. */
  readonly explain?: (error: unknown) => Failure;
}

/** An account whose pauses end when it is told to stop. */
export function openAccount({
  client,
  clock,
  stopping,
  timeout = 30 * 60_000,
  explain = cozeProvider.explain,
}: AccountOptions): Account {
  // Any number of pauses and calls may wait at once, and Node takes more than ten for a leak.
  setMaxListeners(0, stopping.signal);
  return {
    client,
    now: () => clock.now(),
    rest: (ms, signal) =>
      // Whoever waits looks afterwards whether to go on.
      clock.sleep(ms, signal ? AbortSignal.any([stopping.signal, signal]) : stopping.signal).catch(() => {}),
    get stopped() {
      return stopping.signal.aborted;
    },
    timeout,
    explain,
  };
}
