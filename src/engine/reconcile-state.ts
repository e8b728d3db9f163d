import type { Address } from "../core/address.ts";
import { rememberSpec } from "../core/digest.ts";
import { canonicalJson } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Provider } from "../kind/kind.ts";
import type { Entry } from "../kind/state-entry.ts";
import { restrictTo } from "../plan/managed-fields.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Store } from "../state/store.ts";
import { isSettled } from "./references.ts";

/**
 * Brings what is remembered up to date where nothing is to be done at Coze: protection, dependencies and the
 * wanted spec may have changed all the same, and what was waited for may have come.
 */
export function reconcileState<Api>(provider: Provider<Api>, store: Store, plan: Plan): void {
  const changed: [Address, Entry][] = [];
  for (const step of plan.steps) {
    const entry = store.state.resources[step.address];
    const next = entry && step.action === "no-op" && updateEntry(provider, store, step, entry);
    if (next && canonicalJson(next) !== canonicalJson(entry)) changed.push([step.address, next]);
  }
  if (changed.length > 0) store.put("kept up to date", Object.fromEntries(changed));
}

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
  // What isn't seen yet (an invitation) stays as it was.
  if (!step.live || !isSettled(step.spec)) return note === undefined ? next : { ...next, note };
  const { fields } = findKind(provider, step.kind);
  const said = restrictTo(fields, step.spec, step.own);
  return { ...next, status: "ready", spec: rememberSpec(fields, said, store.state.lineage) };
}
