import { realpathSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { findProject } from "../commands/find-project.ts";
import type { Host } from "../commands/host.ts";
import type { Invocation } from "../core/command-line.ts";
import { writeJson } from "../core/json-output.ts";
import { say } from "../messages/text.ts";
import type { DiagnosticDrawing } from "../report/diagnostics.ts";
import { printableLine } from "../report/escape-control.ts";
import type { Drawing } from "../report/styled-text.ts";
import type { Interruption } from "./interruption.ts";
import { drawingFor, errorDrawing, type Io, writerTo } from "./io.ts";
import type { JsonErrors } from "./json-errors.ts";
import { createLog, describeCall, describeSilence, type Log } from "./log.ts";
import type { CommonOptions, ProjectPlace } from "./options.ts";
import { readRunnerEnvironment } from "./runner-environment.ts";

/** What a command works with: the process, its log, and how to draw output. */
export interface Session {
  readonly io: Io;
  readonly interruption: Interruption;
  readonly log: Log;
  /** How to draw on standard output. */
  readonly drawing: Drawing;
  /** How to draw on standard error. */
  readonly errors: DiagnosticDrawing;
  /** Writes to standard output. */
  print(text: string): void;
  /** Writes the result of the command to standard output as JSON. */
  printJson(value: unknown): void;
  /** Tells programs how the command failed, where they read the output; `facts` are keys besides. */
  writeErrors: JsonErrors["write"];
  /** Keeps a sentence on the outcome of the run, for the case that its output is lost. */
  noteOutcome(text: string): void;
  /** Redirects log lines, so that they don't mix with a live view; undefined: back to standard error. */
  redirectLog(write: ((text: string) => void) | undefined): void;
  path(relative: string | undefined): string;
  /**
   * The project of a command, which may be above the working directory; that is logged. Command lines in messages repeat
   * `word`, the directory on the command line. Throws {@link InvalidInput} where another project is likely meant.
   */
  project(word: string | undefined): Promise<ProjectPlace>;
  /** The path of a project's directory that needn't be there; command lines in messages repeat it as it was written. */
  projectPath(word: string | undefined): string;
  host(listeners?: Partial<Pick<Host, "onEvent" | "onCall">>): Host;
}

type SessionContext = Pick<Session, "io" | "interruption" | "noteOutcome"> &
  Pick<Host, "secrets"> & { readonly errors: JsonErrors; readonly invocation: Invocation };

/** Opens the session of one command line. */
export function openSession(
  { io, interruption, secrets, noteOutcome, errors, invocation }: SessionContext,
  options: CommonOptions,
): Session {
  const [print, toStderr] = [writerTo(io.stdout), writerTo(io.stderr)];
  let write = toStderr;
  const log = createLog(options.logLevel, (text) => write(text));
  return {
    io,
    interruption,
    log,
    drawing: drawingFor(io.stdout, io, options.color),
    errors: errorDrawing(io, options.color),
    print,
    printJson(value) {
      errors.noteResult();
      print(`${writeJson(value, 2)}\n`);
    },
    writeErrors: errors.write,
    noteOutcome,
    redirectLog(target) {
      write = target ?? toStderr;
    },
    path: (relative) => resolve(io.cwd, relative ?? "."),
    projectPath(word) {
      invocation.directory = word;
      return resolve(io.cwd, word ?? ".");
    },
    async project(word) {
      invocation.directory = word;
      const { cwd, env } = io;
      const { directory, isAbove, stateAbove } = await findProject({ cwd, dir: word, env });
      const shown = (place: string) => printableLine(showPath(cwd, place));
      if (isAbove) log.info(say("cli/project-above", { directory: shown(directory) }));
      if (stateAbove !== undefined) log.warn(say("cli/state-above", { directory: shown(stateAbove) }));
      return { directory, placesFrom: isAbove ? realpathSync(cwd) : undefined };
    },
    host: ({ onEvent = () => {}, onCall } = {}) => ({
      ...readRunnerEnvironment(io, options.envFile),
      fetch: io.fetch,
      clock: io.clock,
      secrets,
      random: () => io.random(),
      signal: interruption.signal,
      onEvent,
      onSilence: (silence) => log.warn(describeSilence(silence)),
      onPlaceSilence: (place) => log.warn(say("cli/state-silent", { place })),
      onCall: (record) => {
        log.debug(describeCall(record));
        onCall?.(record);
      },
    }),
  };
}

/** A path relative to the working directory, as it stands in messages. */
const showPath = (cwd: string, place: string): string =>
  relative(realpathSync(cwd), place).split(sep).join("/") || ".";
