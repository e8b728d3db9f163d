import { resolve } from "node:path";
import type { Host } from "../commands/host.ts";
import { readTrust, type Trust } from "../commands/trust.ts";
import { readUserConfig } from "../commands/user-config.ts";
import type { DiagnosticDrawing } from "../report/diagnostics.ts";
import type { Drawing } from "../report/styled-text.ts";
import { readEnvFile } from "./env-file.ts";
import type { Interruption } from "./interruption.ts";
import { type Io, type Output, wantsColor } from "./io.ts";
import { createLog, describeCall, describeSilence, type Log } from "./log.ts";
import type { CommonOptions } from "./options.ts";

/** What a command has to work with: the process as it was given, its log, and how to draw. */
export interface Session {
  readonly io: Io;
  readonly interruption: Interruption;
  readonly log: Log;
  /** How to draw what goes to standard output. */
  readonly drawing: Drawing;
  /** How to draw what goes to standard error. */
  readonly errors: DiagnosticDrawing;
  /** Writes a result. */
  print(text: string): void;
  /** Takes down in a sentence how far the run got, in case that can't be printed. */
  noteOutcome(text: string): void;
  /** Where log lines go for now: a live view takes them over, so that they don't mix. */
  redirectLog(write: ((text: string) => void) | undefined): void;
  path(relative: string | undefined): string;
  host(listeners?: Partial<Pick<Host, "onEvent" | "onCall">>): Host;
}

/** Opens the session of one command line, with the options that every command takes. */
export function openSession(
  {
    io,
    interruption,
    secrets,
    noteOutcome,
  }: Pick<Session, "io" | "interruption" | "noteOutcome"> & Pick<Host, "secrets">,
  options: CommonOptions,
): Session {
  const toStderr = (text: string): void => {
    io.stderr.write(text);
  };
  let write = toStderr;
  const log = createLog(options.logLevel, (text) => write(text));
  return {
    io,
    interruption,
    log,
    drawing: drawingFor(io.stdout, io, options.color),
    errors: errorDrawing(io, options.color),
    print: (text) => {
      io.stdout.write(text);
    },
    noteOutcome,
    redirectLog(target) {
      write = target ?? toStderr;
    },
    path: (relative) => resolve(io.cwd, relative ?? "."),
    host: ({ onEvent = () => {}, onCall } = {}) => ({
      ...runnerOf(io, options.envFile),
      fetch: io.fetch,
      clock: io.clock,
      secrets,
      random: () => io.random(),
      signal: interruption.signal,
      onEvent,
      onSilence: (silence) => log.warn(describeSilence(silence)),
      onCall: (record) => {
        log.debug(describeCall(record));
        onCall?.(record);
      },
    }),
  };
}

/** What comes from the runner: variables, and what a repository may do. A file of variables adds no trust. */
function runnerOf(
  { env: whole, cwd }: Io,
  envFile: string | undefined,
): Required<Pick<Host, "env" | "runnerEnv" | "trust">> {
  const given = envFile === undefined ? {} : readEnvFile(resolve(cwd, envFile), envFile);
  const names = Object.keys(given);
  // Node 20 reads an option of this name by itself and puts what isn't set yet into the environment.
  const env = Object.fromEntries(Object.entries(whole).filter(([name, value]) => given[name] !== value));
  const trust = async (directory: string): Promise<Trust> => {
    const config = await readUserConfig(env, directory);
    return readTrust({ env, given: names, cwd, ...(config ? { config } : {}) });
  };
  return { env: { ...env, ...given }, runnerEnv: env, trust };
}

/** How errors are drawn, before any option is known too. */
export const errorDrawing = (io: Io, color: boolean): DiagnosticDrawing => ({
  ...drawingFor(io.stderr, io, color),
  terminal: io.stderr.isTTY === true,
});

const drawingFor = (output: Output, { env }: Io, color: boolean): Drawing => ({
  color: color && wantsColor(output, env),
  // What isn't a terminal has no width; a line is kept whole there, for grep's sake.
  width: output.isTTY ? Math.max(40, output.columns ?? 80) : 160,
});
