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

/** What the process ends with. */
export const ExitCode = {
  /** Done, or nothing to do. */
  done: 0,
  failed: 1,
  /** `plan --detailed-exitcode`: there are changes. */
  changes: 2,
  /** The input is invalid: manifests, options, arguments. */
  invalid: 3,
  interrupted: 130,
  /** The reader of the output went away, and a command that only reads ended at that: as where SIGPIPE ends a program. */
  unread: 141,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
