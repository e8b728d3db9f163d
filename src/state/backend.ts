import type { Journal, JournalHeader } from "./journal.ts";
import type { LockHolder } from "./lock-holder.ts";

/** What a backend stores of one environment's state. */
export interface Stored {
  /** The state as it was saved last; undefined when there is none. */
  readonly document: Uint8Array | undefined;
  /** The lines of the journal of a run that hasn't saved the state yet; undefined when there is none. */
  readonly journal: Uint8Array | undefined;
}

/** Where messages say that the parts of a state are: paths, or addresses without credentials. */
export interface StoredNames {
  readonly document: string;
  readonly journal: string;
}

/** A place that keeps the state of one environment: its document, the journal of a run, and the lock. */
export interface Backend {
  readonly names: StoredNames;
  /** Reads without the lock. Throws `StateError` when the place can't be read. */
  read(): Promise<Stored>;
  /** Takes the lock, without waiting. Throws `Locked` when another run has it, `StateUnwritable` when it can't be taken. */
  lock(holder: LockHolder): Promise<LockedBackend>;
}

/** A backend whose lock this run holds. */
export interface LockedBackend {
  /** Reads what is stored, as {@link Backend.read}. */
  read(): Promise<Stored>;
  /**
   * Begins the journal of a state. `whole` returns the document that the state would have with all lines so far, for
   * places that keep nothing but whole documents.
   */
  openJournal(header: JournalHeader, whole: () => Uint8Array): Journal;
  /** Replaces the document durably. The journal stays until {@link removeJournal}. Throws `StateUnwritable`. */
  save(document: Uint8Array): Promise<void>;
  /** Removes the journal, whose lines the document contains by now. */
  removeJournal(): Promise<void>;
  /** Gives the lock back. Doesn't throw: the next run says whose lock is left. */
  release(): Promise<void>;
}
