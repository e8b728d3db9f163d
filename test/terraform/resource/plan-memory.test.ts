import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { kinds } from "../../../src/kinds/index.ts";
import { rememberInFolder } from "../../../src/terraform/resource/plan-memory.ts";

const [kind] = kinds;
if (!kind) throw new Error("there are no kinds");
const at = { id: "7512000000000000001" };

/** The memory of each process that some runs of Terraform start, in one directory. */
function openFolder() {
  const folder = join(mkdtempSync(join(tmpdir(), "plan-memory-")), "cozeform");
  return { folder, startedBy: (parent: number) => rememberInFolder(folder, parent) };
}

test("a plan is remembered by the process that applies it, in the same run or in another, and then forgotten", () => {
  for (const applying of [1, 2]) {
    const { folder, startedBy } = openFolder();
    startedBy(1).keep(kind, at);
    const memory = startedBy(applying);
    expect(memory.holds(kind, at)).toBe(true);
    memory.noteApplying();
    expect(memory.holds(kind, at)).toBe(true);
    memory.drop(kind, at);
    expect(memory.holds(kind, at)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  }
});

test("a plan that wasn't applied hides nothing from the apply of a later run that plans by itself", () => {
  const { startedBy } = openFolder();
  startedBy(1).keep(kind, at);
  // Nothing is in the state any more, so that this plan keeps nothing.
  startedBy(2).holds(kind, { id: "7512000000000000002" });
  const applying = startedBy(2);
  expect(applying.holds(kind, at)).toBe(false);
  applying.noteApplying();
  expect(applying.holds(kind, at)).toBe(false);
  // A plan that finds the object in the state counts.
  startedBy(3).keep(kind, at);
  expect(startedBy(3).holds(kind, at)).toBe(true);
});

test("nothing is written through a link that a repository carries", () => {
  const { folder, startedBy } = openFolder();
  const target = join(folder, "../target");
  writeFileSync(target, "precious");
  startedBy(1).keep(kind, at);
  const [name = ""] = readdirSync(folder);
  for (const link of [name, "planned-by-1"]) {
    rmSync(join(folder, link), { force: true });
    symlinkSync(target, join(folder, link));
  }
  startedBy(1).keep(kind, at);
  startedBy(2).holds(kind, at);
  startedBy(1).holds(kind, at);
  expect(readFileSync(target, "utf8")).toBe("precious");
});

test("nor in a folder that is a link", () => {
  const { folder, startedBy } = openFolder();
  const elsewhere = join(folder, "../elsewhere");
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, folder);
  startedBy(1).keep(kind, at);
  startedBy(2).holds(kind, at);
  expect(readdirSync(elsewhere)).toEqual([]);
});
