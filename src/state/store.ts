import { randomUUID } from "node:crypto";
import type { Address } from "../core/address.ts";
import { normalizeEndpoint } from "../core/endpoint.ts";
import { describeReason } from "../core/system-error.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
import type { Backend, LockedBackend, Stored, StoredNames } from "./backend.ts";
import { backUpState } from "./backup.ts";
import { foldJournal, parseJournal, relateJournal } from "./journal.ts";
import { openLocalBackend } from "./local-backend.ts";
import { openReleaseTexts } from "./local-texts.ts";
import { type LockWait, lockPatiently } from "./lock-wait.ts";
import {
  emptyState,
  type Promotion,
  type State,
  StateError,
  StateUnwritable,
  stateFormat,
  type UploadedFile,
} from "./model.ts";
import type { StatePlace } from "./place.ts";
import { keepRecords } from "./records.ts";
import { hashesIn, type ReleaseTexts, withStoredTexts, withTextsInside } from "./release-texts.ts";
import { openSharedTexts } from "./shared-texts.ts";
import { parseState } from "./state-file.ts";
import {
  dropUnsaved,
  type FoundState,
  findUnsaved,
  hasUnsaved,
  keepUnsaved,
  markChanges,
} from "./unsaved.ts";

/** A locked state with its journal. */
export interface Store {
  readonly state: State;
  /** The configurations of its releases. What `put` is given of them is stored there, and not in the state. */
  readonly texts: ReleaseTexts;
  /** The serial that the state had when it was opened; plans name it. */
  readonly openedAt: number;
  /** Each write takes the whole state, and so lines have to be gathered. */
  readonly isWhole: boolean;
  /** Milliseconds until lines that are gathered are to be written; 0 when they may be written now. */
  dueIn(): number;
  /** Whether there was a state when the run began. */
  readonly exists: boolean;
  /**
   * Copies the state with which the run began to the project's directory; returns the file, undefined when there was no
   * state. `now` in epoch milliseconds. Throws {@link StateUnwritable}.
   */
  backUp(now: number): Promise<string | undefined>;
  /**
   * Writes entries, and the promotion if there is one; null removes an entry. Throws {@link StateUnwritable}, and
   * after that on every call.
   */
  put(note: string, entries: { readonly [address: Address]: Entry | null }, promotion?: Promotion): void;
  putFile(sha256: string, file: UploadedFile): void;
  putPromotion(promotion: Promotion): void;
  /**
   * Resolves when the next run, wherever it is, would know all writes so far; at once where the state is on this
   * machine, and where each write takes the whole state: then they follow soon. Rejects with {@link StateUnwritable}.
   */
  kept(): Promise<void>;
  /** Resolves when all writes so far would outlive a power cut, too. Rejects with {@link StateUnwritable}. */
  synced(): Promise<void>;
  /** Saves another state where this one is, before anything was put. Throws {@link StateUnwritable}. */
  replace(next: State): Promise<void>;
  /** Saves the state and releases the lock. The journal is removed once the state contains all of it. */
  close(): Promise<void>;
}

/** The state with its journal folded in, without a lock and without writing. */
export const readState = async (place: StatePlace): Promise<State> => {
  const backend = backendOf(place);
  const folded = readFolded(place, await backend.read(), backend.names);
  const unsaved = place.backend && findUnsaved(place, folded, backend.names);
  if (unsaved?.conflict) throw unsaved.conflict.error;
  return unsaved?.state ?? folded.state;
};

const backendOf = (place: StatePlace): Backend => place.backend ?? openLocalBackend(place);

/** The saved state, and what it is with the journals that continue it. */
interface Folded extends FoundState {
  readonly folded: number;
}

