import { keyOfPlace } from "../../kind/identity-match.ts";
import type { Place } from "../../kind/kind.ts";
import type { CozeKind } from "../schema/names.ts";
import type { PrivateNotes } from "./private-state.ts";

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
      const key = `${kind.name}/${keyOfPlace(at)}`;
      const holders = held.get(key) ?? new Map<number | undefined, boolean>();
      held.set(key, holders.set(adopted, isRemoved || holders.get(adopted) === true));
      return holders.size > 1 && [...holders.values()].includes(true);
    },
  };
}
