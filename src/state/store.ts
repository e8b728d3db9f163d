import type { Address } from "../core/address.ts";
import { normalizeEndpoint } from "../core/endpoint.ts";
import { describeReason } from "../core/system-error.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
import type { Backend, LockedBackend, Stored, StoredNames } from "./backend.ts";
import { foldJournal, type Journal, type JournalRecord, parseJournal, relateJournal } from "./journal.ts";
import { openLocalBackend } from "./local-backend.ts";
import type { StatePlace } from "./location.ts";
import { Locked } from "./lock.ts";
import { describeOwnProcess } from "./lock-holder.ts";
import {
  emptyState,
  type Promotion,
  type State,
  StateError,
  StateUnwritable,
  type UploadedFile,
} from "./model.ts";
import { parseState } from "./state-file.ts";
import { dropUnsaved, findUnsaved, keepUnsaved } from "./unsaved.ts";

/** A locked state with its journal. */
export interface Store {
  readonly state: State;
  /** The serial that the state had when it was opened; plans name it. */
  readonly openedAt: number;
  /** Each write takes the whole state, and so lines have to be gathered. */
  readonly isWhole: boolean;
  /** The document of the state with which the run began; undefined when there was none. */
  document(): Uint8Array | undefined;
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
  return readFolded(place, await backend.read(), backend.names).state;
};

const backendOf = (place: StatePlace): Backend => place.backend ?? openLocalBackend(place);

/** The saved state, and what it is with the journal that continues it. */
interface Folded {
  readonly saved: State;
  readonly state: State;
  readonly folded: number;
}

function readFolded(place: StatePlace, stored: Stored, names: StoredNames): Folded {
  const saved = stored.document
    ? parseState(stored.document, names.document)
    : emptyState(place.environment, place.endpoint ?? "", place.lineage);
  const { state, folded } = foldJournals(saved, stored, names);
  if (state.environment !== place.environment) {
    const found = { saved: state.environment, chosen: place.environment };
    throw new StateError(names.document, explain("state/other-environment", found));
  }
  if (place.endpoint === undefined) return { saved, state, folded };
  // Older versions remembered an address as it was written.
  if (normalizeEndpoint(state.endpoint) === normalizeEndpoint(place.endpoint))
    return { saved, state, folded };
  if (Object.keys(state.resources).length > 0) {
    const endpoints = { saved: state.endpoint, chosen: place.endpoint };
    throw new StateError(names.document, explain("state/other-endpoint", endpoints));
  }
  // Uploads are of no use elsewhere.
  return { saved, state: { ...state, endpoint: place.endpoint, files: {} }, folded };
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
  return { state, folded };
}

/** How long a run waits for the lock of another one. */
export interface LockWait {
  /** Milliseconds. */
  readonly timeout: number;
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  readonly signal?: AbortSignal | undefined;
  /** Called once, when the waiting begins. */
  readonly onWait?: ((locked: Locked) => void) | undefined;
}

/**
 * Locks the state and folds in the journal of a killed run. Without `wait` it doesn't wait for another run. Throws
 * {@link Locked} or {@link StateError}.
 */
export async function openStore(place: StatePlace, command: string, wait?: LockWait): Promise<Store> {
  const backend = backendOf(place);
  const locked = await lockPatiently(backend, command, wait);
  try {
    return await lockedStore(place, locked, backend.names);
  } catch (error) {
    await locked.release();
    throw error;
  }
}

/** Milliseconds between two attempts to lock: the first and the longest. */
const lockPauses = { first: 500, most: 5000 };

async function lockPatiently(
  backend: Backend,
  command: string,
  wait: LockWait | undefined,
): Promise<LockedBackend> {
  const holder = describeOwnProcess(command);
  const end = wait ? wait.clock.now() + wait.timeout : 0;
  for (let pause = lockPauses.first, isFirst = true; ; pause = Math.min(2 * pause, lockPauses.most)) {
    try {
      return await backend.lock(holder);
    } catch (error) {
      const left = wait ? end - wait.clock.now() : 0;
      if (!(error instanceof Locked) || !wait || left <= 0 || wait.signal?.aborted) throw error;
      if (isFirst) wait.onWait?.(error);
      isFirst = false;
      await wait.clock.sleep(Math.min(pause, left), wait.signal);
    }
  }
}

