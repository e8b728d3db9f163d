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