function readFolded(place: StatePlace, stored: Stored, names: StoredNames): Folded {
  const saved = stored.document
    ? parseState(stored.document, names.document)
    : emptyState(place.environment, place.endpoint ?? "", place.lineage);
  const { state, folded, runs } = foldJournals(saved, stored, names);
  if (state.environment !== place.environment) {
    const found = { saved: state.environment, chosen: place.environment };
    throw new StateError(names.document, explain("state/other-environment", found));
  }
  if (place.endpoint === undefined) return { saved, state, folded, runs };
  // Older versions remembered an address as it was written.
  if (normalizeEndpoint(state.endpoint) === normalizeEndpoint(place.endpoint))
    return { saved, state, folded, runs };
  if (Object.keys(state.resources).length > 0) {
    const endpoints = { saved: state.endpoint, chosen: place.endpoint };
    throw new StateError(names.document, explain("state/other-endpoint", endpoints));
  }
  // Uploads are of no use elsewhere.
  return { saved, state: { ...state, endpoint: place.endpoint, files: {} }, folded, runs };
}

/** Folds in the journals that continue a saved state, and leaves those that it contains all of. */
function foldJournals(saved: State, { journals }: Stored, names: StoredNames) {
  const open = journals
    .map((bytes) => parseJournal(bytes, names.journal))
    .filter((journal) => {
      const relation = relateJournal(saved, journal);
      if (relation instanceof StateError) throw relation;
      return relation === "continues";
    });
  let state = saved;
  let folded = 0;
  for (const journal of open) {
    const next = foldJournal(state, journal);
    state = next.state;
    folded += next.folded;
  }
  const runs = open.flatMap(({ header, records }) => (records.length > 0 ? [header?.run] : []));
  return { state, folded, runs };
}

/**
 * Locks the state and folds in the journal of a killed run, and what an earlier run kept on this machine because it
 * couldn't save it. Without `wait` it doesn't wait for another run. Throws {@link Locked} or
 * {@link StateError}.
 */
export async function openStore(
  place: StatePlace,
  command: string,
  wait?: LockWait,
  unsaved?: UnsavedHandling,
): Promise<Store> {
  const backend = backendOf(place);
  const locked = await lockPatiently(backend, command, wait);
  try {
    return await lockedStore(place, locked, backend.names, unsaved);
  } catch (error) {
    await locked.release();
    throw error;
  }
}

/**
 * What becomes of what an earlier run kept on this machine: `leave` leaves it, `set-aside` brings in what the
 * saved state doesn't contradict and leaves the rest, which is an error by default.
 */
type UnsavedHandling = "leave" | "set-aside";

/** How far the saving of a state has come. */
interface StoreProgress {
  /** What its lines are known by, where another run's could stand. */
  readonly run: string | undefined;
  /** What was saved last; undefined when it isn't known. */
  last: State | undefined;
  /** The last whole document that was written while the run went on. */
  attempted: State | undefined;
  /** The state may name fewer configurations than before. */
  isSweepDue: boolean;
}

