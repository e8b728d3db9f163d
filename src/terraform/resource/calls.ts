import { ExplainedError } from "../../core/explained-error.ts";
import type { Values } from "../../core/value.ts";
import { holderId } from "../../kind/holder.ts";
import type { Place, Published } from "../../kind/kind.ts";
import type { PlannedCall } from "../../kind/planned-calls.ts";
import type { NotTaken } from "../../kind/processing-errors.ts";
import type { WaitLeft } from "../../lifecycle/poll-task.ts";
import { explain, say } from "../../messages/text.ts";
import type { Remote } from "../remote/remote.ts";
import type { CozeKind } from "../schema/names.ts";

/** What a sequence of calls works on. */
export interface CallRun {
  readonly kind: CozeKind;
  readonly remote: Remote;
  /** What calls send from, files as handles. */
  readonly target: Values;
  readonly live: Values | undefined;
  /** Ids of objects of the same identity that were there before; undefined where that isn't known. */
  readonly before: readonly string[] | undefined;
  /** When waiting for Coze's own work ends, epoch milliseconds; undefined: after the usual time. */
  readonly deadline?: number | undefined;
}

/** How far a sequence of calls got. */
export interface Progress {
  /** Undefined: there is no object. */
  readonly place: Place | undefined;
  /** A task of Coze's that is to make the object. */
  readonly task?: string | undefined;
  /** It waits for somebody; in words. */
  readonly pending?: string | undefined;
  /** A field of which Coze took another value. */
  readonly notTaken?: NotTaken | undefined;
  /** The last publication. */
  readonly published?: Published | undefined;
  readonly done: readonly PlannedCall[];
  readonly left: readonly PlannedCall[];
  /** Why it ended before its end. */
  readonly error?: unknown;
  /** Coze gave up on the object, which has to be made again. */
  readonly failed?: true | undefined;
}

/** Coze gave up on an object, or on the task that was to make it. */
class GivenUp extends ExplainedError {}

/** What a failed apply left undone, by the names that a state shows. */
export const nameOfCall = (planned: PlannedCall): string =>
  planned.call === "follow-up" ? planned.name : planned.call;

/** Makes some calls in turn and stops at the first that fails; never throws. */
export async function makeCalls(
  run: CallRun,
  calls: readonly PlannedCall[],
  { place, task }: { readonly place?: Place | undefined; readonly task?: string | undefined } = {},
): Promise<Progress> {
  let progress: Progress = { place, task, done: [], left: calls };
  while (progress.left.length > 0) {
    const [next, ...rest] = progress.left;
    if (!next) break;
    try {
      const progressed = await makeCall(run, next, progress);
      progress = { ...progress, ...progressed, done: [...progress.done, next], left: rest };
    } catch (error) {
      if (error instanceof TaskBegun) return { ...progress, task: error.task, error: error.cause };
      return { ...progress, failed: error instanceof GivenUp || undefined, error };
    }
  }
  return progress;
}

/** Coze began a task, and how that ended isn't known. */
class TaskBegun extends Error {
  override readonly name = "TaskBegun";
  readonly task: string;

  constructor(task: string, cause: unknown) {
    super(task, { cause });
    this.task = task;
  }
}

async function makeCall(
  run: CallRun,
  planned: PlannedCall,
  { place, task }: Progress,
): Promise<Partial<Progress>> {
  const { kind, remote, target, live } = run;
  if (planned.call === "create") return task === undefined ? create(run) : arrive(run, task);
  // A kind whose creation is a task has nothing else to wait for.
  if (planned.call === "settle" && !kind.settle) return {};
  if (!place) throw new Error(`${kind.name} has no id yet`);
  switch (planned.call) {
    case "update":
      await remote.update(kind, place, { spec: target, live, changed: new Set(planned.fields) });
      return {};
    case "settle": {
      const waited = await remote.settle(kind, place, run.deadline);
      if (waited.state === "failed") {
        const hint = say("terraform-resource/given-up-hint");
        throw new GivenUp({ message: waited.error.message, hint }, waited.error);
      }
      if (waited.state === "left") throw new StillAtWork(waited);
      return {};
    }
    case "follow-up": {
      const published = await remote.followUp(kind, planned.name, place, target, planned.one);
      return published ? { published } : {};
    }
  }
}

async function create(run: CallRun): Promise<Partial<Progress>> {
  const { kind, remote, target, before } = run;
  const created = await remote.create(kind, target, before);
  if ("task" in created) return arrive(run, created.task);
  const { id, pending, notTaken } = created;
  return { place: placeOfCall(run, id), pending, notTaken };
}

/** Waits for the task that makes an object; one that isn't over is not forgotten. */
async function arrive(run: CallRun, task: string): Promise<Partial<Progress>> {
  const { kind, remote } = run;
  const end = await remote.follow(kind, task, run.deadline).catch((error: unknown) => {
    throw new TaskBegun(task, error);
  });
  if (end.state === "made") return { place: placeOfCall(run, end.id) };
  if (end.state === "failed") throw end.error;
  if (end.state === "left") throw new TaskBegun(task, new StillAtWork(end));
  throw new ExplainedError(explain("terraform-resource/lost-task", { task }));
}

/** Coze was still processing the object when waiting ended. */
export class StillAtWork extends ExplainedError {
  constructor({ why, error }: WaitLeft) {
    super(
      why === "interrupted"
        ? explain("terraform-resource/wait-interrupted")
        : explain("terraform-resource/wait-timed-out"),
      error,
    );
  }
}

const placeOfCall = ({ kind, target }: CallRun, id: string): Place => ({
  id,
  parent: holderId(kind, target),
});
