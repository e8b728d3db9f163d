/** The command line is invalid. The message says why, and the hint what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor({ message, hint }: Problem, exitCode: ExitCode = ExitCode.invalid) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The exit codes of the process. */
export const ExitCode = {
  /** Success, or nothing to do. */
  done: 0,
  failed: 1,
  /** `plan --detailed-exitcode`: there are changes. */
  changes: 2,
  /** The input is invalid: manifests, options, arguments. */
  invalid: 3,
  interrupted: 130,
  /** A command that only reads lost the reader of its output: the code of a program that SIGPIPE ends. */
  unread: 141,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
