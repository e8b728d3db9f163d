// The main job on the embedded emulator: validate, plan, apply, and a second plan that is empty.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const directory = join(mkdtempSync(join(tmpdir(), "cozeform-demo-")), "quickstart");
cpSync(join(root, "examples", "quickstart"), directory, {
  recursive: true,
  filter: (file) => !file.endsWith(".cozeform"),
});

const commands = [
  ["validate"],
  ["plan", "--emulator"],
  ["apply", "--emulator", "--auto-approve"],
  ["plan", "--emulator", "--detailed-exitcode"],
];
for (const [name, ...options] of commands) {
  console.log(`\n$ cozeform ${[name, "quickstart", ...options].join(" ")}`);
  const run = spawnSync(process.execPath, [join(root, "dist/cli/bin.js"), name, directory, ...options], {
    stdio: "inherit",
  });
  if (run.status !== 0) {
    process.exitCode = run.status ?? 1;
    break;
  }
}
rmSync(directory, { recursive: true, force: true });
