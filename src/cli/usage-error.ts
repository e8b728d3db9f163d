import { ExitCode } from "./exit-code.ts";

/** The command can't be carried out as it was given; says why, and what to do instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, hint?: string, exitCode: ExitCode = ExitCode.invalid) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}
