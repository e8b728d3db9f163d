#!/usr/bin/env node
import { createHost } from "../commands/session.ts";
import { ExitCode } from "./exit-code.ts";
import type { Io, Output } from "./io.ts";
import { main } from "./main.ts";

const { clock, fetch, random } = createHost();

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock,
  fetch,
  random,
  onInterrupt(listener) {
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  onCrash(listener) {
    process.on("uncaughtException", listener);
    return () => process.off("uncaughtException", listener);
  },
};

// Where files may not grow, the write that fails tells of it; unheard, the signal would end the process first.
if (process.platform !== "win32") process.on("SIGXFSZ", () => {});

// Whoever read the output went away, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? ExitCode.done : ExitCode.failed);
});

const exitCode = await main(process.argv.slice(2), io);
await Promise.all([process.stdout, process.stderr].map(drain));
process.exit(exitCode);

/** Pipes may still hold what was written. */
function drain(output: Output): Promise<void> {
  return new Promise((resolve) => {
    output.write("", () => resolve());
  });
}
