import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, writeFileGuarded } from "../files/guarded-writing.ts";
import { say } from "../messages/text.ts";
import { locateBackups, makeStateFolder, type StateLocation } from "./location.ts";
import { StateUnwritable } from "./model.ts";
import { readBytes } from "./state-file.ts";

/** The most copies of an environment's state; older ones are removed. */
const mostBackups = 20;

/**
 * Copies a state before a change by hand to the project's directory, for its owner alone and kept out of git, and returns
 * the path of the copy; undefined when there is no state yet. The state must be locked. `now` in epoch milliseconds.
 * Throws {@link StateUnwritable} when the copy can't be written: the change must not be made then.
 */
export function backUpState(
  location: StateLocation,
  document: Uint8Array | undefined,
  now: number,
): string | undefined {
  if (!document) return undefined;
  const folder = locateBackups(location);
  const file = join(folder, freeName(folder, location.environment, now));
  try {
    makeStateFolder(location);
    makeFolder(folder);
    const ignore = join(folder, ".gitignore");
    if (!existsSync(ignore)) writeFileGuarded(ignore, "*\n");
    writeFileGuarded(file, document);
  } catch (error) {
    throw new StateUnwritable(file, error, say("state/make-lockable"));
  }
  for (const old of listBackups(location).slice(0, -mostBackups)) rmSync(old.file, { force: true });
  return file;
}

/** The SHA-256 hashes that copies of the state hold anywhere. */
export function hashesInBackups(location: StateLocation): ReadonlySet<string> {
  const folder = locateBackups(location);
  const found = new Set<string>();
  if (!existsSync(folder)) return found;
  for (const { file } of listBackups(location)) {
    const text = Buffer.from(readBytes(file) ?? []).toString("latin1");
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

/** The copies of an environment's state, the oldest first; `at`: epoch milliseconds. */
export function listBackups(
  location: StateLocation,
): readonly { readonly file: string; readonly at: number }[] {
  const folder = locateBackups(location);
  const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/u;
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return names.flatMap((name) => {
    if (!name.startsWith(`${location.environment}.`) || !name.endsWith(ending)) return [];
    const time = form.exec(name.slice(location.environment.length + 1, -ending.length));
    if (!time) return [];
    const [, year, month, day, hour, minute, second, ms] = time;
    const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
    return [{ file: join(folder, name), at }];
  });
}
