import { commandLine } from "../core/command-line.ts";
import { explain, say } from "../messages/text.ts";
import { type ForeignHolder, isAlive, type LockHolder } from "./lock-holder.ts";
import { StateError } from "./model.ts";
import { markOwnProcess } from "./process-mark.ts";

type Holder = LockHolder | ForeignHolder | undefined;

/** Who holds a lock, as a sentence. */
export function describeHolder(holder: Holder): string {
  if (!holder) return say("state/locked-by-unknown");
  if ("pid" in holder) return say("state/locked", holder);
  const { who, since, command } = holder;
  if (command === undefined) return say("state/locked-by-user", { who, since });
  return say("state/locked-by-other-client", { who, since, command });
}

/** How the lock of a run that is no longer running is released; `environment` where it isn't that of the user's call. */
export const hintToUnlock = (holder: Holder, environment?: string): string =>
  say("state/wait-or-unlock", { commandLine: unlocking(holder?.id, environment) });

/** The command line that releases a lock. */
export const unlocking = (id = "ID", environment?: string) =>
  commandLine(["state", "unlock", id], { environment });

/** There is no lock to release. */
export const noLock = (place: string): StateError => new StateError(place, explain("state/not-locked"));

/** The state wasn't locked, but is by the lock that was taken to find out. */
export function lockedByProbe(error: StateError, { id }: LockHolder, environment?: string): StateError {
  const values = { why: error.message, id: id ?? "", commandLine: unlocking(id, environment) };
  return new StateError(error.file, explain("state/locked-by-probe", values), { cause: error });
}

/** How a lock is to be released. */
export interface Unlocking {
  /** The environment for command lines, where it isn't that of the user's call. */
  readonly environment?: string | undefined;
  /** Also if the process of the run is known to run. */
  readonly force?: boolean | undefined;
}

/**
 * The holder of a lock that may be released by this id. Throws {@link StateError} when it is another lock, or its process
 * is known to run on this machine.
 */
export function checkUnlocking<One extends NonNullable<Holder>>(
  place: string,
  holder: One | undefined,
  id: string,
  { environment, force }: Unlocking = {},
): One {
  if (holder?.id !== id) throw otherLock(place, holder, id, environment);
  if (force || !("pid" in holder) || !isAlive(holder, markOwnProcess())) return holder;
  const line = commandLine(["state", "unlock", id], { environment, after: ["--force"] });
  const values = { locked: describeHolder(holder), commandLine: line };
  throw new StateError(place, explain("state/locked-by-living", values));
}

/** The lock isn't the one that was to be released. */
function otherLock(place: string, holder: Holder, given: string, environment?: string): StateError {
  const locked = describeHolder(holder);
  if (holder?.id === undefined)
    return new StateError(place, explain("state/locked-without-id", { locked, place }));
  const values = { locked, given, id: holder.id, commandLine: unlocking(holder.id, environment) };
  return new StateError(place, explain("state/locked-under-other-id", values));
}
