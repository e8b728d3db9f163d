import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../files/guarded-writing.ts";
import { isBelow } from "../files/project-paths.ts";
import { explain } from "../messages/text.ts";
import { StateError } from "./model.ts";

/** Where the state of one environment lives. */
export interface StatePlace {
  /** The project's directory; files go to `.cozeform/` below it. */
  readonly directory: string;
  readonly environment: string;
  /** The API that the ids belong to; undefined where no call is made: whichever the state has. */
  readonly endpoint?: string | undefined;
  /** The lineage to begin with when there is no state yet; made up when absent. */
  readonly lineage?: string | undefined;
  /** Folders outside the project, as real paths, into which a link of that name may lead the state. */
  readonly linkedFolders?: readonly string[] | undefined;
}

/** The parts of a place that decide where its files are. */
export type StateLocation = Pick<StatePlace, "directory" | "environment" | "linkedFolders">;

/**
 * The folder of the state files. Throws {@link StateError} when it is a link that the user's configuration doesn't
 * allow: a repository could contain one that leads the state elsewhere.
 */
export function locateFolder({
  directory,
  linkedFolders = [],
}: Pick<StatePlace, "directory" | "linkedFolders">): string {
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
export const locateBackups = (location: Pick<StatePlace, "directory" | "linkedFolders">): string =>
  resolveLink(join(locateFolder(location), "backups"), location.linkedFolders ?? []);

/** The folder of the configurations of an environment's releases. Throws {@link StateError} when it is a link. */
export const locateTexts = (location: StateLocation): string =>
  resolveLink(locateFile(location, "releases"), location.linkedFolders ?? []);

/** A file of an environment: its journal, lock or cache. */
export const locateFile = (location: StateLocation, suffix: string): string =>
  join(locateFolder(location), `${location.environment}.${suffix}`);

/** The state file, which may be a link where {@link StatePlace.linkedFolders} allow it. */
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
