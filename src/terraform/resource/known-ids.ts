import { keyOfPlace } from "../../kind/identity-match.ts";
import type { Place } from "../../kind/kind.ts";
import type { CozeKind } from "../schema/names.ts";
import type { PrivateNotes } from "./private-state.ts";

const keyOf = (kind: CozeKind, at: Place): string => `${kind.name}/${keyOfPlace(at)}`;

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

/**
 * Finds objects that the state has under two addresses, as after an adoption in a run with `-target`: Terraform showed
 * that run only some of the state. Their removal would delete what another resource stands for.
 */
export interface Doubles {
  /** Notes a resource of the walk; whether it is an object's second one, of which one is to be removed. */
  note(kind: CozeKind, at: Place, notes: PrivateNotes, isRemoved?: boolean): boolean;
}

/** For one walk of Terraform's, which tells a provider no addresses: resources are told apart by when they adopted. */
export function createDoubles(): Doubles {
  const held = new Map<string, Map<number | undefined, boolean>>();
  return {
    note(kind, at, { adopted }, isRemoved = false) {
      const key = keyOf(kind, at);
      const holders = held.get(key) ?? new Map<number | undefined, boolean>();
      held.set(key, holders.set(adopted, isRemoved || holders.get(adopted) === true));
      return holders.size > 1 && [...holders.values()].includes(true);
    },
  };
}