async function lockedStore(...opening: Parameters<typeof beginState>): Promise<Store> {
  const [place, locked, names] = opening;
  const { texts, put: putTexts, pack, opened, begun, saved, run } = await beginState(...opening);
  const progress: StoreProgress = { run, last: saved, attempted: undefined, isSweepDue: false };
  // Thousands of entries change one by one, so the map is changed in place. Entries are never changed.
  let resources: Record<Address, Entry> = { ...begun.resources };
  let state: State = { ...begun, resources };
  const whole = () => {
    // It may never arrive, so the last save isn't known to be what is stored any more.
    progress.last = undefined;
    state = { ...state, serial: state.serial + 1 };
    progress.attempted = { ...state, resources: { ...resources } };
    return writeDocument(sortResources(state));
  };
  const current = () => {
    state = migrate(place, state);
    return { ...state, run };
  };
  const records = keepRecords(locked, names, { current, whole, before: texts.flush });
  return {
    get state() {
      return state;
    },
    texts,
    openedAt: opened.serial,
    isWhole: place.backend?.isWhole === true,
    dueIn: records.dueIn,
    exists: begun.serial > 0,
    backUp: (now) => copyState(place, begun, texts, now),
    put(note, given, promotion) {
      const stored = records.attempt(() => putTexts(given));
      records.append({ note, entries: stored, promotion });
      if (promotion) state = { ...state, promotion };
      for (const [address, entry] of Object.entries(stored)) {
        const former = resources[address]?.history;
        progress.isSweepDue ||= former !== undefined && former !== entry?.history;
        if (entry === null) delete resources[address];
        else resources[address] = entry;
      }
    },
    putFile(sha256, file) {
      records.append({ note: "uploaded", files: { [sha256]: file } });
      state = { ...state, files: { ...state.files, [sha256]: file } };
    },
    putPromotion(promotion) {
      records.append({ note: "promotion", promotion });
      state = { ...state, promotion };
    },
    kept: records.kept,
    synced: records.synced,
    async replace(given) {
      const next = pack(given);
      await texts.flush();
      await locked.save(writeDocument(next), next);
      progress.last = next;
      resources = { ...next.resources };
      state = { ...next, resources };
      await clearUp(place, texts.sweep(hashesIn(resources)));
    },
    async close() {
      try {
        const saved = await saveChanges({ place, locked, records, texts, begun, ...progress }, state, pack);
        if (!saved) return;
        state = { ...state, serial: saved.serial };
        // A state from elsewhere had texts inside, which lie beside it by now.
        const sweepUnused = () => texts.sweep(hashesIn(saved.resources));
        await clearUp(place, locked.removeJournal().then(progress.isSweepDue ? sweepUnused : undefined));
      } finally {
        await locked.release();
      }
    },
  };
}

/** Waits for what follows the saving of a state. What is left elsewhere the next run clears up. */
const clearUp = (place: StatePlace, clearing: Promise<unknown>): Promise<unknown> =>
  place.backend ? clearing.catch(() => {}) : clearing;

async function copyState(
  place: StatePlace,
  state: State,
  texts: ReleaseTexts,
  now: number,
): Promise<string | undefined> {
  if (state.serial === 0) return undefined;
  // Elsewhere, configurations are removed although a copy on this machine may name them.
  const resources = place.backend ? await withTextsInside(state.resources, texts) : state.resources;
  return backUpState(place, writeDocument({ ...state, resources }), now);
}

/**
 * The state to begin with, saved with what earlier runs left undone: `opened` as it was found, `begun` as it is now, and
 * what is saved.
 */
async function beginState(
  place: StatePlace,
  locked: LockedBackend,
  names: StoredNames,
  handling?: UnsavedHandling,
) {
  const texts = locked.texts ? openSharedTexts(locked.texts) : openReleaseTexts(place);
  // Another machine has no texts of this one's directory: documents elsewhere may have to contain them.
  const isInside = place.backend !== undefined && locked.texts === undefined;
  const put = <One extends Entry | null>(entries: EntriesOf<One>): EntriesOf<One> =>
    isInside ? entries : storeTexts(entries, texts);
  const pack = (given: State): State => ({ ...given, resources: put(given.resources) });
  const found = readFolded(place, await locked.read(), names);
  const { saved, state: read, folded } = found;
  const unsaved = handling === "leave" ? undefined : place.backend && findUnsaved(place, found, names);
  const isBehind = folded > 0 || unsaved !== undefined;
  const opened = unsaved?.state ?? read;
  const begun = isBehind ? await save({ locked, texts }, saved, pack(migrate(place, opened))) : opened;
  await locked.removeJournal();
  if (unsaved?.conflict) {
    keepUnsaved(place, writeDocument(unsaved.conflict.rest));
    if (handling !== "set-aside") throw unsaved.conflict.error;
  } else if (unsaved) dropUnsaved(place);
  if (folded > 0) await clearUp(place, texts.sweep(hashesIn(begun.resources)));
  // A journal on this machine is always of the run before.
  const run = place.backend && randomUUID();
  return { texts, put, pack, opened, begun, saved: isBehind ? begun : saved, run };
}

