import type { Address } from "../core/address.ts";
import { normalizeEndpoint } from "../core/endpoint.ts";
import { sweepDrafts, writeFileGuarded } from "../files/guarded-writing.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
import { backUpState } from "./backup.ts";
import {
  foldJournal,
  type Journal,
  openJournal,
  type ReadJournal,
  readJournal,
  relateJournal,
  removeJournal,
} from "./journal.ts";
import { locateFile, locateFolder, locateState, makeStateFolder, type StatePlace } from "./location.ts";
import { takeLock } from "./lock.ts";
import {
  emptyState,
  type Promotion,
  type State,
  StateError,
  StateUnwritable,
  stateFormat,
  type UploadedFile,
} from "./model.ts";
import { hashesIn, openReleaseTexts, type ReleaseTexts, withStoredTexts } from "./release-texts.ts";
import { parseState, readBytes } from "./state-file.ts";

/** A locked state with its journal. Each write outlives the process when the call returns. */
export interface Store {
  readonly state: State;
  /** The configurations of its releases. What `put` is given of them is stored there, and not in the state. */
  readonly texts: ReleaseTexts;
  /** The serial that the state had when it was opened; plans name it. */
  readonly openedAt: number;
  /**
   * Writes entries, and the promotion if there is one; null removes an entry. Throws {@link StateUnwritable}, and
   * after that on every call.
   */
  put(note: string, entries: { readonly [address: Address]: Entry | null }, promotion?: Promotion): void;
  putFile(sha256: string, file: UploadedFile): void;
  putPromotion(promotion: Promotion): void;
  /** Resolves when all writes so far would outlive a power cut. Rejects with {@link StateUnwritable}. */
  synced(): Promise<void>;
  /** Writes the state file and releases the lock. The journal is removed once the state contains all of it. */
  close(): void;
}

/** The state with its journal folded in, without a lock and without writing. */
export const readState = (place: StatePlace): State => readFolded(place).state;

function readFolded(place: StatePlace): ReturnType<typeof foldJournal> {
  const file = locateState(place);
  const { saved, journal } = readBoth(place, file);
  const { state, folded } = foldJournal(saved, journal);
  if (state.environment !== place.environment) {
    const names = { saved: state.environment, chosen: place.environment };
    throw new StateError(file, explain("state/other-environment", names));
  }
  if (place.endpoint === undefined) return { state, folded };
  // Older versions remembered an address as it was written.
  if (normalizeEndpoint(state.endpoint) === normalizeEndpoint(place.endpoint)) return { state, folded };
  if (Object.keys(state.resources).length > 0) {
    const endpoints = { saved: state.endpoint, chosen: place.endpoint };
    throw new StateError(file, explain("state/other-endpoint", endpoints));
  }
  // Uploads are of no use elsewhere.
  return { state: { ...state, endpoint: place.endpoint, files: {} }, folded };
}

/** The last saved state and the journal that continues it. */
function readBoth(
  place: StatePlace,
  file: string,
): { readonly saved: State; readonly journal: ReadJournal | undefined } {
  for (let earlier: State | undefined; ; ) {
    const bytes = readBytes(file);
    const saved = bytes
      ? parseState(bytes, file)
      : emptyState(place.environment, place.endpoint ?? "", place.lineage);
    const journal = readJournal(locateFile(place, "journal"));
    const relation = journal ? relateJournal(saved, journal) : "folded";
    if (relation === "continues") return { saved, journal };
    // Readers hold no lock: another run may have saved the state between the two readings.
    if (relation === "folded" && isStill(file, bytes, saved.serial)) return { saved, journal: undefined };
    if (relation !== "folded" && earlier?.serial === saved.serial) throw relation;
    earlier = saved;
  }
}

/** Whether a state file is as it was read. One of the same bytes isn't read as JSON again. */
function isStill(file: string, then: Uint8Array | undefined, serial: number): boolean {
  const now = readBytes(file);
  if (!now || !then) return now === then;
  return Buffer.compare(now, then) === 0 || parseState(now, file).serial === serial;
}

/** Locks the state and folds in the journal of a killed run. Throws Locked or {@link StateError}. */
export function openStore(place: StatePlace, command: string): Store {
  const release = takeLock(locateFile(place, "lock"), command);
  try {
    return lockedStore(place, release);
  } catch (error) {
    release();
    throw error;
  }
}

