import type { FailurePart } from "../core/failure.ts";
import type { TaskState } from "../core/kind.ts";
import { growPause, spreadOf } from "../core/pauses.ts";
import { searchLost } from "./appearances.ts";
import { entryOf, forgetCreation, type Making, remember, restoreKept } from "./making.ts";
import { locateParts } from "./parts.ts";

/** Coze gave up on a task. */
class TaskFailed extends Error {
  override readonly name = "TaskFailed";
  readonly hint: string;
  readonly parts: readonly FailurePart[];

  constructor(
    { reason, hint }: { readonly reason: string; readonly hint: string },
    parts: readonly FailurePart[],
  ) {
    super(reason);
    this.hint = hint;
    this.parts = parts;
  }
}

/** Waits for the tasks that make objects, each at its own pace; returns the makings that have an object now. */
export async function awaitTasks<Api>(makings: readonly Making<Api>[]): Promise<readonly Making<Api>[]> {
  const arrived = await Promise.all(
    makings.map(async (making) => {
      const task = entryOf(making)?.task;
      return task === undefined || (await awaitTask(making, task)) ? [making] : [];
    }),
  );
  return arrived.flat();
}

/** Looks without an answer, one after another, until the waiting ends. */
const mostUnanswered = 8;

async function awaitTask<Api>(making: Making<Api>, task: string): Promise<boolean> {
  const { run, node, step } = making;
  const { clock, signal } = run.engine;
  const deadline = clock.now() + run.options.timeout;
  const spread = spreadOf(task);
  // One that an earlier run began has had its time already.
  const isResumed = step.calls[0]?.call !== "create";
  let pause = isResumed ? 0 : growPause(0);
  let told: string | undefined;
  let unanswered = 0;
  for (let before = clock.now(); ; ) {
    const wait = Math.ceil(pause * spread);
    const isOver = clock.now() + wait > deadline;
    if (!isOver) await clock.sleep(wait, signal);
    if (isOver || signal?.aborted) {
      run.pending(node, `Coze is still at work on it (${signal?.aborted ? "interrupted" : "timed out"})`);
      return false;
    }
    const state = await look(making, task, unanswered);
    if (state === "final") return false;
    unanswered = state === "once more" ? unanswered + 1 : 0;
    if (state !== "once more" && state.state !== "working") return await endTask(making, task, state);
    if (state !== "once more" && state.detail !== told) {
      told = state.detail;
      run.engine.onEvent({ type: "step-progressed", at: clock.now(), step, detail: state.detail });
    }
    // Where many wait for their turn, the time between two looks is longer than the pause, and grows all the same.
    pause = growPause(Math.max(pause, (clock.now() - before) / spread));
    before = clock.now();
  }
}

/** Looks once, one call and no more; where nothing final came of it, the task stays what is waited for. */
async function look<Api>(
  making: Making<Api>,
  task: string,
  unanswered: number,
): Promise<TaskState | "once more" | "final"> {
  const { run, node, kind } = making;
  try {
    if (!kind.follow) throw new Error(`${kind.name} has no tasks`);
    return await kind.follow(run.engine.apiOf(kind), task);
  } catch (error) {
    const { transient } = run.engine.provider.explain(error);
    if (transient && unanswered + 1 < mostUnanswered) return "once more";
    run.failed(node, error);
    return "final";
  }
}

/** The object that a task made; what is remembered of its spec stays that with which the task was begun. */
function rememberArrival<Api>(making: Making<Api>, id: string): void {
  const { calls } = making.step;
  const isWhole = calls.every(({ call }) => call === "create" || call === "settle");
  const status = isWhole ? "ready" : "incomplete";
  remember(making, "made by its task", { id, status, task: undefined, ...forgetCreation(making) });
}

async function endTask<Api>(
  making: Making<Api>,
  task: string,
  state: Exclude<TaskState, { readonly state: "working" }>,
): Promise<boolean> {
  switch (state.state) {
    case "done":
      rememberArrival(making, state.id);
      return true;
    case "failed": {
      const error = new TaskFailed(state, await locateParts(making, state.parts ?? []));
      making.run.store.put("failed at Coze", { [making.step.address]: restoreKept(making) });
      making.run.failed(making.node, error);
      return false;
    }
    case "lost": {
      remember(making, "task unknown to Coze", { status: "unknown", task: undefined });
      const error = new Error(`Coze doesn't know its task ${task} any more`);
      const { found } = await searchLost([{ making, error }]);
      return found.length > 0;
    }
  }
}
