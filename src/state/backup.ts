import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, writeFileGuarded } from "../files/guarded-writing.ts";
import { say } from "../messages/text.ts";
import { locateBackups, locateState, makeStateFolder, type StateLocation } from "./location.ts";
import { StateUnwritable } from "./model.ts";
import { readBytes } from "./state-file.ts";

/** The most copies of an environment's state; older ones are removed. */
const mostBackups = 20;

/**
 * Copies the state file before a change by hand, for its owner alone and kept out of git, and returns the path of the
 * copy; undefined when there is no state yet. The state must be locked. `now` in epoch milliseconds. Throws
 * {@link StateUnwritable} when the copy can't be written: the change must not be made then. `bytes` are what to keep
 * where that isn't what the file holds.
 */
export function backUpState(
  location: StateLocation,
  now: number,
  bytes: Uint8Array | string | undefined = readBytes(locateState(location)),
): string | undefined {
  if (bytes === undefined) return undefined;
  const folder = locateBackups(location);
  const file = join(folder, freeName(folder, location.environment, now));
  try {
    makeStateFolder(location);
    makeFolder(folder);
    const ignore = join(folder, ".gitignore");
    if (!existsSync(ignore)) writeFileGuarded(ignore, "*\n");
    writeFileGuarded(file, bytes);
  } catch (error) {
    throw new StateUnwritable(file, error, say("state/make-lockable"));
  }
  for (const name of listBackups(folder, location.environment).slice(0, -mostBackups)) {
    rmSync(join(folder, name), { force: true });
  }
  return file;
}

/** The SHA-256 hashes that copies of the state hold anywhere. */
export function hashesInBackups(location: StateLocation): ReadonlySet<string> {
  const folder = locateBackups(location);
  const found = new Set<string>();
  if (!existsSync(folder)) return found;
  for (const name of listBackups(folder, location.environment)) {
    const text = Buffer.from(readBytes(join(folder, name)) ?? []).toString("latin1");
    for (const [hash] of text.matchAll(/\b[\da-f]{64}\b/gu)) found.add(hash);
  }
  return found;
}

/** `prod.20261130T102725123Z.state.json`: names sort by time. */
function freeName(folder: string, environment: string, now: number): string {
  for (let at = now; ; at += 1) {
    const time = new Date(at).toISOString().replaceAll(/[-:.]/gu, "");
    const name = `${environment}.${time}${ending}`;
    if (!existsSync(join(folder, name))) return name;
  }
}

const ending = ".state.json";

/** The copies of an environment's state, the oldest first. */
function listBackups(folder: string, environment: string): readonly string[] {
  const time = /^\d{8}T\d{9}Z$/u;
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${environment}.`) && name.endsWith(ending))
    .filter((name) => time.test(name.slice(environment.length + 1, -ending.length)))
    .sort();
}
