import type { Address } from "../core/address.ts";
import type { Fields } from "../core/field.ts";
import { mapLeaves, valueAt } from "../core/spec-walk.ts";
import { isLookup, isReference, type Values } from "../core/value.ts";
import { findLostCall } from "../kind/lost-call.ts";
import type { Resource } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Observed } from "../plan/plan.ts";

/** Gives the ids of resources in the state by address, for those that `counts` accepts. */
export function referenceIds(
  entries: ReadonlyMap<Address, Entry>,
  counts: (address: Address) => boolean = () => true,
): (address: Address) => string | undefined {
  return (address) => (counts(address) ? entries.get(address)?.id : undefined);
}

/** A spec with ids for references, where there is one. */
export function resolveReferences(
  fields: Fields,
  spec: Values,
  idOf: (address: Address) => string | undefined,
): Values {
  return mapLeaves(fields, spec, ({ value }) => (isReference(value) ? (idOf(value.$ref) ?? value) : value));
}

/** What is known without calls. */
export interface Recollection {
  readonly desired: readonly Resource[];
  readonly observed: ReadonlyMap<Address, Observed>;
}

/** Every object of the state as unasked, and lookups answered from what was applied. `now`: epoch milliseconds. */
export function recall(
  desired: readonly Resource[],
  entries: ReadonlyMap<Address, Entry>,
  kindOf: (name: string) => Pick<KindSchema, "fields" | "listing">,
  now: number,
): Recollection {
  const observed = recallObserved(entries, kindOf, now);
  const answered = desired.map((resource): Resource => {
    const applied = entries.get(resource.address)?.spec ?? {};
    const spec = mapLeaves(kindOf(resource.kind).fields, resource.spec, ({ value, path }) =>
      isLookup(value) ? (valueAt(applied, path) ?? value) : value,
    );
    return { ...resource, spec };
  });
  return { desired: answered, observed };
}

/** Every object of the state as unasked. `now`: epoch milliseconds. */
export function recallObserved(
  entries: ReadonlyMap<Address, Entry>,
  kindOf: (name: string) => Pick<KindSchema, "listing">,
  now: number,
): Map<Address, Observed> {
  const observed = new Map<Address, Observed>();
  for (const [address, entry] of entries) {
    const lost = entry.id === undefined ? findLostCall(kindOf(entry.kind), entry, now) : undefined;
    const absent: Observed = { status: "absent", candidates: [], lost };
    observed.set(address, entry.id === undefined ? absent : { status: "unasked" });
  }
  return observed;
}
