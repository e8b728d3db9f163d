// Writes what was measured into a page of the documentation.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { makeTables, renderMarkdown } from "./table.js";

const [begin, end] = ["<!-- measured: begin -->", "<!-- measured: end -->"];

/** The machine and the programs, in a line. */
export function describeMachine() {
  const { length, 0: first } = cpus();
  const programs = [`Node ${process.versions.node}`, readTerraformVersion()].filter(Boolean);
  return `${length} cores (${first.model.trim()}), ${programs.join(", ")}, ${new Date().toISOString().slice(0, 10)}`;
}

function readTerraformVersion() {
  try {
    const [line] = execFileSync("terraform", ["version"], { encoding: "utf8", stdio: "pipe" }).split("\n");
    return line.replace(" v", " ");
  } catch {
    return undefined;
  }
}

/** Replaces what stands between the marks of a page. Throws if it has none. */
export function writePage(file, { figures, budgets, minutes }) {
  const page = readFileSync(file, "utf8");
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} doesn't have the lines ${begin} and ${end}`);
  const tables = makeTables(figures, budgets);
  const text = `${describeMachine()}, ${minutes.toFixed(0)} minutes.\n\n${renderMarkdown(tables)}`;
  writeFileSync(file, `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`);
}
