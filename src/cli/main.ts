import { setTimeout as sleep } from "node:timers/promises";
import { type Command, CommanderError } from "commander";
import { createColors } from "picocolors";
import { createRedaction, learnFromEnvironment } from "../secrets/redaction.ts";
import { releaseLocks } from "../state/held-locks.ts";
import type { CommandRunner } from "./command.ts";
import { ExitCode } from "./exit-code.ts";
import { guardIo } from "./guarded-io.ts";
import { watchInterruption } from "./interruption.ts";
import { errorDrawing, type Io, wantsColor, writerTo } from "./io.ts";
import { type JsonErrors, openJsonErrors } from "./json-errors.ts";
import { type RunEnd, watchLosses } from "./lost-output.ts";
import { explainMisuse } from "./misuse.ts";
import { readInvocation } from "./options.ts";
import { buildProgram } from "./program.ts";
import type { RunContext } from "./run-action.ts";

/** A run that should stop at once asks the place of its state for no longer than this, in milliseconds. */
const longestReleaseMs = 2000;

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
  const cutOff = Promise.race([stopped, losses.abandoned]).then(async (end) => {
    await Promise.race([releaseLocks(), sleep(longestReleaseMs)]);
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
      void tellError(error, io, !argv.includes("--no-color"), errors).then(async (exitCode) => {
        await releaseLocks();
        resolve(exitCode);
      });
    });
  });
  return { reported, dispose };
}

/** What only some command lines need: with it, `--help` would take many times as long. */
const loadReport = () => import("./error-report.ts");

/** Writes what went wrong outside of a session. */
async function tellError(error: unknown, io: Io, color: boolean, errors: JsonErrors): Promise<ExitCode> {
  const { reportError } = await loadReport();
  const { text, exitCode, problems } = reportError(error, errorDrawing(io, color), errors.wanted);
  io.stderr.write(text);
  errors.write(problems, exitCode);
  return exitCode;
}

async function run(argv: readonly string[], context: RunContext): Promise<ExitCode> {
  const { io, losses, errors } = context;
  let exitCode: ExitCode = ExitCode.done;
  const start: CommandRunner =
    (effect, load) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals<Parameters<Awaited<ReturnType<typeof load>>>[1]>();
      losses.begin({
        name: nameOf(command),
        effect: typeof effect === "function" ? effect(options) : effect,
      });
      const action = await load();
      const { runAction } = await import("./run-action.ts");
      const running = { ...context, invocation: readInvocation(argv, options) };
      exitCode = await runAction(running, options, (session) => {
        // Commander hands over the arguments that the command declares.
        const values = [session, options, ...given.slice(0, -2)] as Parameters<typeof action>;
        return action(...values);
      });
    };
  const color = !argv.includes("--no-color");
  let misuse = "";
  try {
    const program = buildProgram(
      start,
      outputOf(io, color, (text) => {
        misuse = text;
      }),
      createColors(color && wantsColor(io.stdout, io.env)).bold,
      argv[0],
    );
    await program.parseAsync(argv.length > 0 ? argv : ["--help"], { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return tellError(error, io, color, errors);
    if (misuse) await tellMisuse(misuse, io, color, errors);
    return error.exitCode === 0 ? ExitCode.done : ExitCode.invalid;
  }
}

/** The full name of a command, such as `state mv`. */
const nameOf = (command: Command): string =>
  command.parent?.parent ? [nameOf(command.parent), command.name()].join(" ") : command.name();

/** Writes what is wrong with a command line; `text` is commander's. */
async function tellMisuse(text: string, io: Io, color: boolean, errors: JsonErrors): Promise<void> {
  const { renderError } = await loadReport();
  const problem = explainMisuse(text);
  io.stderr.write(renderError(problem, errorDrawing(io, color)));
  errors.write([{ severity: "error", code: "usage", ...problem }], ExitCode.invalid);
}

const outputOf = (io: Io, color: boolean, onMisuse: (text: string) => void) => ({
  writeOut: writerTo(io.stdout),
  writeErr: writerTo(io.stderr),
  outputError: onMisuse,
  getOutHelpWidth: () => io.stdout.columns ?? 80,
  getErrHelpWidth: () => io.stderr.columns ?? 80,
  getOutHasColors: () => color && wantsColor(io.stdout, io.env),
  getErrHasColors: () => color && wantsColor(io.stderr, io.env),
});
