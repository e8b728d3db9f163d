// Measures cozeform and prints tables, or JSON with --json.

import { checkBudgets } from "./budgets.js";
import { summarize } from "./figures.js";
import { measureAll } from "./measure-all.js";
import { describeMachine, writePage } from "./page.js";
import { readSettings } from "./settings.js";
import { makeTables, renderText } from "./table.js";

const settings = readSettings(process.argv.slice(2));
const begun = performance.now();
const samples = [];
const failures = await measureAll(settings, (sample) => {
  samples.push(sample);
  process.stderr.write(`${describe(sample)}\n`);
});
const figures = summarize(samples);
const budgets = checkBudgets(figures);
const minutes = (performance.now() - begun) / 60_000;

if (settings.json) {
  console.log(JSON.stringify({ machine: describeMachine(), minutes, figures, budgets, failures }, null, 2));
} else {
  console.log(renderText(makeTables(figures, settings.check ? budgets : [])));
  console.log(`\n${describeMachine()}. Measured in ${minutes.toFixed(0)} minutes.`);
}
if (settings.write) writePage(settings.write, { figures, budgets, minutes });
if (failures.length > 0)
  console.error(`\nNot measured, because commands failed:\n\n${failures.join("\n\n")}`);
const isMissed = settings.check && budgets.some(({ state }) => state === "missed");
process.exit(failures.length > 0 || isMissed ? 1 : 0);

function describe({ part, emulator, pace, size, operation, wallMs, cpuMs, calls, least, memoryMb }) {
  const what = [part, size, emulator, pace === "none" ? undefined : pace, operation];
  const numbers = { calls, least, wallMs, cpuMs, memoryMb };
  const costs = Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${Math.round(value)}`],
  );
  return [...what.filter(Boolean), ...costs].join("  ");
}
