import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";

/** What of a state nothing can be planned with: kinds that this version doesn't know, one object under two addresses. */
export function findUnfitEntries(
  entries: ReadonlyMap<Address, Entry>,
  kinds: readonly KindSchema[],
): readonly Diagnostic[] {
  const known = new Map(kinds.map((kind) => [kind.name, kind]));
  const owners = new Map<string, Address>();
  return [...entries].flatMap(([address, { kind: name, parent, id }]): readonly Diagnostic[] => {
    const kind = known.get(name);
    if (!kind) {
      const message = `the state holds ${address}, of a kind that this cozeform doesn't know`;
      return [complain(address, message, `upgrade cozeform, or forget it: cozeform state rm '${address}'`)];
    }
    // A member bears the user's id, so one that is on its way to another address stands under both.
    if (id === undefined || kind.unique) return [];
    const object = JSON.stringify([name, parent, id]);
    const other = owners.get(object);
    if (other === undefined) {
      owners.set(object, address);
      return [];
    }
    const message = `the state holds the object ${id} under two addresses, ${other} and ${address}`;
    return [complain(address, message, `forget the one that isn't meant: cozeform state rm '${address}'`)];
  });
}

const complain = (address: Address, message: string, hint: string): Diagnostic => ({
  code: "unfit-state",
  severity: "error",
  message,
  hint,
  address,
});
