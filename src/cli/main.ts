import { type Command, CommanderError } from "commander";
import { createColors } from "picocolors";
import { createRedaction, learnFromEnvironment, type Redaction } from "../secrets/redaction.ts";
import { releaseLocks } from "../state/lock.ts";
import type { Action, CommandRunner, Effect } from "./command.ts";
import { reportCauses, reportError } from "./error-report.ts";
import { ExitCode } from "./exit-code.ts";
import { guardIo } from "./guarded-io.ts";
import { type Interruption, watchInterruption } from "./interruption.ts";
import { type Io, wantsColor, writerTo } from "./io.ts";
import { type LossWatch, type RunEnd, watchLosses } from "./lost-output.ts";
import { reportMisuse } from "./misuse.ts";
import type { CommonOptions } from "./options.ts";
import { buildProgram } from "./program.ts";
import { errorDrawing, openSession } from "./session.ts";

/** Runs one command line and resolves to the exit code when all output is written. Never rejects. */
export async function main(argv: readonly string[], unguarded: Io): Promise<ExitCode> {
  const secrets = createRedaction();
  learnFromEnvironment(secrets, unguarded.env);
  const losses = watchLosses();
  const { io, drain } = guardIo(unguarded, secrets, losses.note);
  const interruption = watchInterruption((listener) => io.onInterrupt(listener));
  const stopped = interruption.atOnce.then(
    (message): RunEnd => ({ text: `${message}\n`, exitCode: ExitCode.interrupted }),
  );
  const cutOff = Promise.race([stopped, losses.abandoned]).then((end) => {
    releaseLocks();
    return end;
  });
  const crash = watchCrash(argv, io);
  const finish = async (exitCode: ExitCode): Promise<RunEnd> => {
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
  const finished = Promise.race([run(argv, { io, interruption, secrets, losses }), crash.reported]).then(
    finish,
  );
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
function watchCrash(argv: readonly string[], io: Io) {
  let dispose = (): void => {};
  const reported = new Promise<ExitCode>((resolve) => {
    dispose = io.onCrash((error) => {
      const { text, exitCode } = reportError(error, errorDrawing(io, !argv.includes("--no-color")));
      io.stderr.write(text);
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
}

async function run(argv: readonly string[], context: RunContext): Promise<ExitCode> {
  const { io, losses } = context;
  let exitCode: ExitCode = ExitCode.done;
  const start: CommandRunner =
    <Options extends object, Words extends readonly unknown[]>(
      effect: Effect | ((options: CommonOptions & Options) => Effect),
      action: Action<Options, Words>,
    ) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const words = given.slice(0, -2) as readonly unknown[] as Words;
      const options = command.optsWithGlobals<CommonOptions & Options>();
      losses.begin({
        name: nameOf(command),
        effect: typeof effect === "function" ? effect(options) : effect,
      });
      const session = openSession({ ...context, noteOutcome: losses.noteOutcome }, options);
      try {
        exitCode = await action(session, options, ...words);
      } catch (error) {
        const report = reportError(error, session.errors);
        session.log.error(report.text);
        for (const line of reportCauses(error)) session.log.debug(line);
        exitCode = report.exitCode;
      }
    };
  const color = !argv.includes("--no-color");
  try {
    const program = buildProgram(
      start,
      outputOf(io, color),
      createColors(color && wantsColor(io.stdout, io.env)).bold,
    );
    await program.parseAsync(argv.length > 0 ? argv : ["--help"], { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has already written its message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.invalid;
    const report = reportError(error, errorDrawing(io, color));
    io.stderr.write(report.text);
    return report.exitCode;
  }
}

/** The full name of a command, such as `state mv`. */
const nameOf = (command: Command): string =>
  command.parent?.parent ? [nameOf(command.parent), command.name()].join(" ") : command.name();

const outputOf = (io: Io, color: boolean) => ({
  writeOut: writerTo(io.stdout),
  writeErr: writerTo(io.stderr),
  outputError: (text: string, write: (text: string) => void) =>
    write(reportMisuse(text, errorDrawing(io, color))),
  getOutHelpWidth: () => io.stdout.columns ?? 80,
  getErrHelpWidth: () => io.stderr.columns ?? 80,
  getOutHasColors: () => color && wantsColor(io.stdout, io.env),
  getErrHasColors: () => color && wantsColor(io.stderr, io.env),
});
