import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../files/guarded-writing.ts";
import { isBelow } from "../files/project-paths.ts";
import { explain } from "../messages/text.ts";
import { StateError } from "./model.ts";

/** Where the files of an environment's state are. */
export interface StateLocation {
  /** The project's directory; files go to `.cozeform/` below it. */
  readonly directory: string;
  readonly environment: string;
  /** Folders outside the project, as real paths, into which a link of that name may lead the state. */
  readonly linkedFolders?: readonly string[] | undefined;
}

/**
 * The folder of the state files. Throws {@link StateError} when it is a link that the user's configuration doesn't
 * allow: a repository could contain one that leads the state elsewhere.
 */
export function locateFolder({
  directory,
  linkedFolders = [],
}: Pick<StateLocation, "directory" | "linkedFolders">): string {
  return resolveLink(join(directory, ".cozeform"), linkedFolders);
}

/** The file of a project's embedded emulator, which isn't kept behind links. Throws {@link StateError} when it is. */
export const locateWorld = (directory: string): string =>
  resolveLink(join(locateFolder({ directory }), "emulator.json"), []);

/** Makes the folder of the state files, for its owner alone. */
export function makeStateFolder(location: StateLocation): void {
  makeFolder(locateFolder(location));
}

/** The folder of the copies that changes by hand leave. Throws {@link StateError} when it is a link. */
export const locateBackups = (location: Pick<StateLocation, "directory" | "linkedFolders">): string =>
  resolveLink(join(locateFolder(location), "backups"), location.linkedFolders ?? []);

/** The folder of the configurations of an environment's releases. Throws {@link StateError} when it is a link. */
export const locateTexts = (location: StateLocation): string =>
  resolveLink(locateFile(location, "releases"), location.linkedFolders ?? []);

/** A file of an environment: its journal, lock or cache. */
export const locateFile = (location: StateLocation, suffix: string): string =>
  join(locateFolder(location), `${location.environment}.${suffix}`);

/** The state file, which may be a link where {@link StateLocation.linkedFolders} allow it. */
export const locateState = (location: StateLocation): string =>
  resolveLink(locateFile(location, "state.json"), location.linkedFolders ?? []);

function resolveLink(path: string, allowed: readonly string[]): string {
  if (!isLink(path)) return path;
  const real = realOf(path);
  if (real !== undefined && allowed.some((folder) => isBelow(real, folder))) return real;
  // A broken link would read as an empty state, and every object would be created a second time.
  const key = real === undefined ? "state/link-broken" : "state/link-refused";
  throw new StateError(path, explain(key, { target: readlinkSync(path) }));
}

/** Errors are left to the code that reads the file. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
