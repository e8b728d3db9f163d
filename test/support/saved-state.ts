import { existsSync, readFileSync } from "node:fs";
import { foldJournal, parseJournal } from "../../src/state/journal.ts";
import { locateFile, locateState, type StateLocation } from "../../src/state/location.ts";
import { emptyState, type State } from "../../src/state/model.ts";
import { parseState } from "../../src/state/state-file.ts";

/** The state in a project's directory, with the journal of a run that was cut off. */
export function savedState(place: StateLocation): State {
  const [document, journal] = [locateState(place), locateFile(place, "journal")];
  const saved = existsSync(document)
    ? parseState(readFileSync(document), document)
    : emptyState(place.environment, "");
  return foldJournal(saved, existsSync(journal) ? parseJournal(readFileSync(journal), journal) : undefined)
    .state;
}
