// Counts the calls of many copies, by a clock that runs a hundred times as fast as the machine's.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { apply, createEmulator, createHost } from "../dist/index.js";

const speed = 100;
const header = "apiVersion: cozeform/v1\n";

function createFastClock() {
  const [start, begun] = [Date.now(), performance.now()];
  return {
    now: () => start + (performance.now() - begun) * speed,
    sleep: (ms, signal) => wait(ms / speed, undefined, { signal }).catch(() => {}),
  };
}

async function measure(copies, copyMs, parallelism) {
  const clock = createFastClock();
  const emulator = createEmulator({ now: clock.now, sleep: clock.sleep, world: { copyMs } });
  const { world } = emulator;
  const from = world.addWorkspace({ name: "源" }).id;
  const to = world.addWorkspace({ name: "空间" }).id;
  const documents = Array.from({ length: copies }, (_, number) => {
    const { id } = world.addWorkflow({ space_id: from, name: `流程${number}` });
    return `${header}kind: Copy\nmetadata: {name: c${number}}\nspec: {type: workflow, source: {id: "${id}"}, workspace: {id: "${to}"}}\n`;
  });
  const directory = mkdtempSync(join(tmpdir(), "cozeform-copies-"));
  writeFileSync(join(directory, "all.yaml"), documents.join("---\n"));
  const host = createHost({ env: { COZE_API_TOKEN: emulator.token }, fetch: emulator.fetch, clock });
  const options = { directory, endpoint: "http://127.0.0.1", parallelism, timeout: 3_600_000 };
  const { result } = await apply(host, { ...options, approve: async () => true });
  rmSync(directory, { recursive: true });
  const polls = emulator.requests.filter(({ operation }) =>
    operation?.startsWith("query_resource_copy"),
  ).length;
  if (result.done.length !== copies) throw new Error(`${result.failed.length} copies failed`);
  const columns = [
    `${copies} copies of ${copyMs / 1000} s, ${parallelism} at once`.padEnd(39),
    String(result.calls).padEnd(8),
    (polls / copies).toFixed(1).padEnd(16),
    `${(result.ms / 60_000).toFixed(1)} min`,
  ];
  console.log(columns.join(""));
}

/** Prints how many calls copies take, and how long that is on a real clock. */
export async function measureCopies() {
  console.log("\ncopies                                 calls   looks per copy  time");
  await measure(100, 45_000, 10);
  await measure(100, 600_000, 100);
  await measure(10, 1_800_000, 10);
}
