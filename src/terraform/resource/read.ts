import { holderId } from "../../kind/holder.ts";
import type { Place } from "../../kind/kind.ts";
import type { HeldResource, ResourceState, StoredResource } from "../provider/provider-interface.ts";
import type { Known } from "../remote/refresh.ts";
import type { Remote } from "../remote/remote.ts";
import type { CozeKind } from "../schema/names.ts";
import { comparing, toValues } from "./attribute-conversion.ts";
import { mergeLive } from "./merge-live.ts";
import { type PrivateNotes, readNotes, writeNotes } from "./private-state.ts";

/** Looks at a resource's object; throws what `explain` understands, also when the token may not see it. */
export async function readResource(
  kind: CozeKind,
  remote: Remote,
  { state, privateState }: HeldResource,
): Promise<StoredResource> {
  const notes = readNotes(privateState);
  const place = placeIn(kind, state);
  // Of one that Coze is still making there is nothing to see.
  if (!place) return { state, privateState };
  const seen = await remote.look(kind, place, knownOf(kind, state, notes));
  if (seen.status === "absent")
    return notes.pending ? { state, privateState } : { state: null, privateState };
  const shown = mergeLive(kind.fields, state, seen.live, {
    whole: seen.whole,
    guess: notes.imported === true,
    forms: notes.read,
  });
  const { revision: _before, failed: _earlier, pending: _waited, ...rest } = notes;
  return {
    state: shown,
    privateState: writeNotes({
      ...rest,
      revision: seen.revision,
      failed: seen.health === "failed" ? true : undefined,
    }),
  };
}

/** Where the object of a state is; undefined while it has no id. */
export function placeIn(kind: CozeKind, state: ResourceState): Place | undefined {
  if (typeof state.id !== "string") return undefined;
  return { id: state.id, parent: holderId(kind, state) };
}

/** What a look at an object may rely on. */
export const knownOf = (kind: CozeKind, state: ResourceState, { revision, made }: PrivateNotes): Known => ({
  spec: toValues(kind.fields, state, comparing),
  revision,
  made,
});
