#!/usr/bin/env node
import { closeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { isatty } from "node:tty";
import { createHost } from "../commands/host.ts";
import { ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
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

/** How long threads that work for the process may take to come back before its end. Milliseconds. */
const patience = 500;

/**
 * Ends the process. `process.exit` waits for threads that are blocked in the file system or in a look-up of a host, such
 * as one that opens a FIFO without a writer, and may do so for ever. After an interruption SIGINT ends it then, which a
 * shell reports as 130 too. Otherwise it is waited for, so that the exit code is what it has to be: resolvers give up.
 */
async function endProcess(exitCode: ExitCode): Promise<never> {
  for (let waited = 0; isBlocked() && waited < patience; waited += 10) await wait(10);
  if (exitCode === ExitCode.interrupted && isBlocked()) {
    process.kill(process.pid, "SIGINT");
    // Others that listen to the signal may have something to tidy up first, and raise it again.
    await wait(patience);
    process.kill(process.pid, "SIGKILL");
  }
  letGoOfClosedTerminal();
  process.exit(exitCode);
}

/** Node restores the terminal's mode at the end, and aborts with a trace where that was closed meanwhile. */
function letGoOfClosedTerminal(): void {
  for (const { fd, isTTY } of [process.stdin, process.stdout, process.stderr]) {
    if (isTTY && !isatty(fd)) closeSync(fd);
  }
}

/** Whether a thread is at work for the process: `process.exit` would wait for it. */
const isBlocked = (): boolean =>
  process.getActiveResourcesInfo().some((name) => /^(FSReq|GetAddrInfoReq|GetNameInfoReq)/.test(name));

// Where a file may not grow, the failing write reports it. Without a listener the signal would end the process first.
if (process.platform !== "win32") process.on("SIGXFSZ", () => {});

await endProcess(await main(process.argv.slice(2), io));
