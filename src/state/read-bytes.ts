import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import { StateError } from "./model.ts";

/** Larger than a text can be. */
const most = 512 * 2 ** 20;

/** The bytes of a file of the state; undefined when there is none. Throws {@link StateError} when it can't be read. */
export function readBytes(file: string): Uint8Array | undefined {
  try {
    return readFileGuarded(file, { most });
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return undefined;
    const hint = "what was made isn't known without it: see to it that it is a file that can be read";
    const why = cause instanceof UnfitFile ? `it is ${cause.what}` : describeReason(cause);
    throw new StateError(file, `it can't be read: ${why}`, hint, { cause });
  }
}