interface EntriesOf<One extends Entry | null> {
  readonly [address: Address]: One;
}

/** Entries with their texts stored and named by hash. */
const storeTexts = <One extends Entry | null>(entries: EntriesOf<One>, texts: ReleaseTexts): EntriesOf<One> =>
  Object.fromEntries(
    Object.entries(entries).map(([address, entry]) => [
      address,
      entry && (withStoredTexts(entry, texts.write) as One),
    ]),
  );

/** A state that is about to be changed, in the newest format; one of an older version is copied to the backups first. */
function migrate(place: StatePlace, state: State): State {
  if (state.format === stateFormat) return state;
  backUpState(place, writeDocument(state), Date.now());
  return { ...state, format: stateFormat };
}

/** The end of a run: what it has to save with, what it saved last, and what it began with. */
interface StoreEnd extends Readonly<StoreProgress> {
  readonly place: StatePlace;
  readonly locked: LockedBackend;
  readonly records: ReturnType<typeof keepRecords>;
  readonly texts: ReleaseTexts;
  readonly begun: State;
}

/** Saves what a run changed; undefined when there is nothing to save, or the journal keeps it. */
async function saveChanges(
  { place, locked, records, texts, last, begun, run, attempted }: StoreEnd,
  state: State,
  pack: (state: State) => State,
): Promise<State | undefined> {
  try {
    if ((await records.end()) === "none") return undefined;
    return await save({ locked, texts }, last, pack(state));
  } catch (error) {
    // Of several whole documents the one that failed has the last serial.
    const failed = records.isBroken(error) && state.serial > begun.serial ? 1 : 0;
    // What an earlier run kept is worth more than a change of the state by hand.
    if (place.backend && hasUnsaved(place)) throw error;
    if (place.backend) {
      const unstored = { read: async () => texts.unstored() };
      const resources = await withTextsInside(state.resources, unstored);
      const kept = { ...state, resources, serial: state.serial - failed };
      throw keepHere(place, markChanges(kept, { begun, run, attempted }), error);
    }
    // The journal contains every change, and the next run folds it in. The run knows why it was broken off.
    if (!records.isBroken(error)) throw error;
    return undefined;
  }
}

/** Keeps a state on this machine that couldn't be saved where it belongs; returns the error that says so. */
function keepHere(place: StatePlace, state: State, error: unknown): unknown {
  try {
    const file = keepUnsaved(place, writeDocument(sortResources(state)));
    const why = error instanceof StateError ? error.message : describeReason(error);
    const { message, hint } = explain("state/kept-here", { file, why });
    const move = error instanceof StateError ? say("state/kept-here-after", { move: error.hint }) : hint;
    return new StateError(file, { message, hint: move }, { cause: error });
  } catch {
    return error;
  }
}

/** Saves the state unless it is what was saved `last`; returns what is saved now. Throws {@link StateUnwritable}. */
async function save(
  { locked, texts }: Pick<StoreEnd, "locked" | "texts">,
  last: State | undefined,
  state: State,
): Promise<State> {
  const sorted = sortResources(state);
  const { format, files, promotion, resources } = sorted;
  const parts = { format, files, promotion, resources };
  const isSame = last && JSON.stringify({ ...last, ...parts }) === JSON.stringify(last);
  if (isSame && last.serial > 0) return sorted;
  const next: State = { ...sorted, serial: state.serial + 1 };
  await texts.flush();
  await locked.save(writeDocument(next), next);
  return next;
}

/** Sorted, a state reads well in version control. */
const sortResources = (state: State): State => ({
  ...state,
  resources: Object.fromEntries(Object.entries(state.resources).sort(([a], [b]) => (a < b ? -1 : 1))),
});

/** A state as it is stored. */
export const writeDocument = (state: State): Uint8Array => Buffer.from(`${JSON.stringify(state, null, 2)}\n`);
