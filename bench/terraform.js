// Terraform plans that find nothing to do: of bots by our provider, and of Terraform's own terraform_data in turn.
import { join } from "node:path";
import { startEmulator } from "./emulator.js";
import { names } from "./figures.js";
import { listResources } from "./project.js";
import { makeDirectory, removeDirectory } from "./scratch.js";
import {
  hasTerraform,
  openTerraform,
  repeatBot,
  writeBots,
  writeDataBlocks,
  writeDataLikeBots,
} from "./terraform-directory.js";

const planning = ["plan", "-detailed-exitcode"];
const promptOf = (characters) => "你是助手。".repeat(characters / 5);

/** Throws where there is no terraform. */
export async function needTerraform() {
  if (!(await hasTerraform())) throw new Error("terraform isn't on the PATH: its plans aren't measured");
}

/**
 * Prepares plans of terraform_data with the texts of a project of `size`. `measure` makes one and records it; `close`
 * clears the directory.
 */
export function openProjectData(size, record) {
  const directory = makeDirectory();
  const terraform = openTerraform(directory);
  const where = join(directory, "data");
  writeDataBlocks(
    where,
    listResources(size).map(({ spec }) => spec),
  );
  return {
    async measure() {
      const { wallMs, cpuMs } = await terraform(where, ...planning);
      record({ part: "terraform", size, operation: names.projectData, wallMs, cpuMs });
    },
    close: () => removeDirectory(directory),
  };
}

/** Measures plans of `count` bots with prompts of so many characters, and of as much terraform_data, in turn. */
export async function measureBots({ count, characters, rounds, record }) {
  const directory = makeDirectory();
  const emulator = await startEmulator();
  try {
    const [ours, theirs] = [join(directory, "bots"), join(directory, "data")];
    const env = { COZE_API_BASE: emulator.url, COZE_API_TOKEN: emulator.token };
    const terraform = openTerraform(directory, env);
    writeBots(ours, 1, promptOf(characters));
    await terraform(ours, "apply", "-auto-approve");
    writeBots(ours, count, promptOf(characters));
    const ids = await emulator.ask("repeatBot", { count });
    repeatBot(ours, ids);
    writeDataLikeBots(theirs, count, promptOf(characters), ids[0]);
    for (let round = 0; round < rounds; round += 1) {
      await emulator.ask("reset");
      const plan = await terraform(ours, ...planning);
      const other = await terraform(theirs, ...planning);
      const { calls } = await emulator.ask("count");
      record({
        part: "terraform",
        size: count,
        operation: names.bots(characters),
        calls,
        wallMs: plan.wallMs,
        cpuMs: plan.cpuMs,
        memoryMb: plan.memoryMb,
        otherCpuMs: other.cpuMs,
        ratio: plan.cpuMs / other.cpuMs,
      });
    }
  } finally {
    emulator.stop();
    removeDirectory(directory);
  }
}
