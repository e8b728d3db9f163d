import { TaskFailed } from "../kind/processing-errors.ts";
import { pollTask, type TaskEnd } from "../lifecycle/poll.ts";
import { locateParts } from "./failure-parts.ts";
import { searchForgotten } from "./lost-creations.ts";
import { entryOf, forgetCreation, remember, restoreKept, type StepRun } from "./step-run.ts";

/** Waits for the tasks that make objects, each at its own pace; returns the makings that have an object now. */
export async function pollTasks<Api>(makings: readonly StepRun<Api>[]): Promise<readonly StepRun<Api>[]> {
  const arrived = await Promise.all(
    makings.map(async (making) => {
      const task = entryOf(making)?.task;
      return task === undefined || (await awaitTask(making, task)) ? [making] : [];
    }),
  );
  return arrived.flat();
}

async function awaitTask<Api>(making: StepRun<Api>, task: string): Promise<boolean> {
  const { run, node, step, kind } = making;
  const { clock, signal, onEvent, provider } = run.engine;
  const look = async () => {
    if (!kind.copying) throw new Error(`${kind.name} has no tasks`);
    return kind.copying.follow(run.engine.apiOf(kind), task);
  };
  let end: TaskEnd;
  try {
    end = await pollTask(task, look, {
      now: () => clock.now(),
      sleep: (ms) => clock.sleep(ms, signal),
      stopped: () => signal?.aborted === true,
      timeout: run.options.timeout,
      resumed: step.calls[0]?.call !== "create",
      isTransient: (error) => provider.explain(error).transient === true,
      onDetail: (detail) => onEvent({ type: "step-progressed", at: clock.now(), step, detail }),
    });
  } catch (error) {
    run.failed(node, error);
    return false;
  }
  return await endTask(making, task, end);
}

/** The object that a task made; what is remembered of its spec stays that with which the task was begun. */
function rememberArrival<Api>(making: StepRun<Api>, id: string): void {
  const { calls } = making.step;
  const isWhole = calls.every(({ call }) => call === "create" || call === "settle");
  const status = isWhole ? "ready" : "incomplete";
  remember(making, "made by its task", { id, status, task: undefined, ...forgetCreation(making) });
}

async function endTask<Api>(making: StepRun<Api>, task: string, state: TaskEnd): Promise<boolean> {
  switch (state.state) {
    case "left":
      making.run.pending(making.node, `Coze is still at work on it (${state.why})`);
      return false;
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
      const { found } = await searchForgotten({ making, error });
      return found.length > 0;
    }
  }
}
