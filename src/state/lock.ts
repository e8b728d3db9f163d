import { closeSync, constants, copyFileSync, linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname } from "node:path";
import { systemCodeOf } from "../core/system-error.ts";
import { isObject } from "../core/value.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { discardDraft, makeFolder, nameDraft, openDraft } from "../files/guarded-writing.ts";
import { say } from "../messages/text.ts";
import { StateUnwritable } from "./model.ts";
import { checkLiveness, type Liveness, markOwnProcess, type ProcessMark } from "./process-mark.ts";

/** Who holds a lock. */
export interface LockHolder extends ProcessMark {
  readonly pid: number;
  readonly host: string;
  readonly user: string;
  /** ISO 8601. */
  readonly since: string;
  readonly command: string;
}

/** Another run holds the lock; says who, and what to do. */
export class Locked extends Error {
  override readonly name = "Locked";
  readonly file: string;
  readonly holder: LockHolder | undefined;
  readonly hint: string;

  /** `life` is what this machine knows of the holder's process. */
  constructor(file: string, holder: LockHolder | undefined, life: Liveness = "alive") {
    super(holder ? say("state/locked", holder) : say("state/locked-by-unknown"));
    this.file = file;
    this.holder = holder;
    this.hint = hintOf(file, holder, life);
  }
}

function hintOf(file: string, holder: LockHolder | undefined, life: Liveness): string {
  const { host = hostname() } = holder ?? {};
  if (host !== hostname()) return say("state/wait-for-lock-on-host", { host, file });
  return life === "unknown"
    ? say("state/check-lock-owner", { host, file })
    : say("state/wait-for-lock", { file });
}

/** Lock files of this process, with what it wrote there. */
const held = new Map<string, string>();

/** Gives back every lock of this process: for its end, when nothing is written any more. */
export function releaseLocks(): void {
  for (const file of [...held.keys()]) release(file);
}

function release(file: string): void {
  const own = held.get(file);
  held.delete(file);
  // Once given back, or removed by hand, it may be somebody else's.
  if (own !== undefined && readLock(file) === own) rmSync(file, { force: true });
}

/**
 * How often a lock that can't be taken, and is gone whenever it is read, is tried: each try is a few system calls,
 * and another run that takes and gives back as fast as it can must not hide who it is.
 */
const mostAttempts = 10_000;

/**
 * Takes the lock and returns what gives it back. A lock whose process is known to have run on this machine and to be
 * dead is taken over.
 * Throws {@link Locked} when somebody else has it, {@link StateUnwritable} when there is no place for it.
 */
export function takeLock(file: string, command: string): () => void {
  const mark = markOwnProcess();
  const own: LockHolder = {
    pid: process.pid,
    host: hostname(),
    user: userName(),
    since: new Date().toISOString(),
    command,
    ...mark,
  };
  const text = JSON.stringify(own);
  const draft = nameDraft(file);
  try {
    makeFolder(dirname(file));
    for (let attempt = 0; ; attempt += 1) {
      const left = clearDeadLock(file, mark);
      if (left !== undefined || attempt === mostAttempts) throw lockedError(file, left, mark);
      if (attempt === 0) writeDraft(draft, text);
      if (!putInPlace(draft, file)) continue;
      held.set(file, text);
      return () => release(file);
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
  return new Locked(file, holder, holder && checkLiveness(holder.pid, holder, own));
}

function writeDraft(draft: string, text: string): void {
  const descriptor = openDraft(draft);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** What file systems without links answer. */
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
 * Moves a dead process's lock away. Returns the text of a lock whose holder lives, or may live on another machine:
 * what was read, because a second look may find it given back, and no holder to name. Undefined when the way is free.
 */
function clearDeadLock(file: string, own: ProcessMark): string | undefined {
  const text = readLock(file);
  // Given back in the meantime.
  if (text === undefined) return undefined;
  const holder = parseHolder(text);
  if (holder?.host !== hostname() || checkLiveness(holder.pid, holder, own) !== "dead") return text;
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
    // Between reading and moving somebody else took it: give it back.
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

/** Who a lock says has it; undefined when it isn't one that this or another version wrote whole. */
function parseHolder(text = ""): LockHolder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !Number.isSafeInteger(value.pid) || Number(value.pid) <= 0) return undefined;
  const whole = ["host", "user", "since", "command"].every((name) => typeof value[name] === "string");
  const marked = ["started", "boot", "space", "machine"].every((name) =>
    ["string", "undefined"].includes(typeof value[name]),
  );
  return whole && marked ? (value as unknown as LockHolder) : undefined;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
