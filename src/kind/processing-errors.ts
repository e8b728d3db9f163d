import { ExplainedError } from "../core/explained-error.ts";
import type { FailurePart } from "../core/failure.ts";

/** Coze gave up on an object. */
export class ProcessingFailed extends Error {
  override readonly name = "ProcessingFailed";
}

/** Coze gave up on a task. */
export class TaskFailed extends ExplainedError {
  override readonly name = "TaskFailed";
  readonly parts: readonly FailurePart[];

  constructor(
    { reason, hint }: { readonly reason: string; readonly hint: string },
    parts: readonly FailurePart[],
  ) {
    super({ message: reason, hint });
    this.parts = parts;
  }
}
