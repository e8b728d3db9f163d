import type { StoredVersion } from "../state/backend.ts";
import { listBackups } from "../state/backup.ts";
import { openLocalBackend } from "../state/local-backend.ts";
import { parseState, readBytes } from "../state/state-file.ts";
import type { Host } from "./host.ts";
import { findStatePlaceWithoutCalls, type ProjectOptions, readProject } from "./project.ts";

/** A copy of a state that was kept before a change by hand. */
export interface StateCopy {
  readonly file: string;
  /** When it was made; epoch milliseconds. */
  readonly at: number;
  readonly serial: number;
  readonly resources: number;
}

/** What there is of former states. */
export interface StateVersions {
  /** The file or the address of the state. */
  readonly place: string;
  /** Those of the place, the newest first; empty where it keeps none. Absent where it can't say. */
  readonly versions?: readonly StoredVersion[] | undefined;
  /** Those on this machine, the oldest first. */
  readonly copies: readonly StateCopy[];
}

/** Lists the former states of an environment. Makes no call to Coze. Throws `StateError`. */
export async function listStateVersions(host: Host, options: ProjectOptions): Promise<StateVersions> {
  const place = await findStatePlaceWithoutCalls(await readProject(host, options), options);
  const { names, versions } = place.backend ?? openLocalBackend(place);
  const copies = listBackups(place).flatMap(({ file, at }): readonly StateCopy[] => {
    const bytes = readBytes(file);
    if (!bytes) return [];
    const { serial, resources } = parseState(bytes, file);
    return [{ file, at, serial, resources: Object.keys(resources).length }];
  });
  return { place: names.document, versions: await versions?.list(), copies };
}
