import type { Env } from "../commands/trust.ts";
import type { Clock } from "../engine/engine.ts";

/** A stream to write to: a terminal, a pipe, a file. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Everything that the command line touches of the process, so that tests can run it in theirs. */
export interface Io {
  readonly cwd: string;
  readonly env: Env;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  /** From 0 up to 1. */
  random(): number;
  /** Calls the listener at each request to end (Ctrl-C); returns what stops that. */
  onInterrupt(listener: () => void): () => void;
  /** Calls the listener with an error that nobody caught; returns what stops that. */
  onCrash(listener: (error: unknown) => void): () => void;
}

/** Whether to colour what goes to an output: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal. */
export function wantsColor(output: Output, env: Io["env"]): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0";
  return output.isTTY === true && env.TERM !== "dumb";
}
