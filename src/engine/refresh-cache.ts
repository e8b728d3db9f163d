import { formatPath } from "../core/spec-walk.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import { isReadBack } from "../plan/estimate.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { planChanges } from "../plan/plan-changes.ts";
import type { Cache } from "../state/cache.ts";
import type { State } from "../state/model.ts";
import { refreshCache } from "./cache-update.ts";
import type { Engine } from "./engine.ts";
import { observe } from "./observe.ts";
import { referenceIds, resolveReferences } from "./references.ts";

/**
 * Reads what an apply wrote, where a later plan can save the reading for it, tells of what Coze made different,
 * and returns the refreshed cache.
 */
export async function readBack<Api>(
  engine: Engine<Api>,
  state: State,
  cache: Cache,
  plan: Plan,
  done: readonly Step[],
  desired: readonly Resource[],
): Promise<Cache> {
  const kindOf = (name: string) => findKind(engine.provider, name);
  const steps = plan.steps.filter(({ kind, action }) => isReadBack(kindOf(kind), action));
  const written = new Set(steps.map(({ address }) => address));
  // What was skipped isn't as wanted, and Coze has no part in that.
  const finished = new Set(done.map(({ address }) => address));
  const touched = desired.filter(
    ({ address }) =>
      written.has(address) && finished.has(address) && state.resources[address]?.status === "ready",
  );
  if (touched.length === 0) return cache;
  const entries = new Map(Object.entries(state.resources));
  const salt = state.lineage;
  const addresses = new Set(touched.map(({ address }) => address));
  const resources = touched.map((resource): Resource => {
    const { fields } = findKind(engine.provider, resource.kind);
    return {
      ...resource,
      spec: resolveReferences(fields, resource.spec, referenceIds(entries)),
      dependencies: [],
    };
  });
  const owned = new Map([...entries].filter(([address]) => addresses.has(address)));
  const sight = {
    desired: resources,
    entries: owned,
    cache: new Map(),
    salt,
    refresh: "full",
    patient: true,
  } as const;
  const seen = await observe(engine, sight);
  const again = planChanges({
    kinds: engine.provider.kinds,
    desired: seen.desired,
    entries: owned,
    observed: seen.observed,
    salt,
    options: {},
  });
  for (const step of again.steps) {
    if (step.action === "no-op") continue;
    const paths = step.changes.map(({ path }) => formatPath(path));
    engine.onEvent({ type: "drift-found", at: engine.clock.now(), address: step.address, paths });
  }
  const fresh = refreshCache(engine, cache, again, seen.observed, salt);
  const kept = [...cache].filter(([address]) => !written.has(address));
  return new Map([...kept, ...fresh]);
}
