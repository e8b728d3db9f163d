import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { isObject } from "../core/value.ts";
import { checkLiveness, markOwnProcess, type ProcessMark } from "./process-mark.ts";

/** The holder of a lock. */
export interface LockHolder extends ProcessMark {
  /** What `state unlock` takes. Locks of 0.1.0 have none. */
  readonly id?: string;
  readonly pid: number;
  readonly host: string;
  readonly user: string;
  /** ISO 8601. */
  readonly since: string;
  readonly command: string;
}

/** The holder of a lock that another client took, such as Terraform: as it describes itself. */
export interface ForeignHolder {
  readonly id: string;
  readonly who: string;
  readonly since: string;
  /** Absent where the store doesn't keep it. */
  readonly command?: string | undefined;
}

/** Whether the process of a holder ran on this machine and is dead. */
export const isDead = (holder: LockHolder, own: ProcessMark): boolean =>
  holder.host === hostname() && checkLiveness(holder.pid, holder, own) === "dead";

/** Whether the process of a holder is known to run on this machine. */
export function isAlive(holder: LockHolder, own: ProcessMark): boolean {
  // The number may be that of a process in another container.
  const isOfSpace = holder.space === own.space;
  return holder.host === hostname() && isOfSpace && checkLiveness(holder.pid, holder, own) === "alive";
}

/** Describes this process as the holder of a lock; `now` in epoch milliseconds. */
export const describeOwnProcess = (command: string, now: number = Date.now()): LockHolder => ({
  id: randomUUID(),
  pid: process.pid,
  host: hostname(),
  user: userName(),
  since: new Date(now).toISOString(),
  command,
  ...markOwnProcess(),
});

/** The holder that a lock names; undefined unless a version of cozeform wrote it whole. */
export function parseHolder(text = ""): LockHolder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !Number.isSafeInteger(value.pid) || Number(value.pid) <= 0) return undefined;
  const whole = ["host", "user", "since", "command"].every((name) => typeof value[name] === "string");
  const marked = ["id", "started", "boot", "space", "machine"].every((name) =>
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
