// The command line loads these when a command runs. Jest links modules that are imported at the same time one into the
// other ("request for … is not in cache"), so tests that run several command lines at once load all of them before.
import { readdirSync } from "node:fs";
import { join } from "node:path";

const source = join(import.meta.dirname, "../../src");
const lazy = [
  "cli/run-action.ts",
  "cli/error-report.ts",
  ...readdirSync(join(source, "cli/actions")).map((file) => `cli/actions/${file}`),
  "manifest/collected-problems.ts",
  "manifest/schema/validate.ts",
  "emulator/index.ts",
  "promote/check-assertions.ts",
];
for (const file of lazy) await import(join(source, file));
