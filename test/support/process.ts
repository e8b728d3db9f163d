import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The built command line. */
export const executable = resolve(import.meta.dirname, "../../dist/cli/bin.js");

/** A run of the built command line as a process of its own. */
export interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What was read of both outputs. */
  readonly output: string;
  /** What was read of standard error. */
  readonly err: string;
}

/**
 * Starts `cozeform`; its environment holds nothing but what is given and PATH. `before`: what its shell does first,
 * such as setting limits.
 */
export function startCozeform(
  args: readonly string[],
  env: { readonly [name: string]: string },
  { before }: { readonly before?: string } = {},
): Run {
  if (!existsSync(executable)) throw new Error("dist is missing: run npm run build first");
  // In a process of a second or two, what optimising costs never comes back.
  const line = [process.execPath, "--no-opt", executable, ...args];
  const [command = "", ...rest] = before ? ["sh", "-c", `${before} && exec "$0" "$@"`, ...line] : line;
  const child = spawn(command, rest, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let err = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
  child.stderr?.on("data", (chunk) => (err += String(chunk)));
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code, signal) => done({ code, signal, output, err }));
  });
  return { child, ended };
}
