import type { Kind, TaskState } from "../kind/kind.ts";
import { growPause, mostFailedLooks, spreadOf } from "./poll-intervals.ts";
import { isTransient, type Port } from "./port.ts";

/** How a task ended, or why it is no longer waited for. */
export type TaskEnd =
  | Exclude<TaskState, { readonly state: "working" }>
  | { readonly state: "left"; readonly why: WaitStop };

/** Why a wait ended before Coze's work did. */
export type WaitStop = "interrupted" | "timed-out";

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
 * Polls a task at its own pace until it ends, the port's time-out is over or the port stops. Throws the error of a look
 * that isn't transient, or of the last of too many in a row that are.
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
  let failedLooks = 0;
  for (let before = port.now(); ; ) {
    const wait = Math.ceil(pause * spread);
    const isOver = port.now() + wait > deadline;
    if (!isOver) await port.sleep(wait);
    if (port.stopped) return { state: "left", why: "interrupted" };
    if (isOver) return { state: "left", why: "timed-out" };
    try {
      const state = await copying.follow(api, task);
      if (state.state !== "working") return state;
      failedLooks = 0;
      if (state.detail !== lastDetail) onDetail?.(state.detail);
      lastDetail = state.detail;
    } catch (error) {
      failedLooks += 1;
      if (!isTransient(port, error) || failedLooks >= mostFailedLooks) throw error;
    }
    // Where calls queue up, the time between two looks is longer than the pause, and grows all the same.
    pause = growPause(Math.max(pause, (port.now() - before) / spread));
    before = port.now();
  }
}
