import { keyOfPlace } from "../../kind/identity-match.ts";
import type { Place } from "../../kind/kind.ts";
import type { CozeKind } from "../schema/names.ts";

/** The objects that resources of Terraform's stand for, as far as a process has come across them. */
export interface KnownIds {
  /** `isPartial`: its creation wasn't completed. */
  note(kind: CozeKind, at: Place | undefined, isPartial?: boolean): void;
  has(kind: CozeKind, at: Place): boolean;
  isPartial(kind: CozeKind, at: Place): boolean;
  /** Whether there is one of this id, wherever it is. */
  hasId(kind: string, id: string): boolean;
  /** How many were noted, each time counted. */
  count(): number;
}

/** Knows none yet. */
export function createKnownIds(): KnownIds {
  const places = new Set<string>();
  const partial = new Set<string>();
  const ids = new Set<string>();
  let count = 0;
  const keyOf = (kind: CozeKind, at: Place) => `${kind.name}/${keyOfPlace(at)}`;
  return {
    note(kind, at, isPartial = false) {
      if (!at) return;
      count += 1;
      places.add(keyOf(kind, at));
      if (isPartial) partial.add(keyOf(kind, at));
      ids.add(`${kind.name}/${at.id}`);
    },
    has: (kind, at) => places.has(keyOf(kind, at)),
    isPartial: (kind, at) => partial.has(keyOf(kind, at)),
    hasId: (kind, id) => ids.has(`${kind}/${id}`),
    count: () => count,
  };
}
