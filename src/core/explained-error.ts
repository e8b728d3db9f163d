/** What is wrong, and the next move. */
export interface Explanation {
  readonly message: string;
  readonly hint: string;
}

/** An error that the user reads, with its next move. */
export class ExplainedError extends Error {
  override readonly name: string = "ExplainedError";
  readonly hint: string;

  constructor({ message, hint }: Explanation, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}
