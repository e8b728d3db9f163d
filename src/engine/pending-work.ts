import type { FailurePart, Whereabouts } from "../core/failure.ts";
import { mapLeaves } from "../core/spec-walk.ts";
import type { TaskState } from "../kind/kind.ts";
import { ContentRefused, TaskFailed } from "../kind/processing-errors.ts";
import { pollTask, type TaskEnd, type WaitLeft } from "../lifecycle/poll-task.ts";
import type { Progress } from "../lifecycle/wait-until-ready.ts";
import { say } from "../messages/text.ts";
import type { ApplyRun } from "./apply-run.ts";
import { findForgotten } from "./create-objects.ts";
import { explainRefusal } from "./failures.ts";
import { entryOf, forgetCreation, placeOfRun, remember, type StepRun } from "./step-run.ts";
import { restoreSuperseded } from "./superseded.ts";

/**
 * Waits for Coze's own work on the objects of a unit, whose place among those that run is given to others meanwhile;
 * returns the steps whose objects are ready. The unit has its place again if there is more to call.
 */
export async function waitReady<Api>(stepRuns: readonly StepRun<Api>[]): Promise<readonly StepRun<Api>[]> {
  const [first] = stepRuns;
  if (!first) return [];
  const { turn, run } = first;
  const aside = turn.stepAside("works");
  // When the state can't be written, or no call works any more, nothing is waited for any longer.
  // Stepping aside may itself have ended the run.
  if (aside.over.aborted) run.waits.end();
  else aside.over.addEventListener("abort", run.waits.end, { once: true });
  const waits = stepRuns.map((stepRun) =>
    awaitReady(stepRun).catch((error: unknown) => {
      run.waits.end();
      throw error;
    }),
  );
  const ends = await Promise.allSettled(waits);
  const crashed = ends.find((end) => end.status === "rejected");
  if (crashed) throw crashed.reason;
  const isReady = (index: number): boolean => {
    const end = ends[index];
    return end?.status === "fulfilled" && end.value;
  };
  const hasCalls = stepRuns.some(({ node, step }, index) =>
    isReady(index) ? node.calls.some(({ call }) => call === "follow-up") : step.discards !== undefined,
  );
  if (hasCalls) await aside.queue();
  else aside.goOn();
  return stepRuns.filter((_, index) => isReady(index));
}

/** Waits for one object; whether it is ready. */
async function awaitReady<Api>(stepRun: StepRun<Api>): Promise<boolean> {
  const { run, node, kind } = stepRun;
  const end = await run.waits.waiter
    .wait({
      api: run.engine.apiOf(kind),
      kind,
      place: placeOfRun(stepRun),
      onProgress: (progress) => reportProgress(stepRun, progress),
    })
    .catch((error: unknown) => ({ state: "unknown", error }) as const);
  switch (end.state) {
    case "ready":
      return true;
    case "failed": {
      const { error } = end;
      const refusal = error instanceof ContentRefused ? error.message : undefined;
      remember(stepRun, "failed", { status: "tainted", refusal });
      run.failed(node, refusal === undefined ? error : explainRefusal(refusal));
      return false;
    }
    case "unknown":
      remember(stepRun, "unread", { status: "pending" });
      run.failed(node, end.error);
      return false;
    case "left":
      remember(stepRun, "pending", { status: "pending" });
      run.pending(node, describeStop(run, end));
      return false;
  }
}

function describeStop<Api>({ engine }: ApplyRun<Api>, { why, error }: WaitLeft): string {
  if (error === undefined) return say(`engine/still-at-work-${why}`);
  return say("engine/still-at-work-unanswered", { problem: engine.provider.explain(error).message });
}

function reportProgress<Api>({ run, step }: StepRun<Api>, { detail, percent }: Progress): void {
  run.engine.onEvent({ type: "step-progressed", at: run.port.now(), step, detail, percent });
}

/** Waits for the tasks that make objects, each at its own pace; returns the steps that have an object now. */
export async function pollTasks<Api>(stepRuns: readonly StepRun<Api>[]): Promise<readonly StepRun<Api>[]> {
  const arrived = await Promise.all(
    stepRuns.map(async (stepRun) => {
      const task = entryOf(stepRun)?.task;
      return task === undefined || (await awaitTask(stepRun, task)) ? [stepRun] : [];
    }),
  );
  return arrived.flat();
}

async function awaitTask<Api>(stepRun: StepRun<Api>, task: string): Promise<boolean> {
  const { run, node, step, kind } = stepRun;
  let end: TaskEnd;
  try {
    end = await pollTask(run.port, run.engine.apiOf(kind), kind, task, {
      resumed: step.calls[0]?.call !== "create",
      onDetail: (detail) => reportProgress(stepRun, { state: "working", detail }),
    });
  } catch (error) {
    run.failed(node, error);
    return false;
  }
  return await endTask(stepRun, task, end);
}

async function endTask<Api>(stepRun: StepRun<Api>, task: string, end: TaskEnd): Promise<boolean> {
  const { run, node, step } = stepRun;
  switch (end.state) {
    case "left":
      run.pending(node, describeStop(run, end));
      return false;
    case "done":
      rememberArrival(stepRun, end.id);
      return true;
    case "failed": {
      const error = new TaskFailed(end, await locateParts(stepRun, end.parts ?? []));
      run.store.put("failed", { [step.address]: restoreSuperseded(stepRun) });
      run.failed(node, error);
      return false;
    }
    case "lost":
      remember(stepRun, "task-unknown", { status: "unknown", task: undefined });
      return await findForgotten(stepRun, task);
  }
}

/** Remembers the object that a task made; the remembered spec stays the one with which the task was begun. */
function rememberArrival<Api>(stepRun: StepRun<Api>, id: string): void {
  const isWhole = stepRun.step.calls.every(({ call }) => call === "create" || call === "settle");
  const status = isWhole ? "ready" : "incomplete";
  remember(stepRun, "made-by-task", { id, status, task: undefined, ...forgetCreation(stepRun) });
}

type Parts = NonNullable<Extract<TaskState, { readonly state: "failed" }>["parts"]>;

/**
 * The obstacles of a task, each with the place in the manifests that is concerned: the field that names the object, else
 * the resource that stands for it, else the resource that the task was for.
 */
function locateParts<Api>(stepRun: StepRun<Api>, parts: Parts): Promise<readonly FailurePart[]> {
  return Promise.all(parts.map(async ({ id, text }) => ({ text, ...(await locatePart(stepRun, id)) })));
}

async function locatePart<Api>(stepRun: StepRun<Api>, id: string | undefined): Promise<Partial<Whereabouts>> {
  const { run, step } = stepRun;
  const { address } = step;
  const field = id === undefined ? undefined : findField(stepRun, id);
  const at = field === undefined ? undefined : run.options.locate?.(address, [field]);
  if (at) return { address, at };
  const elsewhere = id === undefined || field !== undefined ? undefined : await run.options.locateId?.(id);
  return elsewhere ?? (step.at ? { address, at: step.at } : {});
}

/** The field that holds an id, in the spec with which the task was begun. */
function findField<Api>(stepRun: StepRun<Api>, id: string): string | undefined {
  let found: string | undefined;
  mapLeaves(stepRun.kind.fields, entryOf(stepRun)?.spec ?? stepRun.wanted, ({ value, path }) => {
    if (value === id) found ??= String(path[0]);
    return value;
  });
  return found;
}
