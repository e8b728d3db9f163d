import { existsSync, readFileSync } from "node:fs";
import { writeFileGuarded } from "../files/guarded-writing.ts";
import type { WorldSnapshot } from "./world.ts";

/** Reads a world's file; undefined when there is none yet. */
export function loadSnapshot(file: string): WorldSnapshot | undefined {
  if (!existsSync(file)) {
    return undefined;
  }
  let saved: unknown;
  try {
    saved = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`The emulator's world in ${file} is not JSON: remove the file to start afresh`, {
      cause,
    });
  }
  if (typeof saved !== "object" || saved === null || !("format" in saved) || saved.format !== 1) {
    throw new Error(`${file} does not hold a world of format 1: remove the file to start afresh`);
  }
  return saved as WorldSnapshot;
}

/** Writes a world's file in one step, readable by its owner alone: it holds verify tokens. */
export async function saveSnapshot(file: string, snapshot: WorldSnapshot): Promise<void> {
  writeFileGuarded(file, `${JSON.stringify(snapshot, null, 1)}\n`, { durable: false });
}
