import { existsSync, rmSync } from "node:fs";
import type { Address } from "../core/address.ts";
import { canonicalJson, type Json } from "../core/value.ts";
import { writeFileGuarded } from "../files/guarded-writing.ts";
import { explain, say } from "../messages/text.ts";
import type { StoredNames } from "./backend.ts";
import { locateFile, makeStateFolder, type StateLocation } from "./location.ts";
import { type Promotion, type State, StateError } from "./model.ts";
import { withTextHashes } from "./release-texts.ts";
import { parseState, readBytes } from "./state-file.ts";
import { type Changes, type Entries, findUnknown, isSameEntry, mergeEntries } from "./unsaved-merge.ts";

const suffix = "unsaved.json";

/** A state that couldn't be saved; its serial is that of the state with which the run began. */
export interface UnsavedState extends State {
  readonly unsaved?: UnsavedChanges | undefined;
}

interface UnsavedChanges extends Changes {
  /** The run: lines in a journal that bears its id are its own. */
  readonly run?: string | undefined;
  /** The promotion when it began, and in the last document that may have arrived; null where there was none. */
  readonly promotions?: readonly (Promotion | null)[] | undefined;
}

/** What a run that couldn't save its state had before. */
export interface UnsavedBase {
  readonly begun: State;
  readonly run: string | undefined;
  /** The last document that was sent without an answer. */
  readonly attempted: State | undefined;
}

/** A state with what it changed since a run began. */
export function markChanges(state: State, { begun, run, attempted }: UnsavedBase): UnsavedState {
  const addresses = [...new Set([begun, state].flatMap(({ resources }) => Object.keys(resources)))].filter(
    (address) => !isSameEntry(begun.resources[address], state.resources[address]),
  );
  const pick = ({ resources }: State): Entries =>
    Object.fromEntries(addresses.map((address) => [address, resources[address] ?? null]));
  return {
    ...state,
    unsaved: {
      run,
      before: pick(begun),
      ...(attempted ? { attempted: pick(attempted) } : {}),
      promotions: [begun, ...(attempted ? [attempted] : [])].map(({ promotion }) => promotion ?? null),
    },
  };
}

/** Keeps on this machine what a run couldn't write to the place of the state; returns the file. */
export function keepUnsaved(location: StateLocation, document: Uint8Array): string {
  const file = locateFile(location, suffix);
  makeStateFolder(location);
  writeFileGuarded(file, document);
  return file;
}

/** What an earlier run on this machine couldn't save, brought together with what is saved now. */
export interface FoundUnsaved {
  readonly state: State;
  /** What is to be kept, and why: other objects are saved at these addresses by now. */
  readonly conflict?: { readonly rest: UnsavedState; readonly error: StateError } | undefined;
}

/** What is stored at the place of a state. */
export interface FoundState {
  /** The last that was saved. */
  readonly saved: State;
  /** What it is with the journals that continue it. */
  readonly state: State;
  /** The runs that wrote these journals; undefined where one doesn't say. */
  readonly runs: readonly (string | undefined)[];
}

/**
 * What an earlier run on this machine couldn't save, together with what another run may have saved since; undefined when
 * there is none, or it arrived after all. Throws {@link StateError} when it is of another state.
 */
export function findUnsaved(
  location: StateLocation,
  found: FoundState,
  names: StoredNames,
): FoundUnsaved | undefined {
  const file = locateFile(location, suffix);
  const bytes = readBytes(file);
  if (!bytes) return undefined;
  const brought = bringIn(parseState(bytes, file), file, found, names);
  if (!brought) dropUnsaved(location);
  return brought;
}

/**
 * An unsaved state together with what is stored; undefined when that says the same. `file` is its name for messages.
 * Throws {@link StateError} when it is of another state.
 */
