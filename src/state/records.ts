import { say } from "../messages/text.ts";
import type { LineOptions, LockedBackend, StoredNames } from "./backend.ts";
import type { Journal, JournalHeader, JournalRecord } from "./journal.ts";
import { StateUnwritable } from "./model.ts";

/** The journal of a run, begun with its first record. After a failure nothing more is written. */
export function keepRecords(
  locked: LockedBackend,
  names: StoredNames,
  state: LineOptions & { readonly current: () => JournalHeader },
) {
  let journal: Journal | undefined;
  let broken: StateUnwritable | undefined;
  const breakOff = (error: unknown): StateUnwritable => {
    broken ??=
      error instanceof StateUnwritable
        ? error
        : new StateUnwritable(names.journal, error, say("state/finish-journal"));
    return broken;
  };
  const settle = async (begin: () => Promise<void> | undefined): Promise<void> => {
    if (broken) throw broken;
    await begin()?.catch((error: unknown) => {
      throw breakOff(error);
    });
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
    append: (record: JournalRecord): void =>
      attempt(() => {
        journal ??= locked.openJournal(state.current(), state);
        journal.append(record);
      }),
    kept: () => settle(() => journal?.kept()),
    synced: () => settle(() => journal?.synced()),
    dueIn: () => journal?.dueIn?.() ?? 0,
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
