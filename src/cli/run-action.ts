import { type Invocation, withInvocation } from "../core/command-line.ts";
import type { Redaction } from "../secrets/redaction.ts";
import { reportCauses, reportError } from "./error-report.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Interruption } from "./interruption.ts";
import type { Io } from "./io.ts";
import type { JsonErrors } from "./json-errors.ts";
import type { LossWatch } from "./lost-output.ts";
import type { CommonOptions } from "./options.ts";
import { openSession, type Session } from "./session.ts";

/** The run of one command line: the process, and what watches over it. */
export interface RunContext {
  readonly io: Io;
  readonly interruption: Interruption;
  readonly secrets: Redaction;
  readonly losses: LossWatch;
  readonly errors: JsonErrors;
}

/**
 * Runs a command's action in a session, and reports what it throws. Resolves to the exit code. Every command but a help
 * loads this before it begins: a later version may have replaced the files when a long run ends.
 */
export async function runAction(
  context: RunContext & { readonly invocation: Invocation },
  options: CommonOptions,
  action: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { errors, losses, invocation } = context;
  const session = openSession({ ...context, noteOutcome: losses.noteOutcome }, options);
  try {
    return await withInvocation(invocation, () => action(session));
  } catch (error) {
    const report = withInvocation(invocation, () => reportError(error, session.errors, errors.wanted));
    session.log.error(report.text);
    for (const line of reportCauses(error)) session.log.debug(line);
    errors.write(report.problems, report.exitCode);
    return report.exitCode;
  }
}
