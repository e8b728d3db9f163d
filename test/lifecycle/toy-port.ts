import type { Failure } from "../../src/core/failure.ts";
import type { Port } from "../../src/lifecycle/port.ts";
import { createEventClock } from "../support/event-clock.ts";
import { ToyError } from "../support/toy-engine.ts";

/** An error of a call that may succeed a little later. */
export const busy = (): ToyError => new ToyError({ type: "rejected", message: "busy", transient: true });

/** An error of a call whose answer was lost. */
export const lost = (): ToyError => new ToyError({ type: "unknown-outcome", message: "lost" });

/** An error of a call that will never succeed. */
export const refused = (): ToyError => new ToyError({ type: "forbidden", message: "no" });

/** A process whose time passes only while everything waits. It begins at 0. */
export function createToyPort(timeout = 600_000) {
  const clock = createEventClock(0);
  const stop = new AbortController();
  const port: Port = {
    now: clock.now,
    sleep: (ms, signal) => clock.sleep(ms, signal ? AbortSignal.any([stop.signal, signal]) : stop.signal),
    get stopped() {
      return stop.signal.aborted;
    },
    timeout,
    explain: (error): Failure =>
      error instanceof ToyError ? error.failure : { type: "rejected", message: String(error) },
  };
  return { clock, port, stop: () => stop.abort() };
}
