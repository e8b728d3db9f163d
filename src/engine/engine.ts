import type { Location } from "../core/diagnostic.ts";
import type { Provider } from "../kind/kind.ts";
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
  /** The client that makes the calls of a kind: kinds may have credentials of their own. */
  apiOf(kind: { readonly name: string }): Api;
  /** Where the token or key is that those calls are made with, as words, and where the project file says so. */
  signIn(kind: { readonly name: string }): { readonly source: string; readonly at?: Location | undefined };
  /** Under which key the state remembers an upload for a kind: an account can use no other account's files. */
  uploadKey(kind: { readonly name: string }, sha256: string): string;
  /** Calls made so far with every credential, retries included. */
  callCount(): number;
  /** How many more calls the run may make; Infinity when nobody set a limit. */
  callsLeft(): number;
  /** Calls per second that are made at the most: of an operation, by its name, or of all together. */
  callRate(operation?: string): number;
  readonly clock: Clock;
  /** How many units run at once. */
  readonly parallelism: number;
  /** The project's directory: files of manifests are read from here. */
  readonly directory: string;
  readonly onEvent: EventListener;
  /** Fires when the run shall end after what is in flight. */
  readonly signal?: AbortSignal | undefined;
}