export function bringIn(
  kept: UnsavedState,
  file: string,
  found: FoundState,
  names: StoredNames,
): FoundUnsaved | undefined {
  const { unsaved, ...state } = kept;
  const saved = found.state;
  const isOfState = saved.serial === 0 || state.lineage === saved.lineage;
  // It contains its own lines. Those of another run came after it, though the serial is the same.
  const isNext = state.serial === saved.serial && found.runs.every((run) => run && run === unsaved?.run);
  if (isOfState && isNext) return { state };
  if (isOfState && contentOf(state) === contentOf(saved)) return undefined;
  const values = { place: names.document, file, serial: state.serial, saved: saved.serial };
  if (!isOfState || !unsaved || (saved.serial === 0 && state.serial > 0))
    throw new StateError(file, explain("state/unsaved-overtaken", values));
  const { resources, left } = mergeEntries(saved, state, unsaved);
  const chosen = choosePromotion(saved, state, unsaved);
  const { promotion } = chosen === "both" ? saved : chosen;
  const merged = { ...saved, resources, promotion, files: { ...state.files, ...saved.files } };
  if (left.length === 0 && chosen !== "both") return { state: merged };
  const objects = [
    ...left.map((address) => describeConflict(address, state, saved)),
    ...(chosen === "both" ? [describePromotions(state, saved)] : []),
  ].join("; ");
  const before = Object.fromEntries(left.map((address) => [address, unsaved.before[address] ?? null]));
  return {
    state: merged,
    conflict: {
      rest: {
        ...kept,
        // What is brought in isn't the run's any more.
        ...(chosen === "both" ? {} : { promotion }),
        unsaved: { before, promotions: chosen === "both" ? unsaved.promotions : [promotion ?? null] },
      },
      error: new StateError(
        file,
        explain("state/unsaved-conflict", { place: names.document, file, objects }),
      ),
    },
  };
}

/** The promotion that counts; `both` when another run began or continued one, too. */
function choosePromotion(
  { promotion: theirs }: State,
  { promotion: ours }: State,
  { promotions = [null] }: UnsavedChanges,
): Pick<State, "promotion"> | "both" {
  const [former] = promotions;
  const isSame = (one: Promotion | null | undefined, other: Promotion | null | undefined): boolean =>
    canonicalJson((one ?? null) as unknown as Json) === canonicalJson((other ?? null) as unknown as Json);
  if (promotions.some((one) => isSame(theirs, one))) return { promotion: ours };
  return isSame(ours, theirs) || isSame(ours, former) ? { promotion: theirs } : "both";
}

function describePromotions({ promotion: ours }: State, { promotion: theirs }: State): string {
  const describe = (one: Promotion | undefined): string =>
    one
      ? say("state/unsaved-promotion-of", { number: one.number, from: one.from })
      : say("state/unsaved-none");
  return say("state/unsaved-promotion", { here: describe(ours), there: describe(theirs) });
}

function describeConflict(address: Address, ours: State, theirs: State): string {
  const [here, there] = [ours, theirs].map(({ resources }) => resources[address]?.id);
  if (there === undefined) return say("state/unsaved-elsewhere", { address, here: here ?? "" });
  if (here === undefined) return say("state/unsaved-creation", { address, there });
  return say("state/unsaved-object", { address, here, there });
}

function contentOf({ resources, files, promotion }: State): string {
  const entries = Object.entries(resources).map(([address, entry]) => [address, withTextHashes(entry)]);
  return canonicalJson({
    resources: Object.fromEntries(entries),
    files,
    promotion: promotion ?? null,
  } as unknown as Json);
}

/** What is kept of a run that couldn't save it, with the addresses whose objects another state doesn't know. */
export function readUnsaved(location: StateLocation, other: State) {
  const file = locateFile(location, suffix);
  const bytes = readBytes(file);
  if (!bytes) return undefined;
  const kept: UnsavedState = parseState(bytes, file);
  const changes = kept.unsaved ?? {
    before: Object.fromEntries(Object.keys(kept.resources).map((one) => [one, null])),
  };
  return { file, bytes, unknown: findUnknown(kept, changes, other) };
}

/** Whether something is kept here, at least in part: a run begins by bringing it in. */
export const hasUnsaved = (location: StateLocation): boolean => existsSync(locateFile(location, suffix));

/** Forgets what was kept, once it is saved. */
export const dropUnsaved = (location: StateLocation): void =>
  rmSync(locateFile(location, suffix), { force: true });
