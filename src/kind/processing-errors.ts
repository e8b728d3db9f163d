import { ExplainedError } from "../core/explained-error.ts";
import type { FailurePart } from "../core/failure.ts";
import type { Json } from "../core/value.ts";
import type { Explained } from "../messages/text.ts";

/** Coze gave up on an object. */
export class ProcessingFailed extends Error {
  override readonly name: string = "ProcessingFailed";
}

/** Coze rejects an object's content, and would again. */
export class ContentRefused extends ProcessingFailed {
  override readonly name = "ContentRefused";
}

/** Coze holds another value of a field than the one that was sent. The object is there all the same. */
export class NotTaken extends ExplainedError {
  override readonly name = "NotTaken";
  /** The name of a top-level field. */
  readonly field: string;
  /** What Coze holds; undefined: its default. */
  readonly live: Json | undefined;

  constructor(field: string, live: Json | undefined, explained: Explained) {
    super(explained);
    this.field = field;
    this.live = live;
  }
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
