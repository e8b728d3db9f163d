import type { TaskState } from "../core/kind.ts";
import { searchLost } from "./appearances.ts";
import { entryOf, type Making, remember, restoreKept } from "./making.ts";
import { growPause } from "./settle.ts";

/** Coze gave up on a task. */
class TaskFailed extends Error {
  override readonly name = "TaskFailed";
  readonly hint: string;

  constructor(reason: string, hint: string) {
    super(reason);
    this.hint = hint;
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

async function awaitTask<Api>(making: Making<Api>, task: string): Promise<boolean> {
  const { run, node, step, kind } = making;
  const { clock, signal } = run.engine;
  const deadline = clock.now() + run.options.timeout;
  const follow = async () => {
    if (!kind.follow) throw new Error(`${kind.name} has no tasks`);
    return await kind.follow(run.engine.apiOf(kind), task);
  };
  // One that an earlier run began has had its time already.
  const isResumed = step.calls[0]?.call !== "create";
  for (let pause = isResumed ? 0 : growPause(0); ; pause = growPause(pause)) {
    if (clock.now() + pause > deadline || signal?.aborted) {
      run.pending(node, `Coze is still at work on it (${signal?.aborted ? "interrupted" : "timed out"})`);
      return false;
    }
    if (pause > 0) await clock.sleep(pause, signal);
    const state = await look(making, follow);
    if (state === undefined) return false;
    if (state.state !== "working") return await endTask(making, task, state);
    run.engine.onEvent({ type: "step-progressed", at: clock.now(), step, detail: state.detail });
  }
}

/** Looks once; undefined when that failed: the task stays what is waited for. */
async function look<Api>(
  making: Making<Api>,
  follow: () => Promise<TaskState>,
): Promise<TaskState | undefined> {
  try {
    return await follow();
  } catch (error) {
    making.run.failed(making.node, error);
    return undefined;
  }
}

/** The object that a task made; what is remembered of its spec stays that with which the task was begun. */
function rememberArrival<Api>(making: Making<Api>, id: string): void {
  const { calls } = making.step;
  const isWhole = calls.every(({ call }) => call === "create" || call === "settle");
  const status = isWhole ? "ready" : "incomplete";
  remember(making, "made by its task", { id, status, task: undefined, before: undefined, begun: undefined });
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
    case "failed":
      making.run.store.put("failed at Coze", { [making.step.address]: restoreKept(making) });
      making.run.failed(making.node, new TaskFailed(state.reason, state.hint));
      return false;
    case "lost": {
      remember(making, "task unknown to Coze", { status: "unknown", task: undefined });
      const error = new Error(`Coze doesn't know its task ${task} any more`);
      const { found } = await searchLost([{ making, error }]);
      return found.length > 0;
    }
  }
}
