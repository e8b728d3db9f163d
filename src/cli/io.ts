import type { Env } from "../commands/trust.ts";
import type { Clock } from "../engine/engine.ts";
import type { DiagnosticDrawing } from "../report/diagnostics.ts";
import type { Drawing } from "../report/styled-text.ts";

/** An output stream: a terminal, a pipe or a file. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** A function that writes texts to an output. */
export const writerTo =
  (output: Output) =>
  (text: string): void => {
    output.write(text);
  };

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Everything that the command line uses of the process, so that tests can pass their own. */
export interface Io {
  readonly cwd: string;
  readonly env: Env;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  /** A number from 0 up to 1, without 1. */
  random(): number;
  /** Calls the listener at each request to stop (Ctrl-C); returns a function that removes it. */
  onInterrupt(listener: () => void): () => void;
  /** Called once before a run that may take hours: the process may keep its memory small at the cost of some time. */
  readonly expectLongRun?: (() => void) | undefined;
  /** Calls the listener with an uncaught error; returns a function that removes it. */
  onCrash(listener: (error: unknown) => void): () => void;
}

/** Whether to color an output: as NO_COLOR and FORCE_COLOR say, and otherwise on terminals only. */
export function wantsColor(output: Output, env: Io["env"]): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0";
  return output.isTTY === true && env.TERM !== "dumb";
}

/** How to draw errors, also before the options are parsed. */
export const errorDrawing = (io: Io, color: boolean): DiagnosticDrawing => ({
  ...drawingFor(io.stderr, io, color),
  terminal: io.stderr.isTTY === true,
});

/** How to draw on an output. */
export const drawingFor = (output: Output, { env }: Io, color: boolean): Drawing => ({
  color: color && wantsColor(output, env),
  // Without a terminal there is no width, and long lines suit grep.
  width: output.isTTY ? Math.max(40, output.columns ?? 80) : 160,
});
