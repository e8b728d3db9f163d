import { rmSync } from "node:fs";
import { readJson } from "../core/json-text.ts";
import { isObject } from "../core/value.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { writeFileGuarded } from "../files/guarded-writing.ts";
import { explain } from "../messages/text.ts";
import { locateFile, locateState, makeStateFolder, type StateLocation } from "./location.ts";
import { type State, StateError } from "./model.ts";

type Version = Pick<State, "lineage" | "serial">;

/** Beside the cache, and kept out of version control by the same rule. */
const suffix = "seen.cache.json";

const mostBytes = 4096;

/** Remembers which version of its state file a directory has seen. Does nothing where it can't write. */
export function noteSeen(location: StateLocation, { lineage, serial }: Version): void {
  const seen = readSeen(location);
  if (serial === 0 || (seen?.lineage === lineage && seen.serial >= serial)) return;
  try {
    makeStateFolder(location);
    const text = JSON.stringify({ lineage, serial });
    writeFileGuarded(locateFile(location, suffix), text, { durable: false });
  } catch {
    // A plan must work in a checkout that it may not write to.
  }
}

/** Forgets it: an older state was put there on purpose. */
export function forgetSeen(location: StateLocation): void {
  rmSync(locateFile(location, suffix), { force: true });
}

/**
 * Throws {@link StateError} when a state file is older than the one that its directory has seen: what came after it, such
 * as the other side of a merge, would be created again.
 */
export function checkSeen(location: StateLocation, { lineage, serial }: Version): void {
  const seen = readSeen(location);
  if (seen?.lineage !== lineage || seen.serial <= serial) return;
  const values = { serial, seen: seen.serial, file: locateFile(location, suffix) };
  throw new StateError(locateState(location), explain("state/older-than-seen", values));
}

function readSeen(location: StateLocation): Version | undefined {
  try {
    const read = readJson(readFileGuarded(locateFile(location, suffix), { most: mostBytes }).toString());
    const value = "value" in read ? read.value : undefined;
    return isObject(value) && typeof value.lineage === "string" && Number.isSafeInteger(value.serial)
      ? { lineage: value.lineage, serial: Number(value.serial) }
      : undefined;
  } catch {
    return undefined;
  }
}
