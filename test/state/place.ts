import { mkdtempSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "../../src/kind/state-entry.ts";
import { StateError } from "../../src/state/model.ts";
import { markOwnProcess } from "../../src/state/process-mark.ts";

export const entry: Entry = {
  kind: "Bot",
  id: "1",
  status: "ready",
  spec: { name: "客服" },
  dependencies: [],
};

/** A place for a state of its own, and its files by suffix. */
export function createPlace() {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-state-"));
  const place = { directory, environment: "dev", endpoint: "https://api.coze.cn" };
  const file = (suffix: string) => join(directory, ".cozeform", `dev.${suffix}`);
  return { place, file };
}

const { started: _, ...here } = markOwnProcess();

/** The lock of a process of this machine that is no more. */
export const deadLock = (more: object = {}): string =>
  JSON.stringify({ pid: 2 ** 30, host: hostname(), user: "u", since: "", command: "c", ...here, ...more });

/** The StateError that something throws, as `suffix:line:column message`. */
export async function problemOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return "none";
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const { file, at, message, hint } = error;
    if (!/\w/.test(hint)) throw new Error("there is no next move");
    const name = file.slice(file.lastIndexOf("/dev.") + "/dev.".length);
    return `${[name, ...(at ? [at.line, at.column] : [])].join(":")} ${message}`;
  }
}
