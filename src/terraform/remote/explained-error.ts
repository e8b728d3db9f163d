/** An error for the user, with the next move. */
export class ExplainedError extends Error {
  override readonly name: string = "ExplainedError";
  readonly hint: string;

  constructor({ message, hint }: { readonly message: string; readonly hint: string }, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}
