import { closeSync, constants, copyFileSync, linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { systemCodeOf } from "../core/system-error.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { discardDraft, makeFolder, nameDraft, openDraft } from "../files/guarded-writing.ts";
import { say } from "../messages/text.ts";
import { holdLock } from "./held-locks.ts";
import { type ForeignHolder, isDead, type LockHolder, parseHolder } from "./lock-holder.ts";
import { StateUnwritable } from "./model.ts";
import { checkLiveness, type Liveness, type ProcessMark } from "./process-mark.ts";
import { checkUnlocking, describeHolder, hintToUnlock, noLock, unlocking } from "./unlocking.ts";

/** Another run holds the lock. The message says who, and the hint what to do. */
export class Locked extends Error {
  override readonly name = "Locked";
  /** The file or the address of the lock. */
  readonly place: string;
  readonly holder: LockHolder | ForeignHolder | undefined;
  readonly hint: string;

  constructor(place: string, holder: LockHolder | ForeignHolder | undefined, hint: string) {
    super(describeHolder(holder));
    this.place = place;
    this.holder = holder;
    this.hint = hint;
  }
}

/** What to do about a lock file; `life`: whether the holder's process still runs, as far as this machine knows. */
function hintOf(file: string, holder: LockHolder | undefined, life: Liveness = "alive"): string {
  const { id, host = hostname() } = holder ?? {};
  const isHere = host === hostname();
  // Only version 0.1.0 gave its locks no id.
  if (id === undefined) {
    if (!isHere) return say("state/wait-for-lock-on-host", { host, file });
    return life === "unknown"
      ? say("state/check-lock-owner", { host, file })
      : say("state/wait-for-lock", { file });
  }
  if (!isHere) return say("state/wait-or-unlock-on-host", { host, commandLine: unlocking(id) });
  return life === "unknown"
    ? say("state/check-or-unlock", { host, commandLine: unlocking(id) })
    : hintToUnlock(holder);
}

function releaseLock(file: string, own: string): void {
  // After a removal by hand it may belong to another run.
  if (readLock(file) === own) rmSync(file, { force: true });
}

/**
 * Removes the lock of another run by its id, and returns its holder. Throws {@link StateError} when there is no lock, or
 * one of another id, or its process is known to run and `force` isn't given; {@link StateUnwritable} when it can't be
 * removed.
 */
export function removeLock(file: string, id: string, force?: boolean): LockHolder {
  const text = readLock(file);
  if (text === undefined) throw noLock(file);
  const holder = checkUnlocking(file, parseHolder(text), id, { force });
  try {
    releaseLock(file, text);
  } catch (error) {
    throw new StateUnwritable(file, error, say("state/make-lockable"));
  }
  return holder;
}

/**
 * The most attempts for a lock that can't be taken and is gone whenever it is read. Each attempt is a few system calls,
 * and the holder must be named even if another run takes and releases the lock as fast as it can.
 */
const mostAttempts = 10_000;

/**
 * Takes the lock and returns a function that releases it. A lock whose process ran on this machine and is dead is taken
 * over. Throws {@link Locked} when another run has it, {@link StateUnwritable} when it can't be written.
 */
export function takeLock(file: string, own: LockHolder): () => Promise<void> {
  const text = JSON.stringify(own);
  const draft = nameDraft(file);
  try {
    makeFolder(dirname(file));
    for (let attempt = 0; ; attempt += 1) {
      const left = clearDeadLock(file, own);
      if (left !== undefined || attempt === mostAttempts) throw lockedError(file, left, own);
      if (attempt === 0) writeDraft(draft, text);
      if (!putInPlace(draft, file)) continue;
      return holdLock(() => releaseLock(file, text));
    }
  } catch (error) {
    if (error instanceof Locked) throw error;
    throw new StateUnwritable(file, error, say("state/make-lockable"));
  } finally {
    discardDraft(draft);
  }
}

function lockedError(file: string, text: string | undefined, own: ProcessMark): Locked {
  const holder = parseHolder(text);
  const life = holder && checkLiveness(holder.pid, holder, own);
  return new Locked(file, holder, hintOf(file, holder, life));
}

function writeDraft(draft: string, text: string): void {
  const descriptor = openDraft(draft);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** The errors of file systems without links. */
const withoutLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/** False when there is a file already. */
function putInPlace(draft: string, file: string): boolean {
  try {
    // A link appears with its content or not at all, so no process reads a half-written lock.
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
    if (!withoutLinks.includes(systemCodeOf(error))) throw error;
  }
  try {
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Moves a dead process's lock away. Returns the text of a lock whose holder lives, or may live on another machine;
 * a second reading may find no holder to name. Undefined when there is no lock any more.
 */
function clearDeadLock(file: string, own: ProcessMark): string | undefined {
  const text = readLock(file);
  // Released in the meantime.
  if (text === undefined) return undefined;
  const holder = parseHolder(text);
  if (!holder || !isDead(holder, own)) return text;
  const away = nameDraft(file);
  try {
    makeFolder(dirname(away));
    renameSync(file, away);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const moved = readLock(away);
    if (moved === text) return undefined;
    // Another run took it between reading and moving: put it back.
    putInPlace(away, file);
    return moved;
  } finally {
    discardDraft(away);
  }
}

/** The text of a lock; undefined when there is none, empty when it can't be read. */
function readLock(file: string): string | undefined {
  try {
    return readFileGuarded(file, { most: 64 * 1024 }).toString();
  } catch (error) {
    return systemCodeOf(error) === "ENOENT" ? undefined : "";
  }
}