async function lockedStore(place: StatePlace, locked: LockedBackend, names: StoredNames): Promise<Store> {
  const { saved, state: read, folded } = readFolded(place, await locked.read(), names);
  // It contains what the journal says, and what came after it.
  const unsaved = place.backend && findUnsaved(place, saved, names);
  const isBehind = folded > 0 || unsaved !== undefined;
  const opened = unsaved ?? read;
  const begun = isBehind ? await save(locked, saved, opened) : opened;
  let last: State | undefined = isBehind ? begun : saved;
  // Thousands of entries change one by one, so the map is changed in place. Entries are never changed.
  let resources: Record<Address, Entry> = { ...begun.resources };
  let state: State = { ...begun, resources };
  await locked.removeJournal();
  if (unsaved) dropUnsaved(place);
  const writeWhole = () => {
    // It may never arrive, so the last save isn't known to be what is stored any more.
    last = undefined;
    state = { ...state, serial: state.serial + 1 };
    return writeDocument(sortResources(state));
  };
  const records = keepRecords(locked, names, { current: () => state, writeWhole });
  const append = records.append;
  return {
    get state() {
      return state;
    },
    openedAt: opened.serial,
    isWhole: place.backend?.isWhole === true,
    document: () => (begun.serial > 0 ? writeDocument(begun) : undefined),
    put(note, entries, promotion) {
      append({ note, entries, promotion });
      if (promotion) state = { ...state, promotion };
      for (const [address, entry] of Object.entries(entries)) {
        if (entry === null) delete resources[address];
        else resources[address] = entry;
      }
    },
    putFile(sha256, file) {
      append({ note: "uploaded", files: { [sha256]: file } });
      state = { ...state, files: { ...state.files, [sha256]: file } };
    },
    putPromotion(promotion) {
      append({ note: "promotion", promotion });
      state = { ...state, promotion };
    },
    kept: records.kept,
    synced: records.synced,
    async replace(next) {
      await locked.save(writeDocument(next), next);
      last = next;
      resources = { ...next.resources };
      state = { ...next, resources };
    },
    async close() {
      try {
        if ((await records.end()) === "none") return;
        last = await save(locked, last, state);
        await locked.removeJournal();
      } catch (error) {
        if (place.backend) {
          // Of several whole documents the last one wasn't written.
          const serial = Math.max(begun.serial, state.serial - 1);
          throw keepHere(place, { ...state, serial }, error);
        }
        // The journal contains every change, and the next run folds it in. The run knows why it was broken off.
        if (!records.isBroken(error)) throw error;
      } finally {
        await locked.release();
      }
    },
  };
}

/** Keeps a state on this machine that couldn't be saved where it belongs; returns the error that says so. */
function keepHere(place: StatePlace, state: State, error: unknown): unknown {
  try {
    const file = keepUnsaved(place, writeDocument(sortResources(state)));
    const why = error instanceof StateError ? error.message : describeReason(error);
    return new StateError(file, explain("state/kept-here", { file, why }), { cause: error });
  } catch {
    return error;
  }
}

/** The journal of a run, begun with its first record. After a failure nothing more is written. */
function keepRecords(
  locked: LockedBackend,
  names: StoredNames,
  state: { readonly current: () => State; readonly writeWhole: () => Uint8Array },
) {
  let journal: Journal | undefined;
  let broken: StateUnwritable | undefined;
  const breakOff = (error: unknown): StateUnwritable => {
    broken ??= new StateUnwritable(names.journal, error, say("state/finish-journal"));
    return broken;
  };
  const settle = async (begin: () => Promise<void> | undefined): Promise<void> => {
    if (broken) throw broken;
    await begin()?.catch((error: unknown) => {
      throw breakOff(error);
    });
  };
  return {
    append(record: JournalRecord): void {
      if (broken) throw broken;
      try {
        journal ??= locked.openJournal(state.current(), state.writeWhole);
        journal.append(record);
      } catch (error) {
        throw breakOff(error);
      }
    },
    kept: () => settle(() => journal?.kept()),
    synced: () => settle(() => journal?.synced()),
    /** Ends the journal. Throws {@link StateUnwritable} when the run knows that a record wasn't written. */
    async end(): Promise<"none" | "whole"> {
      // What is gathered needn't be written: the document that is saved next has it.
      await journal?.close();
      if (broken) throw broken;
      return journal ? "whole" : "none";
    },
    isBroken: (error: unknown): boolean => broken !== undefined && error === broken,
  };
}

/** Saves the state unless it is what was saved `last`; returns what is saved now. Throws {@link StateUnwritable}. */
async function save(locked: LockedBackend, last: State | undefined, state: State): Promise<State> {
  const sorted = sortResources(state);
  const { files, promotion, resources } = sorted;
  const isSame = last && JSON.stringify({ ...last, files, promotion, resources }) === JSON.stringify(last);
  if (isSame && last.serial > 0) return sorted;
  const next: State = { ...sorted, serial: state.serial + 1 };
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
