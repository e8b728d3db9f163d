// The resident memory of a provider that terraform started, as Linux tells it.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const intervalMs = 50;

/** The largest resident memory in MB of the program `name` below a process, until `ended`; undefined elsewhere. */
export async function watchProvider(pid, ended, name) {
  let most;
  let isRunning = true;
  ended.finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    for (const one of descendantsOf(pid)) {
      if (read(`/proc/${one}/cmdline`).includes(name)) {
        const [, kib] = /^VmHWM:\s+(\d+)/m.exec(read(`/proc/${one}/status`)) ?? [];
        if (kib !== undefined) most = Math.max(most ?? 0, Number(kib) / 1024);
      }
    }
    await wait(intervalMs);
  }
  return most;
}

function descendantsOf(pid) {
  const children = listThreads(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** A process may have ended meanwhile. */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function listThreads(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
