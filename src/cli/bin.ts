#!/usr/bin/env node
import { createHost } from "../commands/connections.ts";
import type { Io } from "./io.ts";
import { main } from "./main.ts";
import { endProcess } from "./process-end.ts";

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

await endProcess(await main(process.argv.slice(2), io));
