import type { TaskState } from "../kind/kind.ts";
import { growPause, mostUnanswered, spreadOf } from "./backoff.ts";

/** How one waits for a task. */
export interface Waiting {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves early, without error, when the waiting is to end. */
  sleep(ms: number): Promise<void>;
  stopped(): boolean;
  /** Milliseconds. */
  readonly timeout: number;
  /** An earlier run began the task, which has had its time already. */
  readonly resumed: boolean;
  /** Whether the same look may go well a little later. */
  isTransient(error: unknown): boolean;
  /** Told of each new detail. */
  onDetail?(detail: string): void;
}

/** How a task ended, or why nobody waits for it any more. */
export type TaskEnd =
  | Exclude<TaskState, { readonly state: "working" }>
  | { readonly state: "left"; readonly why: "interrupted" | "timed out" };

/**
 * Looks at a task again and again, at its own pace, until it has ended. Throws what a look throws, unless it may go
 * well the next time; after too many of those, too.
 */
export async function pollTask(
  task: string,
  look: () => Promise<TaskState>,
  waiting: Waiting,
): Promise<TaskEnd> {
  const deadline = waiting.now() + waiting.timeout;
  const spread = spreadOf(task);
  let pause = waiting.resumed ? 0 : growPause(0);
  let told: string | undefined;
  let unanswered = 0;
  for (let before = waiting.now(); ; ) {
    const wait = Math.ceil(pause * spread);
    const isOver = waiting.now() + wait > deadline;
    if (!isOver) await waiting.sleep(wait);
    if (waiting.stopped()) return { state: "left", why: "interrupted" };
    if (isOver) return { state: "left", why: "timed out" };
    try {
      const state = await look();
      if (state.state !== "working") return state;
      unanswered = 0;
      if (state.detail !== told) waiting.onDetail?.(state.detail);
      told = state.detail;
    } catch (error) {
      unanswered += 1;
      if (!waiting.isTransient(error) || unanswered >= mostUnanswered) throw error;
    }
    // Where many wait for their turn, the time between two looks is longer than the pause, and grows all the same.
    pause = growPause(Math.max(pause, (waiting.now() - before) / spread));
    before = waiting.now();
  }
}
