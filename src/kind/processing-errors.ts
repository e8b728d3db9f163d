import type { FailurePart } from "../core/failure.ts";

/** Coze gave up on an object. */
export class ProcessingFailed extends Error {
  override readonly name = "ProcessingFailed";
}

/** Coze gave up on a task. */
export class TaskFailed extends Error {
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
