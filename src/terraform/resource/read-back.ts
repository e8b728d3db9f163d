import type { Sighting } from "../../lifecycle/presence.ts";
import type { ResourceState, StoredResource } from "../provider/provider-interface.ts";
import type { Remote } from "../remote/remote.ts";
import { type CozeKind, taskName, unfinishedName } from "../schema/names.ts";
import { isMadeInSteps } from "../schema/resource-schema.ts";
import { nameOfCall, type Progress } from "./calls.ts";
import { fillIn, findForms } from "./merge-live.ts";
import { type PrivateNotes, writeNotes } from "./private-state.ts";
import { knownOf } from "./read.ts";

/** What is there after calls: what was planned, and for the rest what Coze shows once nothing is left. */
export async function readBack(
  kind: CozeKind,
  remote: Remote,
  states: Reached,
  notes: PrivateNotes,
  progress: Progress,
): Promise<StoredResource> {
  const seen = await lookBack(kind, remote, states.reached, notes, progress);
  return storeSeen(kind, seen, states, notes, progress);
}

/** The states before calls and after them, as far as these were planned. */
interface Reached {
  readonly prior: ResourceState;
  readonly reached: ResourceState;
}

/** What Coze shows after calls; nothing while some are left. A failed look takes nothing away from what was done. */
export async function lookBack(
  kind: CozeKind,
  remote: Remote,
  reached: ResourceState,
  notes: PrivateNotes,
  { place, left }: Progress,
): Promise<Pick<Extract<Sighting, { status: "present" }>, "live" | "revision">> {
  if (!place || left.length > 0) return { live: {} };
  const known = knownOf(kind, { ...reached, id: place.id }, notes);
  const seen = await remote.lookAgain(kind, place, known).catch(() => undefined);
  return seen?.status === "present" ? seen : { live: {} };
}

/** The state after calls, filled with what was seen, and the notes that go with it. */
export function storeSeen(
  kind: CozeKind,
  { live, revision }: Awaited<ReturnType<typeof lookBack>>,
  { prior, reached }: Reached,
  notes: PrivateNotes,
  progress: Progress,
): StoredResource {
  const state = { ...reached, id: progress.place?.id ?? null };
  const filled = showVersion(kind, fillIn(kind.fields, state, live), prior, progress);
  const read = { ...notes.read, ...findForms(kind.fields, filled, live, prior) };
  return {
    state: markUnfinished(kind, filled, progress),
    privateState: writeNotes({
      ...notes,
      revision,
      read: Object.keys(read).length > 0 ? read : undefined,
    }),
  };
}

/** Where a read leaves the version of an object empty, it is that of the last publication. */
function showVersion(
  { release }: CozeKind,
  state: ResourceState,
  prior: ResourceState,
  { published, left }: Progress,
): ResourceState {
  const name = release?.version;
  if (name === undefined || (state[name] && left.length === 0)) return state;
  const version = published ? published.version : prior[name];
  return version ? { ...state, [name]: version } : state;
}

function markUnfinished(
  kind: CozeKind,
  state: ResourceState,
  { left, task, place }: Progress,
): ResourceState {
  if (left.length === 0 || !isMadeInSteps(kind)) return state;
  const unfinished = { ...state, [unfinishedName]: [...new Set(left.map(nameOfCall))] };
  return task === undefined || place ? unfinished : { ...unfinished, [taskName]: task };
}
