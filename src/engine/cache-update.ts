import type { Address } from "../core/address.ts";
import { digestSpec } from "../core/digest.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Observed, Plan } from "../plan/plan.ts";
import type { Cache, CachedObservation } from "../state/cache.ts";
import type { Engine } from "./engine.ts";
import { isSettled } from "./references.ts";

/** Remembers which objects were seen to be as wanted, at which revision, so that they needn't be read again. */
export function refreshCache<Api>(
  engine: Engine<Api>,
  cache: Cache,
  plan: Plan,
  observed: ReadonlyMap<Address, Observed>,
  salt: string,
): Cache {
  const planned = new Set(plan.steps.map(({ address }) => address));
  // A plan for some targets says nothing of the others.
  const next = new Map<Address, CachedObservation>([...cache].filter(([address]) => !planned.has(address)));
  for (const { address, kind: name, action, spec } of plan.steps) {
    const seen = observed.get(address);
    if (action !== "no-op" || seen?.status !== "present" || !spec) continue;
    const known = cache.get(address);
    if (seen.partial && known) next.set(address, known);
    const { id, revision } = seen.item;
    // A revision counts in seconds: one that wasn't past yet when the object was read may hide a later change.
    const past = revision !== undefined && seen.readAt !== undefined && seen.readAt > revision;
    if (!past || revision === undefined || !isSettled(spec)) continue;
    next.set(address, {
      id,
      revision,
      digest: digestSpec(findKind(engine.provider, name).fields, spec, salt),
    });
  }
  return next;
}
