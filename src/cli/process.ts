import { closeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { isatty } from "node:tty";
import { setFlagsFromString } from "node:v8";
import { createHost } from "../commands/host.ts";
import { ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { main } from "./main.ts";

const { clock, fetch, random } = createHost();

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  // Opened when a command reads it.
  get stdin() {
    return process.stdin;
  },
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
  // V8 lets a heap that fills slowly grow fourfold before it collects, and a run that waits for Coze fills it slowly. It
  // reads this flag at each collection.
  expectLongRun: () => setFlagsFromString("--heap-growing-percent=40"),
  onCrash(listener) {
    process.on("uncaughtException", listener);
    return () => process.off("uncaughtException", listener);
  },
};

/** How long to wait for blocked threads before the end, milliseconds. */
const patience = 500;

/**
 * Ends the process. `process.exit` waits, possibly without end, for threads that are blocked in the file system or in
 * a host lookup, such as one that opens a FIFO without a writer. After an interruption SIGINT ends the process in that
 * case, which a shell reports as 130 too. Otherwise the exit code matters, and resolvers give up at some time.
 */
async function endProcess(exitCode: ExitCode): Promise<never> {
  for (let waited = 0; isBlocked() && waited < patience; waited += 10) await wait(10);
  if (exitCode === ExitCode.interrupted && isBlocked()) {
    process.kill(process.pid, "SIGINT");
    // Other listeners of the signal may clean up first and raise it again.
    await wait(patience);
    process.kill(process.pid, "SIGKILL");
  }
  letGoOfClosedTerminal();
  process.exit(exitCode);
}

/** Node restores the terminal's mode at exit, and aborts with a trace when the terminal was closed. */
function letGoOfClosedTerminal(): void {
  for (const { fd, isTTY } of [process.stdin, process.stdout, process.stderr]) {
    if (isTTY && !isatty(fd)) closeSync(fd);
  }
}

/** Whether a thread is busy for this process; `process.exit` would wait for it. */
const isBlocked = (): boolean =>
  process.getActiveResourcesInfo().some((name) => /^(FSReq|GetAddrInfoReq|GetNameInfoReq)/.test(name));

// Where a file may not grow, the failing write reports it. Without a listener the signal would end the process first.
if (process.platform !== "win32") process.on("SIGXFSZ", () => {});

// Where nothing is left to do and the run hasn't ended, it has failed.
process.exitCode = ExitCode.failed;
void main(process.argv.slice(2), io).then(endProcess);
