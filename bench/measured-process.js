// Runs whole processes and says what they cost.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { killGroup, makeDirectory, removeDirectory, watchGroup } from "./scratch.js";

const cozeform = resolve(import.meta.dirname, "../dist/cli/bin.js");
const probe = resolve(import.meta.dirname, "memory-probe.cjs");

/** How long a command may take unless it is said: a bench that hangs says where. */
export const patienceMs = 20 * 60_000;

/** Of the environment, measured processes get these alone: settings of cozeform or Node would change what they do. */
const own = Object.fromEntries(
  ["PATH", "HOME", "TMPDIR"].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
);

/** The shell's own `time` counts all descendants that were waited for, also those of terraform: its providers. */
const timed = `TIMEFORMAT="%3U %3S %3R"; exec 4>&2; { time "$@" 2>&4 3>&- 4>&-; } 2>&3`;

/** A measured command ended otherwise than it should. */
export class CommandFailed extends Error {}

/**
 * Runs a command to its end and returns its costs: `cpuMs` (user and system, with all descendants), `wallMs`, and its
 * `output`. `whileRunning` is called with the process, and its result is awaited. Throws {@link CommandFailed} with the
 * end of the output when the exit code isn't one of `codes`, or after `limitMs`.
 */
export async function measure(
  command,
  { cwd, env = {}, codes = [0], limitMs = patienceMs, whileRunning } = {},
) {
  const { child, output } = start(["bash", "-c", timed, "bash", ...command], { cwd, env });
  const times = collect(child.stdio[3]);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child.pid);
  }, limitMs);
  const ended = once(child, "close");
  const seen = whileRunning?.(child, ended);
  const [code] = await ended;
  clearTimeout(timer);
  if (isLate || !codes.includes(code)) {
    const end = isLate ? `was ended after ${limitMs / 1000} s` : `ended with ${code}`;
    throw new CommandFailed(`${command.join(" ")} ${end}:\n${crop(output())}`);
  }
  const [user, system, wall] = times().trim().split(" ").map(Number);
  return { cpuMs: (user + system) * 1000, wallMs: wall * 1000, output: output(), seen: await seen };
}

/** Starts cozeform unmeasured; `output` returns what it has printed so far. */
export const startCozeform = (args, options) => start(cozeformCommand(...args), options);

function start([program, ...args], { cwd, env = {} }) {
  const child = watchGroup(
    spawn(program, args, {
      cwd,
      detached: true,
      env: { ...own, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    }),
  );
  return { child, output: collect(child.stdout, child.stderr) };
}

/** As {@link measure}, of cozeform, with `memoryMb`. */
export async function measureCozeform(args, options = {}) {
  const directory = makeDirectory();
  const file = join(directory, "memory");
  const env = { ...options.env, BENCH_MEMORY_FILE: file };
  try {
    const cost = await measure([process.execPath, "--require", probe, cozeform, ...args], {
      ...options,
      env,
    });
    const memoryMb = existsSync(file) ? Number(readFileSync(file, "utf8")) / 1024 : undefined;
    return { ...cost, memoryMb };
  } finally {
    removeDirectory(directory);
  }
}

/** The command line of cozeform without anything that measures from inside. */
export const cozeformCommand = (...args) => [process.execPath, cozeform, ...args];

/** The last lines, none of them longer than a terminal's few lines: texts of terraform's configurations fill pages. */
export const crop = (text) =>
  text
    .split("\n")
    .slice(-30)
    .map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line))
    .join("\n");

function collect(...streams) {
  const chunks = [];
  for (const stream of streams) stream.setEncoding("utf8").on("data", (text) => chunks.push(text));
  return () => chunks.join("");
}
