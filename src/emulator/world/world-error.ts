/** A world's file that can't be used: what is wrong with it, where, and a hint. */
export class WorldError extends Error {
  override readonly name = "WorldError";
  readonly file: string;
  readonly hint: string;
  /** Where in the file, from 1, when its text isn't JSON. */
  readonly at: { readonly line: number; readonly column: number } | undefined;

  constructor(
    file: string,
    message: string,
    options: ErrorOptions & {
      readonly hint?: string | undefined;
      readonly at?: WorldError["at"] | undefined;
    } = {},
  ) {
    super(message, options);
    this.file = file;
    this.hint = options.hint ?? "restore it from a backup, or remove it to begin with an empty world";
    this.at = options.at;
  }
}
