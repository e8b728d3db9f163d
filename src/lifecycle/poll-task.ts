import type { Kind, TaskState } from "../kind/kind.ts";
import { growPause, spreadOf } from "./poll-intervals.ts";
import { isTransient, type Port } from "./port.ts";

/** How a task ended, or why it is no longer waited for. */
export type TaskEnd = Exclude<TaskState, { readonly state: "working" }> | WaitLeft;

/** A wait ended before Coze's work did; `error` is of the last look if that failed. */
export interface WaitLeft {
  readonly state: "left";
  readonly why: "interrupted" | "timed-out";
  readonly error?: unknown;
}

/** A kind whose objects Coze makes as tasks. */
interface TaskKind<Api> {
  readonly name: string;
  readonly copying?: Pick<NonNullable<Kind<Api>["copying"]>, "follow">;
}

/** How one task is polled. */
export interface PollOptions {
  /** An earlier process began the task, so the first look needs no pause. */
  readonly resumed: boolean;
  /** When waiting ends, epoch milliseconds; after the port's time-out by default. */
  readonly deadline?: number | undefined;
  /** Called with each new detail. */
  onDetail?(detail: string): void;
}

/**
 * Polls a task at its own pace until it ends, the port's time-out is over or the port stops. A transient failure of a look
 * says nothing of the task; any other is thrown.
 */
export async function pollTask<Api>(
  port: Port,
  api: Api,
  kind: TaskKind<Api>,
  task: string,
  { resumed, deadline = port.now() + port.timeout, onDetail }: PollOptions,
): Promise<TaskEnd> {
  const { copying } = kind;
  if (!copying) throw new Error(`${kind.name} has no tasks`);
  const spread = spreadOf(task);
  let pause = resumed ? 0 : growPause(0);
  let lastDetail: string | undefined;
  let trouble: { readonly error?: unknown } = {};
  for (let before = port.now(); ; ) {
    const wait = Math.ceil(pause * spread);
    const isOver = port.now() + wait > deadline;
    if (!isOver) await port.sleep(wait);
    if (port.stopped) return { state: "left", why: "interrupted" };
    if (isOver) return { state: "left", why: "timed-out", ...trouble };
    try {
      const state = await copying.follow(api, task);
      if (state.state !== "working") return state;
      trouble = {};
      if (state.detail !== lastDetail) onDetail?.(state.detail);
      lastDetail = state.detail;
    } catch (error) {
      if (!isTransient(port, error)) throw error;
      trouble = { error };
    }
    // Where calls queue up, the time between two looks is longer than the pause, and grows all the same.
    pause = growPause(Math.max(pause, (port.now() - before) / spread));
    before = port.now();
  }
}
