import { type Address, parseAddress } from "../core/address.ts";
import { decodeUtf8, findTextFault } from "../core/content-faults.ts";
import { locateJson, readJson } from "../core/json-text.ts";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { isObject } from "../core/value.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
import { type State, StateError, stateFormat } from "./model.ts";
import { findShapeFault, type ShapeFault } from "./schema.ts";

/** The oldest version of the state file that is read. */
const oldestFormat = 1;

/** Reads the bytes of a state file; throws {@link StateError} when it isn't one of this format. */
export function parseState(bytes: Uint8Array, file: string): State {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new StateError(file, explain("state/file-not-utf8"));
  const read = readJson(text);
  if ("fault" in read) {
    const { at, message } = read.fault;
    const unfit = findTextFault(say("state/this-file"), bytes);
    if (unfit && unfit.reason !== "encoding") {
      const hint = unfit.reason === "conflict" ? say("state/resolve-merge") : unfit.hint;
      throw new StateError(file, { ...unfit, hint }, { at });
    }
    throw new StateError(file, explain("state/file-fault", { fault: message }), { at });
  }
  const { value } = read;
  const format = isObject(value) ? value.format : undefined;
  if (typeof format !== "number" || format > stateFormat || format < oldestFormat) {
    const isNewer = typeof format === "number" && format > stateFormat;
    const problem = isNewer
      ? explain("state/file-newer", { format, known: stateFormat })
      : explain("state/file-not-state", { format: stateFormat });
    throw new StateError(file, problem, { at: locateJson(text, ["format"]) });
  }
  const fault = findShapeFault("state", value) ?? findMeaningFault(read.value as State);
  if (fault) {
    const at = locateJson(text, fault.path);
    throw new StateError(file, explain("state/file-damaged", { problem: fault.message }), { at });
  }
  return read.value as State;
}

/** Faults that no schema finds: invalid addresses, and addresses of another kind than their entries. */
function findMeaningFault({ resources }: State): ShapeFault | undefined {
  for (const [address, entry] of Object.entries(resources)) {
    const message = findEntryFault(address, entry);
    if (message !== undefined) return { path: ["resources", address], message };
  }
  return undefined;
}

/** The fault of an entry under its address. */
export function findEntryFault(address: Address, { kind, dependencies }: Entry): string | undefined {
  const parsed = parseAddress(address);
  if (!parsed) return say("state/not-address", { address: JSON.stringify(address) });
  if (parsed.kind !== kind) return say("state/entry-of-other-kind", { address, kind: JSON.stringify(kind) });
  const wrong = dependencies.find((one) => !parseAddress(one));
  if (wrong === undefined) return undefined;
  return say("state/dependency-not-address", { address, dependency: JSON.stringify(wrong) });
}

/** Larger than a string can be. */
const maxStateBytes = 512 * 2 ** 20;

/** The bytes of a file of the state; undefined when there is none. Throws {@link StateError} when it can't be read. */
export function readBytes(file: string): Uint8Array | undefined {
  try {
    return readFileGuarded(file, { most: maxStateBytes });
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return undefined;
    const reason =
      cause instanceof UnfitFile ? say("common/it-is", { what: cause.what }) : describeReason(cause);
    throw new StateError(file, explain("state/unreadable", { reason }), { cause });
  }
}
