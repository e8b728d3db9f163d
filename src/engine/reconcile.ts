import type { Address } from "../core/address.ts";
import { digestSpec, rememberSpec } from "../core/digest.ts";
import { canonicalJson, isSettled } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Provider } from "../kind/kind.ts";
import type { Entry } from "../kind/state-entry.ts";
import { restrictToOwn } from "../plan/diff.ts";
import type { Observed, Plan, Step } from "../plan/plan.ts";
import type { Cache, CachedObservation } from "../state/cache.ts";
import type { Store } from "../state/store.ts";
import type { Engine } from "./engine.ts";

/**
 * Brings the state up to date where nothing is to be done at Coze: protection, dependencies and the wanted spec may have
 * changed all the same, and a pending object may have become ready.
 */
export function reconcileState<Api>(provider: Provider<Api>, store: Store, plan: Plan): void {
  const changed: [Address, Entry][] = [];
  for (const step of plan.steps) {
    const entry = store.state.resources[step.address];
    const next = entry && isAsWanted(step) && updateEntry(provider, store, step, entry);
    if (next && canonicalJson(next) !== canonicalJson(entry)) changed.push([step.address, next]);
  }
  if (changed.length > 0) store.put("reconciled", Object.fromEntries(changed));
}

/** Whether the object is as its manifest wants it. */
const isAsWanted = ({ action }: Pick<Step, "action">): boolean => action === "no-op" || action === "moved";

function updateEntry<Api>(
  provider: Provider<Api>,
  store: Store,
  step: Step,
  entry: Entry,
): Entry | undefined {
  if (!step.spec || !step.place || entry.id === undefined) return undefined;
  const { preventDestroy: _protected, note, ...rest } = entry;
  const next: Entry = {
    ...rest,
    preventDestroy: step.preventDestroy,
    dependencies: step.dependencies,
  };
  // An object that isn't seen yet (an invitation) stays as it was.
  if (!step.live || !isSettled(step.spec)) return note === undefined ? next : { ...next, note };
  const { fields } = findKind(provider, step.kind);
  const own = restrictToOwn(fields, step.spec, step.own);
  return { ...next, status: "ready", spec: rememberSpec(fields, own, store.state.lineage) };
}

/** An entry that has what Coze holds instead of what was applied; values of changed fields have no other form then. */
export function refreshEntry(
  { read = {}, ...entry }: Entry,
  spec: Entry["spec"],
  changes: Step["changes"],
): Entry {
  const changed = new Set(changes.map(({ path }) => String(path[0])));
  const forms = Object.entries(read).filter(([path]) => !changed.has(path.split(/[.[]/u)[0] ?? path));
  return { ...entry, spec, ...(forms.length > 0 ? { read: Object.fromEntries(forms) } : {}) };
}

/** A cache that knows which objects were seen to be as wanted, at which revision, so that they needn't be read again. */
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
    const kept = cache.get(address);
    // It was read for no change, and may turn out to be the same object under another address.
    if (action === "undecided" && kept) next.set(address, kept);
    if (!isAsWanted({ action }) || seen?.status !== "present" || !spec) continue;
    const known = cache.get(address);
    const { id, revision } = seen.item;
    if (seen.partial) {
      if (known) next.set(address, known);
    } else if (revision !== undefined && isSettled(spec)) {
      const digest = digestSpec(findKind(engine.provider, name).fields, spec, salt);
      next.set(address, { id, revision, digest });
    }
  }
  return next;
}
