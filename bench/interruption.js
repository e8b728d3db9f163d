// Ctrl-C in the middle of an apply: how long it takes to end.
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { startEmulator } from "./emulator.js";
import { names } from "./figures.js";
import { CommandFailed, crop, startCozeform } from "./measured-process.js";
import { writeProject } from "./project.js";
import { killGroup, makeDirectory, removeDirectory } from "./scratch.js";
import { paces } from "./world.js";

const size = 1000;

/** After how many calls the applies are interrupted. */
const moments = [30, 100, 300];

const patienceMs = 120_000;
const interrupted = 130;

/** Interrupts applies in several moments; they run beside each other, since all wait for the limit. */
export async function measureInterruptions(record) {
  await Promise.all(moments.map((calls) => interrupt(calls, record)));
}

async function interrupt(calls, record) {
  const directory = makeDirectory();
  const emulator = await startEmulator();
  const { limits, latencyMs } = paces[names.paced];
  try {
    await emulator.ask("pace", { limits, latencyMs });
    writeProject(size, { directory, rate: limits.perSecond });
    const args = ["apply", "--auto-approve", "--endpoint", emulator.url];
    const { child, output } = startCozeform(args, {
      cwd: directory,
      env: { COZE_API_TOKEN: emulator.token },
    });
    const ended = once(child, "exit");
    const timer = setTimeout(() => killGroup(child.pid), patienceMs);
    while (child.exitCode === null && (await emulator.ask("count")).calls < calls) await wait(20);
    const signalAt = Date.now();
    child.kill("SIGINT");
    const [code] = await ended;
    const endAt = Date.now();
    clearTimeout(timer);
    if (code !== interrupted) {
      throw new CommandFailed(
        `an apply that was interrupted after ${calls} calls ended with ${code}:\n${crop(output())}`,
      );
    }
    const { lastAnswerAt } = await emulator.ask("count");
    record({
      part: "interruption",
      size,
      pace: names.paced,
      operation: `apply after ${calls} calls`,
      afterAnswerMs: endAt - lastAnswerAt,
      afterSignalMs: endAt - signalAt,
    });
  } finally {
    emulator.stop();
    removeDirectory(directory);
  }
}
