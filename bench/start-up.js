// What a command costs before it does anything: beside an empty script, in turn.
import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cozeformCommand, measure } from "./measured-process.js";
import { makeDirectory, removeDirectory } from "./scratch.js";

const quickstart = resolve(import.meta.dirname, "../examples/quickstart");

/**
 * Measures the start of commands: `pairs` times an empty script and the command. With `allHelp`, also the help of every
 * command.
 */
export async function measureStartUp({ pairs, allHelp, record }) {
  const directory = makeDirectory();
  cpSync(quickstart, join(directory, "quickstart"), { recursive: true });
  const empty = join(directory, "empty.js");
  writeFileSync(empty, "");
  const env = { COZE_DEV_TOKEN: "pat_local" };
  const commands = [
    ["--version"],
    ["--help"],
    ...(allHelp ? await listHelps() : []),
    ["validate", "quickstart"],
    ["plan", "quickstart", "--emulator"],
  ];
  for (let round = 0; round < pairs; round += 1) {
    for (const args of commands) {
      const { cpuMs: emptyMs } = await measure([process.execPath, empty]);
      const { cpuMs, wallMs } = await measure(cozeformCommand(...args), { cwd: directory, env });
      record({ part: "startup", operation: args.join(" "), cpuMs, wallMs, emptyMs, overMs: cpuMs - emptyMs });
    }
  }
  removeDirectory(directory);
}

/** The sections of a help that list no commands. */
const otherSections = /^(Usage|Arguments|Options|Common options|Examples):/;

/** The help of every command and its subcommands, found in the helps themselves. */
async function listHelps(parents = []) {
  const { output } = await measure(cozeformCommand(...parents, "--help"));
  const sections = output.split("\n\n").filter((section) => !otherSections.test(section));
  const names = sections.flatMap((section) =>
    /^[A-Z].*:\n/.test(section) ? [...section.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name) : [],
  );
  const found = [];
  for (const name of names.filter((one) => one !== "help")) {
    const command = [...parents, name];
    found.push([...command, "--help"], ...(await listHelps(command)));
  }
  return found;
}
