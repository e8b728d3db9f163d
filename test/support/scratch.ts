import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";

const made: string[] = [];

// Memory that looks like a disk, where there is some: syncing a real disk takes a third of a story's time.
const memory = "/dev/shm";

/** A new empty directory that goes when the test file is done; for tests that aren't about disks. */
export function makeScratch(): string {
  const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "cozeform-test-"));
  made.push(directory);
  return directory;
}

afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});
