import { rmSync } from "node:fs";
import { sweepDrafts, writeFileGuarded } from "../files/guarded-writing.ts";
import { say } from "../messages/text.ts";
import type { Backend, Stored } from "./backend.ts";
import { openFileJournal } from "./journal.ts";
import { locateFile, locateFolder, locateState, makeStateFolder, type StateLocation } from "./location.ts";
import { removeLock, takeLock } from "./lock.ts";
import { StateUnwritable } from "./model.ts";
import { readBytes } from "./state-file.ts";

/**
 * Keeps the state in files of the project's directory. Throws `StateError` when they are links that the user's
 * configuration doesn't allow.
 */
export function openLocalBackend(location: StateLocation): Backend {
  const names = { document: locateState(location), journal: locateFile(location, "journal") };
  const read = async () => readFiles(names.document, names.journal);
  return {
    names,
    read,
    async lock(holder) {
      const release = takeLock(locateFile(location, "lock"), holder);
      try {
        sweepDrafts(locateFolder(location));
      } catch (error) {
        await release();
        throw error;
      }
      return {
        read,
        openJournal: (header) => openFileJournal(names.journal, header),
        async save(document) {
          try {
            makeStateFolder(location);
            writeFileGuarded(names.document, document);
          } catch (error) {
            throw new StateUnwritable(names.document, error, say("state/save-again"));
          }
        },
        removeJournal: async () => rmSync(names.journal, { force: true }),
        release,
      };
    },
    unlock: async (id, force) => removeLock(locateFile(location, "lock"), id, force),
  };
}

/** Readers hold no lock: another run may save the state between the reading of the one file and of the other. */
function readFiles(documentFile: string, journalFile: string): Stored {
  for (let document = readBytes(documentFile); ; ) {
    const journal = readBytes(journalFile);
    const now = readBytes(documentFile);
    if (document && now ? Buffer.compare(document, now) === 0 : document === now)
      return { document, journals: journal ? [journal] : [] };
    document = now;
  }
}
