import { type Command, CommanderError } from "commander";
import { createColors } from "picocolors";
import { withInvocation } from "../core/command-line.ts";
import { createRedaction, learnFromEnvironment, type Redaction } from "../secrets/redaction.ts";
import { releaseLocks } from "../state/lock.ts";
import type { CommandRunner } from "./command.ts";
import { renderError, reportCauses, reportError } from "./error-report.ts";
import { ExitCode } from "./exit-code.ts";
import { guardIo } from "./guarded-io.ts";
import { type Interruption, watchInterruption } from "./interruption.ts";
import { type Io, wantsColor, writerTo } from "./io.ts";
import { type JsonErrors, openJsonErrors } from "./json-errors.ts";
import { type LossWatch, type RunEnd, watchLosses } from "./lost-output.ts";
import { explainMisuse } from "./misuse.ts";
import { readInvocation } from "./options.ts";
import { buildProgram } from "./program.ts";
import { errorDrawing, openSession } from "./session.ts";

/** Runs one command line and resolves to the exit code when all output is written. Never rejects. */
export async function main(argv: readonly string[], unguarded: Io): Promise<ExitCode> {
  const secrets = createRedaction();
  learnFromEnvironment(secrets, unguarded.env);
  const losses = watchLosses();
  const { io, drain } = guardIo(unguarded, secrets, losses.note);
  const errors = openJsonErrors(argv, io);
  let isOver = false;
  const interruption = watchInterruption((listener) => io.onInterrupt(listener));
  const stopped = interruption.atOnce.then((message): RunEnd => {
    const exitCode = ExitCode.interrupted;
    // What was written may still wait for its reader.
    if (!isOver) errors.write([{ severity: "error", code: "interrupted", message }], exitCode);
    return { text: `${message}\n`, exitCode };
  });
  const cutOff = Promise.race([stopped, losses.abandoned]).then((end) => {
    releaseLocks();
    return end;
  });
  const crash = watchCrash(argv, io, errors);
  const finish = async (exitCode: ExitCode): Promise<RunEnd> => {
    isOver = true;
    const unread = losses.describeUnread(exitCode);
    if (unread !== undefined) interruption.stopAtOnce(unread);
    await drain();
    const end = losses.conclude(exitCode);
    if (!end) return cutOff;
    if (end.text === undefined) return end;
    io.stderr.write(end.text);
    await drain();
    return { exitCode: end.exitCode };
  };
  const running = run(argv, { io, interruption, secrets, losses, errors });
  const finished = Promise.race([running, crash.reported]).then(finish);
  try {
    const { text, exitCode } = await Promise.race([finished, cutOff]);
    if (text !== undefined) io.stderr.write(text);
    return exitCode;
  } finally {
    interruption.dispose();
    crash.dispose();
  }
}

/** Reports an uncaught error like any other: Node would print its stack. */
function watchCrash(argv: readonly string[], io: Io, errors: JsonErrors) {
  let dispose = (): void => {};
  const reported = new Promise<ExitCode>((resolve) => {
    dispose = io.onCrash((error) => {
      const drawing = errorDrawing(io, !argv.includes("--no-color"));
      const { text, exitCode, problems } = reportError(error, drawing, errors.wanted);
      io.stderr.write(text);
      errors.write(problems, exitCode);
      releaseLocks();
      resolve(exitCode);
    });
  });
  return { reported, dispose };
}

interface RunContext {
  readonly io: Io;
  readonly interruption: Interruption;
  readonly secrets: Redaction;
  readonly losses: LossWatch;
  readonly errors: JsonErrors;
}

async function run(argv: readonly string[], context: RunContext): Promise<ExitCode> {
  const { io, losses, errors } = context;
  let exitCode: ExitCode = ExitCode.done;
  const start: CommandRunner =
    (effect, action) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals<Parameters<typeof action>[1]>();
      losses.begin({
        name: nameOf(command),
        effect: typeof effect === "function" ? effect(options) : effect,
      });
      const invocation = readInvocation(argv, options);
      const session = openSession({ ...context, noteOutcome: losses.noteOutcome, invocation }, options);
      try {
        // Commander hands over the arguments that the command declares.
        const values = [session, options, ...given.slice(0, -2)] as Parameters<typeof action>;
        exitCode = await withInvocation(invocation, () => action(...values));
      } catch (error) {
        const report = withInvocation(invocation, () => reportError(error, session.errors, errors.wanted));
        session.log.error(report.text);
        for (const line of reportCauses(error)) session.log.debug(line);
        exitCode = report.exitCode;
        errors.write(report.problems, exitCode);
      }
    };
  const color = !argv.includes("--no-color");
  try {
    const program = buildProgram(
      start,
      outputOf(io, color, errors),
      createColors(color && wantsColor(io.stdout, io.env)).bold,
    );
    await program.parseAsync(argv.length > 0 ? argv : ["--help"], { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has already written its message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.invalid;
    const report = reportError(error, errorDrawing(io, color), errors.wanted);
    io.stderr.write(report.text);
    errors.write(report.problems, report.exitCode);
    return report.exitCode;
  }
}

/** The full name of a command, such as `state mv`. */
const nameOf = (command: Command): string =>
  command.parent?.parent ? [nameOf(command.parent), command.name()].join(" ") : command.name();

const outputOf = (io: Io, color: boolean, errors: JsonErrors) => ({
  writeOut: writerTo(io.stdout),
  writeErr: writerTo(io.stderr),
  outputError(text: string, write: (text: string) => void): void {
    const problem = explainMisuse(text);
    write(renderError(problem, errorDrawing(io, color)));
    errors.write([{ severity: "error", code: "usage", ...problem }], ExitCode.invalid);
  },
  getOutHelpWidth: () => io.stdout.columns ?? 80,
  getErrHelpWidth: () => io.stderr.columns ?? 80,
  getOutHasColors: () => color && wantsColor(io.stdout, io.env),
  getErrHasColors: () => color && wantsColor(io.stderr, io.env),
});
