// What a measurement leaves behind unless it is cleared: temporary folders, and processes that still run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directories = new Set();
const groups = new Set();

/** Makes a temporary folder that is gone when the measurement ends, however it ends. */
export function makeDirectory() {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-bench-"));
  directories.add(directory);
  return directory;
}

export function removeDirectory(directory) {
  rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}

/** Remembers a process that leads a group of its own until it has ended, so that the whole group can be ended. */
export function watchGroup(child) {
  groups.add(child.pid);
  child.once("exit", () => groups.delete(child.pid));
  return child;
}

/** Ends a process and everything that it started. */
export function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

function clear() {
  for (const pid of groups) killGroup(pid);
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

process.once("exit", clear);
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
]) {
  process.once(signal, () => process.exit(code));
}
