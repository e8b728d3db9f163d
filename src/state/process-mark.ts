import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

/** Distinguishes a process from others with the same number, earlier or elsewhere. Unknown parts are absent. */
export interface ProcessMark {
  /** Its start time in the system's own format. */
  readonly started?: string | undefined;
  /** The id of the system's current boot. */
  readonly boot?: string | undefined;
  /** The namespace of the number: a container has its own. */
  readonly space?: string | undefined;
  /** A digest of the machine's own id; absent in a container, whose id is usually that of its image. */
  readonly machine?: string | undefined;
}

/** Whether a process lives; "unknown" if its number may be one of another machine, or of an earlier boot. */
export type Liveness = "alive" | "dead" | "unknown";

/** Marks this process. */
export function markOwnProcess(): ProcessMark {
  const mark = {
    started: startOf(process.pid),
    boot: attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    space: attempt(() => readlinkSync("/proc/self/ns/pid")),
    machine: ownMachine(),
  };
  return Object.fromEntries(Object.entries(mark).filter(([, part]) => part));
}

/**
 * Whether a process that was marked under this host's name lives. Two machines may have the same name, so a process of
 * another boot is dead only if it is known to be of this machine.
 */
export function checkLiveness(pid: number, mark: ProcessMark, own: ProcessMark): Liveness {
  const { started, boot, space, machine } = mark;
  const sameBoot = boot !== undefined && boot === own.boot;
  const sameMachine = machine !== undefined && machine === own.machine;
  // Some systems have neither, and had neither when the lock was taken.
  const nothingTold = [boot, own.boot, machine, own.machine].every((part) => part === undefined);
  if (!sameBoot && !sameMachine && !nothingTold) return "unknown";
  if (!sameBoot && boot !== undefined && own.boot !== undefined) return "dead";
  if (space !== undefined && own.space !== undefined && space !== own.space) return "alive";
  if (!isNumberTaken(pid)) return "dead";
  const other = started === undefined ? undefined : startOf(pid);
  return other !== undefined && other !== started ? "dead" : "alive";
}

/** The names of the namespaces that Linux starts in; they are the same on every machine. */
const firstSpaces = { pid: "pid:[4026531836]", uts: "uts:[4026531838]" };

function ownMachine(): string | undefined {
  const id = process.platform === "darwin" ? macMachineId() : linuxMachineId();
  // The id is meant to stay on the machine: machine-id(5) asks for a keyed digest of each program's own.
  return id && createHmac("sha256", "cozeform").update(id).digest("hex").slice(0, 32);
}

function linuxMachineId(): string | undefined {
  const isContainer = Object.entries(firstSpaces).some(
    ([kind, first]) => attempt(() => readlinkSync(`/proc/self/ns/${kind}`)) !== first,
  );
  if (isContainer) return undefined;
  const files = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
  const ids = files.map((file) => attempt(() => readFileSync(file, "utf8").trim()));
  // Before its first start a system may have an empty one, zeros, or the word "uninitialized".
  return ids.find((id) => id !== undefined && /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id));
}

const macMachineId = (): string | undefined =>
  /"IOPlatformUUID" = "([^"]+)"/.exec(
    runSystemCommand("ioreg", "-rd1", "-c", "IOPlatformExpertDevice") ?? "",
  )?.[1];

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
  return runSystemCommand("ps", "-o", "lstart=", "-p", String(pid));
}

/** The output of a system program; undefined when it fails or prints nothing. */
function runSystemCommand(command: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, {
    encoding: "utf8",
    env: { PATH: "/bin:/usr/bin:/usr/sbin", LC_ALL: "C", TZ: "UTC" },
  });
  return status === 0 ? stdout.trim() || undefined : undefined;
}

function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
