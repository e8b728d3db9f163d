import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { StateError } from "./state.ts";

/** The bytes of a file of the state; undefined when there is none. Throws {@link StateError} when it can't be read. */
export function readBytes(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT") {
      const hint = "what was made isn't known without it: see to it that it is a file that can be read";
      throw new StateError(file, `it can't be read: ${describeReason(cause)}`, hint, { cause });
    }
    const target = linkTarget(file);
    if (target === undefined) return undefined;
    // Taken for a state in which nothing was made, it would have everything made anew.
    throw new StateError(file, `it is a link to ${target}, which isn't there`, "mend the link, or remove it");
  }
}

function linkTarget(file: string): string | undefined {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(file) : undefined;
}
