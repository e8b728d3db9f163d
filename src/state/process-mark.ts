import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";

/** Tells a process from others that had, or have elsewhere, the same number; each part is absent where it can't be told. */
export interface ProcessMark {
  /** When it was started, in the system's own words. */
  readonly started?: string;
  /** The system's run since it was last switched on. */
  readonly boot?: string;
  /** What numbers are counted in: a container has numbers of its own. */
  readonly space?: string;
}

/** Marks this process. */
export function markOwnProcess(): ProcessMark {
  const mark = {
    started: startOf(process.pid),
    boot: attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    space: attempt(() => readlinkSync("/proc/self/ns/pid")),
  };
  return Object.fromEntries(Object.entries(mark).filter(([, part]) => part));
}

/** Whether a process on this machine is no more. When that can't be told it counts as alive. */
export function isDead(pid: number, { started, boot, space }: ProcessMark): boolean {
  const own = markOwnProcess();
  if (boot !== undefined && own.boot !== undefined && boot !== own.boot) return true;
  if (space !== undefined && own.space !== undefined && space !== own.space) return false;
  if (!isNumberTaken(pid)) return true;
  const other = started === undefined ? undefined : startOf(pid);
  return other !== undefined && other !== started;
}

function isNumberTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function startOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    // The name of the program, in brackets, may hold anything; the start is the 20th field behind it.
    return attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19]);
  }
  if (process.platform === "win32") return undefined;
  const asked = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], {
    encoding: "utf8",
    env: { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" },
  });
  return asked.status === 0 ? asked.stdout.trim() || undefined : undefined;
}

function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
