import type { Journal, JournalHeader } from "./journal.ts";
import type { ForeignHolder, LockHolder } from "./lock-holder.ts";

/** What a backend stores of one environment's state. */
export interface Stored {
  /** The state as it was saved last; undefined when there is none. */
  readonly document: Uint8Array | undefined;
  /**
   * The journals of runs that haven't saved the state yet, the oldest first. There is at most one unless a run that lost
   * its lock went on for a while.
   */
  readonly journals: readonly Uint8Array[];
}

/** Where messages say that the parts of a state are: paths, or addresses without credentials. */
export interface StoredNames {
  readonly document: string;
  readonly journal: string;
}

/** The configurations of releases by hash, beside the document that names them. */
export interface StoredTexts {
  /** Those that are there. Throws `StateError`. */
  read(hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** The same under the lock. */
export interface KeptTexts extends StoredTexts {
  /** Stores texts durably, also those that are there already. Throws `StateError`. */
  write(texts: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Removes all but these. */
  sweep(inUse: ReadonlySet<string>): Promise<void>;
}

/** A version of the document that a place keeps. */
export interface StoredVersion {
  /** What {@link Versions.read} takes. */
  readonly id: string;
  /** When it was saved; epoch milliseconds. */
  readonly at: number;
  readonly bytes: number;
  readonly isCurrent: boolean;
}

/** The versions of a document that a place keeps. */
interface Versions {
  /** The newest first; none where the place keeps no former ones. Throws `StateError`. */
  list(): Promise<readonly StoredVersion[]>;
  /** Undefined when there is no such version. Throws `StateError`. */
  read(id: string): Promise<Uint8Array | undefined>;
}

/** A place that keeps the state of one environment: its document, the journal of a run, and the lock. */
export interface Backend {
  readonly names: StoredNames;
  /** Absent where documents contain the configurations of releases, or lie beside the project. */
  readonly texts?: StoredTexts;
  /** It keeps nothing but whole documents, and no single lines of a journal. */
  readonly isWhole?: true;
  /** Absent where the place can keep the newest document alone, or doesn't list others. */
  readonly versions?: Versions;
  /** Reads without the lock. Throws `StateError` when the place can't be read. */
  read(): Promise<Stored>;
  /** Takes the lock, without waiting. Throws `Locked` when another run has it, `StateUnwritable` when it can't be taken. */
  lock(holder: LockHolder): Promise<LockedBackend>;
  /**
   * Releases the lock of another run by its id, and returns its holder. Throws `StateError` when there is no lock, or one
   * of another id, or its process is known to run on this machine and `force` isn't given; and `StateUnwritable` when it
   * can't be released.
   */
  unlock(id: string, force?: boolean): Promise<LockHolder | ForeignHolder>;
}

/** What tells the documents of states apart. */
type StateVersion = Pick<JournalHeader, "lineage" | "serial">;

/** How the lines of a run are written. */
export interface LineOptions {
  /**
   * The document of the state with all lines so far, under a higher serial with each call, for places that keep nothing
   * but whole documents.
   */
  whole(): Uint8Array;
  /** Stores what the lines refer to; to be awaited before they are written. */
  before(): Promise<void>;
}

/** A backend whose lock this run holds. */
export interface LockedBackend {
  readonly texts?: KeptTexts;
  /** Reads what is stored, as {@link Backend.read}. */
  read(): Promise<Stored>;
  /** Begins the journal of a state. */
  openJournal(header: JournalHeader, options: LineOptions): Journal;
  /**
   * Replaces the document durably; `version` is that of its state. The journal may stay until {@link removeJournal}.
   * Throws `StateUnwritable`.
   */
  save(document: Uint8Array, version: StateVersion): Promise<void>;
  /** Removes the journals that were read, whose lines the document contains by now. */
  removeJournal(): Promise<void>;
  /** Gives the lock back. Doesn't throw: the next run says whose lock is left. */
  release(): Promise<void>;
}
