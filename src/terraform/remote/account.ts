import { setMaxListeners } from "node:events";
import type { Failure } from "../../core/failure.ts";
import type { CozeClient } from "../../coze/client.ts";
import type { Clock } from "../../coze/clock.ts";
import type { SecretKeeper } from "../../coze/http/transport.ts";
import { cozeProvider } from "../../kinds/index.ts";
import type { Port } from "../../lifecycle/port.ts";

/** One account at Coze, and how a process waits for it. */
export interface Account extends Port {
  readonly client: CozeClient;
}

/** What an account is made of. */
export interface AccountOptions {
  readonly client: CozeClient;
  readonly clock: Clock;
  /** What the connection was given as `stopping`. */
  readonly stopping: AbortController;
  /** How long Coze's own work is waited for, milliseconds; half an hour by default. */
  readonly timeout?: number | undefined;
  /** Is given the secrets that are sent, which no message and no log then shows. */
  readonly secrets?: Pick<SecretKeeper, "add"> | undefined;
  /** Replaces what kinds make of errors, so that no secrets are shown. */
  readonly explain?: ((error: unknown) => Failure) | undefined;
}

/** An account whose pauses end when `stopping` fires. */
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
    sleep: (ms, signal) =>
      // What ends the sleep shows in `stopped`.
      clock.sleep(ms, signal ? AbortSignal.any([stopping.signal, signal]) : stopping.signal).catch(() => {}),
    get stopped() {
      return stopping.signal.aborted;
    },
    timeout,
    explain,
  };
}
