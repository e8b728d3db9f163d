import { type Command, CommanderError } from "commander";
import { createColors } from "picocolors";
import { createRedaction, learnFromEnvironment, type Redaction } from "../secrets/redaction.ts";

import { releaseLocks } from "../state/lock.ts";
import { wantsColor } from "./color.ts";
import type { CommandRunner } from "./command-runner.ts";
import { reportCauses, reportError, reportMisuse } from "./error-report.ts";
import { ExitCode } from "./exit-code.ts";
import { guardIo } from "./guarded-io.ts";
import { type Interruption, watchInterruption } from "./interruption.ts";
import type { Io } from "./io.ts";
import { type Farewell, type LossWatch, watchLosses } from "./lost-output.ts";
import type { CommonOptions } from "./options.ts";
import { buildProgram } from "./program.ts";
import { errorDrawing, openSession } from "./session.ts";

/** Runs one command line and returns what the process is to end with, once all output is out. Never throws. */
export async function main(argv: readonly string[], bare: Io): Promise<ExitCode> {
  const secrets = createRedaction();
  learnFromEnvironment(secrets, bare.env);
  const losses = watchLosses();
  const { io, drain } = guardIo(bare, secrets, losses.note);
  const interruption = watchInterruption((listener) => io.onInterrupt(listener));
  const stopped = interruption.atOnce.then(
    (said): Farewell => ({ text: `${said}\n`, exitCode: ExitCode.interrupted }),
  );
  const cutOff = Promise.race([stopped, losses.abandoned]).then((end) => {
    releaseLocks();
    return end;
  });
  const crash = watchCrash(argv, io);
  const finish = async (exitCode: ExitCode): Promise<Farewell> => {
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
  const finished = Promise.race([run(argv, { io, interruption, secrets, losses }), crash.told]).then(finish);
  try {
    const { text, exitCode } = await Promise.race([finished, cutOff]);
    if (text !== undefined) io.stderr.write(text);
    return exitCode;
  } finally {
    interruption.dispose();
    crash.dispose();
  }
}

/** A mistake of ours that nobody waits for is told like any other: Node would print its stack. */
function watchCrash(argv: readonly string[], io: Io) {
  let dispose = (): void => {};
  const told = new Promise<ExitCode>((resolve) => {
    dispose = io.onCrash((error) => {
      const { text, exitCode } = reportError(error, errorDrawing(io, !argv.includes("--no-color")));
      io.stderr.write(text);
      releaseLocks();
      resolve(exitCode);
    });
  });
  return { told, dispose };
}

interface Running {
  readonly io: Io;
  readonly interruption: Interruption;
  readonly secrets: Redaction;
  readonly losses: LossWatch;
}

async function run(argv: readonly string[], running: Running): Promise<ExitCode> {
  const { io, losses } = running;
  let exitCode: ExitCode = ExitCode.done;
  const start: CommandRunner = async (command, effect, action) => {
    const options = command.optsWithGlobals<CommonOptions & Parameters<typeof action>[1]>();
    losses.begin({
      name: nameOf(command),
      effect: typeof effect === "function" ? effect(options) : effect,
    });
    const session = openSession({ ...running, noteOutcome: losses.noteOutcome }, options);
    try {
      exitCode = await action(session, options);
    } catch (error) {
      const told = reportError(error, session.errors);
      session.log.error(told.text);
      for (const line of reportCauses(error)) session.log.debug(line);
      exitCode = told.exitCode;
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
    // Commander has written what it has to say by then.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.invalid;
    const told = reportError(error, errorDrawing(io, color));
    io.stderr.write(told.text);
    return told.exitCode;
  }
}

/** The words that call a command, such as `state mv`. */
const nameOf = (command: Command): string =>
  command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();

const outputOf = (io: Io, color: boolean) => ({
  writeOut: (text: string) => {
    io.stdout.write(text);
  },
  writeErr: (text: string) => {
    io.stderr.write(text);
  },
  outputError: (text: string, write: (text: string) => void) => {
    write(reportMisuse(text, errorDrawing(io, color)));
  },
  getOutHelpWidth: () => io.stdout.columns ?? 80,
  getErrHelpWidth: () => io.stderr.columns ?? 80,
  getOutHasColors: () => color && wantsColor(io.stdout, io.env),
  getErrHasColors: () => color && wantsColor(io.stderr, io.env),
});
