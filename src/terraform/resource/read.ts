import { canonicalJson, type Values } from "../../core/value.ts";
import { holderId } from "../../kind/holder.ts";
import type { Place } from "../../kind/kind.ts";
import type { HeldResource, ResourceState, StoredResource } from "../provider/provider-interface.ts";
import type { Known } from "../remote/refresh.ts";
import type { Remote } from "../remote/remote.ts";
import type { CozeKind } from "../schema/names.ts";
import { comparing, toValues } from "./attribute-conversion.ts";
import { mergeLive } from "./merge-live.ts";
import { type PrivateNotes, readNotes, renewNotes } from "./private-state.ts";

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
  const shown = mergeLive(kind.fields, state, withoutNotTaken(seen.live, notes), {
    whole: seen.whole,
    guess: notes.imported === true,
    forms: notes.read,
  });
  return {
    state: shown,
    privateState: renewNotes(privateState, {
      revision: seen.revision,
      failed: seen.health === "failed" ? true : undefined,
      pending: undefined,
    }),
  };
}

/** What is live, without the fields of which Coze took another value than the one that was written, and keeps it. */
const withoutNotTaken = (live: Values, { notTaken = {} }: PrivateNotes): Values =>
  Object.fromEntries(
    Object.entries(live).filter(
      ([name, value]) =>
        notTaken[name] === undefined || canonicalJson(notTaken[name]) !== canonicalJson(value),
    ),
  );

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
