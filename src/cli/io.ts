import type { Env } from "../commands/trust.ts";
import type { Clock } from "../engine/engine.ts";

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
  /** Calls the listener with an uncaught error; returns a function that removes it. */
  onCrash(listener: (error: unknown) => void): () => void;
}

/** Whether to color an output: as NO_COLOR and FORCE_COLOR say, and otherwise on terminals only. */
export function wantsColor(output: Output, env: Io["env"]): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0";
  return output.isTTY === true && env.TERM !== "dumb";
}
