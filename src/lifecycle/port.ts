import type { Failure } from "../core/failure.ts";

/** What waiting needs to know of the process that waits. Tests hand in one whose clock doesn't run by itself. */
export interface Port {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves early, without error, when the process is to stop or the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Nothing new is to be begun. */
  readonly stopped: boolean;
  /** How long Coze's own work is waited for, milliseconds. */
  readonly timeout: number;
  explain(error: unknown): Failure;
}

/** Whether a reading call that failed may succeed a little later; one that wasn't sent because of a stop says nothing. */
export function isTransient({ stopped, explain }: Port, error: unknown): boolean {
  if (stopped) return true;
  const { transient, type } = explain(error);
  return transient === true || type === "unknown-outcome";
}