function lockedStore(place: StatePlace, release: () => void): Store {
  const journalFile = locateFile(place, "journal");
  sweepDrafts(locateFolder(place));
  const texts = openReleaseTexts(place);
  const { state: opened, folded } = readFolded(place);
  const begun = folded > 0 ? save(place, migrate(place, opened), texts) : opened;
  let isSweepDue = false;
  // Thousands of entries change one by one, so the map is changed in place. Entries are never changed.
  const resources: Record<Address, Entry> = { ...begun.resources };
  let state: State = { ...begun, resources };
  removeJournal(journalFile);
  if (folded > 0) texts.sweep(hashesIn(resources));
  const writing = openWriting(journalFile, () => {
    state = migrate(place, state);
    return state;
  });
  return {
    get state() {
      return state;
    },
    texts,
    openedAt: opened.serial,
    put(note, given, promotion) {
      const stored = writing.attempt(() => storeTexts(given, texts));
      writing.append({ note, entries: stored, promotion });
      if (promotion) state = { ...state, promotion };
      for (const [address, entry] of Object.entries(stored)) {
        const former = resources[address]?.history;
        isSweepDue ||= former !== undefined && former !== entry?.history;
        if (entry === null) delete resources[address];
        else resources[address] = entry;
      }
    },
    putFile(sha256, file) {
      writing.append({ note: "uploaded", files: { [sha256]: file } });
      state = { ...state, files: { ...state.files, [sha256]: file } };
    },
    putPromotion(promotion) {
      writing.append({ note: "promotion", promotion });
      state = { ...state, promotion };
    },
    synced: writing.synced,
    close() {
      try {
        // The journal contains every change. The next run folds it in.
        if (!writing.close()) return;
        state = save(place, state, texts);
        removeJournal(journalFile);
        if (isSweepDue) texts.sweep(hashesIn(state.resources));
      } finally {
        release();
      }
    },
  };
}

/** Entries with their texts stored and named by hash. */
const storeTexts = (entries: Parameters<Store["put"]>[1], texts: ReleaseTexts): Parameters<Store["put"]>[1] =>
  Object.fromEntries(
    Object.entries(entries).map(([address, entry]) => [
      address,
      entry && withStoredTexts(entry, texts.write),
    ]),
  );

/** Writes to the journal, which `begin` gives the state to begin with; nothing is written after what failed. */
function openWriting(journalFile: string, begin: () => State) {
  let journal: Journal | undefined;
  let broken: StateUnwritable | undefined;
  const breakOff = (error: unknown): StateUnwritable => {
    broken ??=
      error instanceof StateUnwritable
        ? error
        : new StateUnwritable(journalFile, error, say("state/finish-journal"));
    return broken;
  };
  const attempt = <T>(write: () => T): T => {
    if (broken) throw broken;
    try {
      return write();
    } catch (error) {
      throw breakOff(error);
    }
  };
  return {
    attempt,
    append: (record: Parameters<Journal["append"]>[0]): void =>
      attempt(() => {
        journal ??= openJournal(journalFile, begin());
        journal.append(record);
        // How far a promotion has come can't be found out at Coze.
        if (record.promotion) journal.syncNow();
      }),
    async synced() {
      if (broken) throw broken;
      await journal?.synced().catch((error: unknown) => {
        throw breakOff(error);
      });
    },
    /** Whether there is anything to save. */
    close(): boolean {
      journal?.close();
      return journal !== undefined && broken === undefined;
    },
  };
}

/** A state that is about to be changed, in the newest format; one of an older version is copied to the backups first. */
function migrate(place: StatePlace, state: State): State {
  if (state.format === stateFormat) return state;
  backUpState(place, Date.now(), `${JSON.stringify(state, null, 2)}\n`);
  return { ...state, format: stateFormat };
}

/** Writes the state when it differs from what is on the disk; sorted, so that it reads well in version control. */
function save(place: StatePlace, state: State, texts: ReleaseTexts): State {
  const file = locateState(place);
  const sorted = Object.fromEntries(
    Object.entries(state.resources)
      .map(([address, entry]) => [address, withStoredTexts(entry, texts.write)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const current = readStateFile(file);
  const { format, files, promotion } = state;
  const parts = { format, files, promotion };
  const same = current && JSON.stringify({ ...current, ...parts, resources: sorted });
  if (current && same === JSON.stringify(current)) return { ...state, resources: sorted };
  const next: State = { ...state, serial: state.serial + 1, resources: sorted };
  try {
    makeStateFolder(place);
    writeFileGuarded(file, `${JSON.stringify(next, null, 2)}\n`);
  } catch (error) {
    throw new StateUnwritable(file, error, say("state/save-again"));
  }
  return next;
}

function readStateFile(file: string): State | undefined {
  const bytes = readBytes(file);
  return bytes && parseState(bytes, file);
}
