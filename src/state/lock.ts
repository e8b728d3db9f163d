import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname } from "node:path";

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly user: string;
  /** ISO 8601. */
  readonly since: string;
  readonly command: string;
}

/** Another run holds the lock. */
export class Locked extends Error {
  override readonly name = "Locked";
  readonly file: string;
  readonly holder: LockHolder | undefined;

  constructor(file: string, holder: LockHolder | undefined) {
    const who = holder
      ? `${holder.command} of ${holder.user} on ${holder.host} (process ${holder.pid}), since ${holder.since}`
      : "somebody who left no name";
    super(`the state is locked by ${who}`);
    this.file = file;
    this.holder = holder;
  }
}

/** Lock files of this process. */
const held = new Set<string>();

/** Gives back every lock of this process: for its end, when nothing is written any more. */
export function releaseLocks(): void {
  for (const file of held) release(file);
}

function release(file: string): void {
  // Once given back it may be somebody else's.
  if (held.delete(file)) rmSync(file, { force: true });
}

/**
 * Takes the lock and returns what gives it back. A lock whose process on this machine is dead is taken over.
 * Throws {@link Locked} when somebody else has it.
 */
export function takeLock(file: string, command: string): () => void {
  const own: LockHolder = {
    pid: process.pid,
    host: hostname(),
    user: userName(),
    since: new Date().toISOString(),
    command,
  };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        // A link appears with its content or not at all, so nobody ever reads a half-written lock.
        linkSync(draft, file);
        held.add(file);
        return () => release(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      if (attempt === 3 || !clearDeadLock(file)) throw new Locked(file, readHolder(file));
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves a dead process's lock away; false when its holder lives, or may live on another machine. */
function clearDeadLock(file: string): boolean {
  const holder = readHolder(file);
  if (!holder || holder.host !== hostname() || isAlive(holder.pid)) return false;
  const away = `${file}.${randomUUID()}`;
  try {
    renameSync(file, away);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
  const moved = readHolder(away);
  if (moved && moved.pid !== holder.pid) {
    // Between reading and moving somebody else took it: give it back.
    try {
      linkSync(away, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(away, { force: true });
    }
    return false;
  }
  rmSync(away, { force: true });
  return true;
}

function readHolder(file: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockHolder;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
