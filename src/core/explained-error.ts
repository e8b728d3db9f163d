import type { Explained } from "../messages/text.ts";

/** An error that the user reads, with its next move. */
export class ExplainedError extends Error {
  override readonly name: string = "ExplainedError";
  readonly hint: string;

  constructor({ message, hint }: Explained, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}
