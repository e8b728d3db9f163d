import { rmSync } from "node:fs";
import { canonicalJson, type Json } from "../core/value.ts";
import { writeFileGuarded } from "../files/guarded-writing.ts";
import { explain } from "../messages/text.ts";
import type { StoredNames } from "./backend.ts";
import { locateFile, makeStateFolder, type StateLocation } from "./location.ts";
import { type State, StateError } from "./model.ts";
import { parseState, readBytes } from "./state-file.ts";

const suffix = "unsaved.json";

/**
 * Keeps on this machine what a run couldn't write to the place of the state; returns the file. Its serial is that of the
 * state with which the run began.
 */
export function keepUnsaved(location: StateLocation, document: Uint8Array): string {
  const file = locateFile(location, suffix);
  makeStateFolder(location);
  writeFileGuarded(file, document);
  return file;
}

/**
 * The state that an earlier run on this machine couldn't save, if it continues the state that is saved now; undefined
 * when there is none, or that run's last attempt arrived after all. Throws {@link StateError} when another run has saved
 * the state since.
 */
export function findUnsaved(location: StateLocation, saved: State, names: StoredNames): State | undefined {
  const file = locateFile(location, suffix);
  const bytes = readBytes(file);
  if (!bytes) return undefined;
  const unsaved = parseState(bytes, file);
  const isSame = saved.serial === 0 || unsaved.lineage === saved.lineage;
  if (isSame && unsaved.serial === saved.serial) return unsaved;
  if (isSame && contentOf(unsaved) === contentOf(saved)) {
    dropUnsaved(location);
    return undefined;
  }
  const values = { place: names.document, file, serial: unsaved.serial, saved: saved.serial };
  throw new StateError(file, explain("state/unsaved-overtaken", values));
}

const contentOf = ({ resources, files, promotion }: State): string =>
  canonicalJson({ resources, files, promotion: promotion ?? null } as unknown as Json);

/** Forgets what was kept, once it is saved. */
export const dropUnsaved = (location: StateLocation): void =>
  rmSync(locateFile(location, suffix), { force: true });
