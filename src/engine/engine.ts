import type { Provider } from "../core/kind.ts";
import type { EventListener } from "./events.ts";

/** Time as the engine knows it; tests hand in one that doesn't wait. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves early, without error, when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What every run needs. */
export interface Engine<Api> {
  readonly provider: Provider<Api>;
  readonly api: Api;
  readonly clock: Clock;
  /** How many units run at once. */
  readonly parallelism: number;
  /** The project's directory: files of manifests are read from here. */
  readonly directory: string;
  readonly onEvent: EventListener;
  /** Fires when the run shall end after what is in flight. */
  readonly signal?: AbortSignal;
}
