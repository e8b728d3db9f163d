import type { Address } from "../core/address.ts";
import { matchesRemembered, rememberValue } from "../core/digest.ts";
import { isEmpty, isSameNormalised } from "../core/equality.ts";
import { formatPath, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, type Json, type Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import { listLag } from "../kind/identity-match.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry, StoredForm } from "../kind/state-entry.ts";
import { knowsForms } from "../kind/stored-form.ts";
import type { FieldChange } from "../plan/diff.ts";
import { isReadBack } from "../plan/estimate.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { planChanges } from "../plan/plan-changes.ts";
import type { Cache } from "../state/cache.ts";
import type { Store } from "../state/store.ts";
import type { Engine } from "./engine.ts";
import { observe } from "./observe.ts";
import { refreshCache } from "./reconcile.ts";
import { referenceIds, resolveReferences } from "./references.ts";

/** What an apply did. */
export interface Applied {
  readonly plan: Plan;
  readonly done: readonly Step[];
  readonly desired: readonly Resource[];
  /** The state's entries before it. */
  readonly earlier: { readonly [address: Address]: Entry };
}

/**
 * Reads what an apply wrote where that saves a later plan the reading. Reports what Coze made different, remembers the
 * forms in which it stores values, and returns the refreshed cache.
 */
export async function readBack<Api>(
  engine: Engine<Api>,
  store: Store,
  cache: Cache,
  { plan, done, desired, earlier }: Applied,
): Promise<Cache> {
  const { state } = store;
  const kindOf = (name: string) => findKind(engine.provider, name);
  const steps = plan.steps.filter((step) => isReadBack(kindOf(step.kind), step));
  const written = new Set(steps.map(({ address }) => address));
  // Skipped steps aren't as wanted, which isn't Coze's doing.
  const finished = new Set(done.map(({ address }) => address));
  const touched = desired.filter(
    ({ address }) =>
      written.has(address) && finished.has(address) && state.resources[address]?.status === "ready",
  );
  if (touched.length === 0) return cache;
  const entries = new Map(Object.entries(state.resources));
  const addresses = new Set(touched.map(({ address }) => address));
  const resources = touched.map((resource): Resource => {
    const { fields } = kindOf(resource.kind);
    return {
      ...resource,
      spec: resolveReferences(fields, resource.spec, referenceIds(entries)),
      dependencies: [],
    };
  });
  const owned = new Map([...entries].filter(([address]) => addresses.has(address)));
  const lookAt = (some: readonly Resource[]) => look(engine, store, { plan, earlier }, some, owned);
  const first = await lookAt(resources);
  // A list may still show what was there before.
  const doubtful = first.differences.filter(({ kind, forms }) => forms.size > 0 && !knowsForms(kindOf(kind)));
  const differences = [...first.differences];
  if (doubtful.length > 0) {
    await engine.clock.sleep(listLag);
    const isDoubtful = ({ address }: { readonly address: Address }) =>
      doubtful.some((one) => one.address === address);
    const second = await lookAt(resources.filter(isDoubtful));
    differences.splice(
      0,
      Infinity,
      ...first.differences.filter((one) => !isDoubtful(one)),
      ...second.differences,
    );
  }
  for (const { address, paths, forms } of differences) {
    const report = (some: readonly string[], accepted?: true): void =>
      engine.onEvent({ type: "drift-found", at: engine.clock.now(), address, paths: some, accepted });
    if (forms.size > 0) report([...forms.keys()], true);
    if (paths.length > 0 || forms.size === 0) report(paths);
  }
  const known = rememberForms(store, owned, differences);
  const fresh = refreshCache(engine, cache, first.planAgain(known), first.observed, state.lineage);
  const others = [...cache].filter(([address]) => !written.has(address));
  return new Map([...others, ...fresh]);
}

/** Looks at what an apply wrote, and compares it with what was written. */
async function look<Api>(
  engine: Engine<Api>,
  { state: { lineage: salt } }: Store,
  { plan, earlier }: Pick<Applied, "plan" | "earlier">,
  desired: readonly Resource[],
  entries: ReadonlyMap<Address, Entry>,
) {
  const some = new Set(desired.map(({ address }) => address));
  const seen = await observe(engine, {
    desired,
    entries: new Map([...entries].filter(([address]) => some.has(address))),
    cache: new Map(),
    salt,
    refresh: "full",
    patient: true,
  });
  const planAgain = (known: ReadonlyMap<Address, Entry>): Plan =>
    planChanges({
      kinds: engine.provider.kinds,
      desired: seen.desired,
      entries: new Map([...known].filter(([address]) => some.has(address))),
      observed: seen.observed,
      salt,
      options: {},
    });
  const updates = plan.steps.filter(({ action }) => action === "update" || action === "adopt");
  const before = new Map(updates.map(({ address, live }) => [address, live]));
  const differences = planAgain(entries).steps.flatMap((step) =>
    describeDifference(step, before.get(step.address), (change) =>
      wasApplied(change, earlier[step.address], salt),
    ),
  );
  return { observed: seen.observed, planAgain, differences };
}

/** How an object reads otherwise than it was written. */
interface ReadDifference {
  readonly address: Address;
  readonly kind: string;
  /** The changes that Coze stores in another form, by dotted path. */
  readonly forms: ReadonlyMap<string, FieldChange>;
  /** The paths of other differences. */
  readonly paths: readonly string[];
}

/** Whether a change is back to a value that an earlier apply wrote already. */
function wasApplied({ path, after }: FieldChange, entry: Entry | undefined, salt: string): boolean {
  const applied = entry && valueAt(entry.spec, path);
  return after !== undefined && applied !== undefined && matchesRemembered(after, applied, salt);
}

/**
 * `before`: the object before an update. What reads empty, or still as it did then, may only be late: it is no form of a
 * value that this apply was the first to write.
 */
function describeDifference(
  { action, address, kind, live, changes }: Step,
  before: Values | undefined,
  wasApplied: (change: FieldChange) => boolean,
): readonly ReadDifference[] {
  if (action === "no-op") return [];
  const isForm = (change: FieldChange): boolean => {
    const { path, before: read, after, unreadable } = change;
    // The path of an item with a key leads nowhere in the object.
    const isWhole =
      live !== undefined && canonicalJson(valueAt(live, path) ?? null) === canonicalJson(read ?? null);
    if (!isWhole || unreadable || after === undefined || read === undefined || isEmpty(read)) return false;
    const former = before && valueAt(before, path);
    const isAsBefore = former !== undefined && canonicalJson(read) === canonicalJson(former);
    return !isAsBefore || isSameNormalised(after, read) || wasApplied(change);
  };
  const forms = new Map(changes.filter(isForm).map((change) => [formatPath(change.path), change]));
  const paths = changes.map(({ path }) => formatPath(path)).filter((path) => !forms.has(path));
  return [{ address, kind, forms, paths }];
}

/** Remembers the forms in which Coze stores what was written; returns the entries with them. */
function rememberForms(
  store: Store,
  entries: ReadonlyMap<Address, Entry>,
  differences: readonly ReadDifference[],
): ReadonlyMap<Address, Entry> {
  const salt = store.state.lineage;
  const changed = differences.flatMap(({ address, forms }): readonly [Address, Entry][] => {
    const entry = entries.get(address);
    if (!entry || forms.size === 0) return [];
    const read = [...forms].map(
      ([path, { before = null, after = null, sensitive }]): [string, StoredForm] => {
        const [of, is] = [after, before].map((value) => rememberValue(value, salt, sensitive)) as [
          Json,
          Json,
        ];
        return [path, { of, is }];
      },
    );
    return [[address, { ...entry, read: { ...entry.read, ...Object.fromEntries(read) } }]];
  });
  if (changed.length > 0) store.put("read-back", Object.fromEntries(changed));
  return new Map([...entries, ...changed]);
}
