import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createEmulator, WorldError } from "../../src/emulator/index.ts";
import { describeRerun, indicesOf } from "../support/sample.ts";
import { makeScratch } from "../support/scratch.ts";
import { broken } from "./bench.ts";
import { type Mutant, mutate, randomOf } from "./mutate.ts";

const file = join(makeScratch(), "world.json");
const sample = readFileSync(join(import.meta.dirname, "../emulator/world-0.1.0.json"), "utf8");

function put(mutant: Mutant): void {
  rmSync(file, { recursive: true, force: true });
  if (mutant === "directory") mkdirSync(file);
  else if (mutant !== "gone") writeFileSync(file, mutant);
}

/** What is wrong with the way in which a world is read or refused. */
function judge(): string {
  try {
    createEmulator({ file }).world.snapshot();
    return "";
  } catch (error) {
    if (!(error instanceof WorldError)) return `${error}`;
    const { at, message, hint } = error;
    const lines = at ? readFileSync(file, "utf8").split("\n") : [];
    const isThere = !at || at.column <= (lines[at.line - 1]?.length ?? -1) + 1;
    return isThere && hint && !broken.test(message) ? "" : `${message} (${JSON.stringify(at)}) ${hint}`;
  }
}

test("mutants of an emulator's world are read, or refused in words with the next move", () => {
  const faults: string[] = [];
  for (const index of indicesOf(3000, 300)) {
    const { mutant, done } = mutate(sample, "json", randomOf("world", index));
    put(mutant);
    const fault = judge();
    if (fault) faults.push(`${done.join(", ")}: ${fault}; alone: ${describeRerun(`CASE=${index}`)}`);
  }
  expect(faults).toEqual([]);
});
