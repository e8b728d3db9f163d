import type { Address } from "../core/address.ts";
import { matchesRemembered, rememberValue } from "../core/digest.ts";
import { isEmpty, isSameNormalised } from "../core/equality.ts";
import { formatPath, valueAt } from "../core/spec-walk.ts";
import { canonicalJson, type Json, type Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import { listLag } from "../kind/identity-match.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry, StoredForm } from "../kind/state-entry.ts";
import type { FieldChange } from "../plan/diff.ts";
import { isReadBack } from "../plan/estimate.ts";
import { leavesObject, type Plan, type Step } from "../plan/plan.ts";
import { planChanges } from "../plan/plan-changes.ts";
import type { Cache } from "../state/cache.ts";
import type { Store } from "../state/store.ts";
import type { Engine } from "./engine.ts";
import { type ObservationResult, observe } from "./observe.ts";
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
  const compare = (seen: Seen) => compareSeen(engine, store, { plan, earlier }, seen, owned);
  const { seen, differences, next } = await lookPatiently(engine, store, resources, owned, compare);
  for (const { address, paths, forms } of differences) {
    const report = (some: readonly string[], accepted?: true): void =>
      engine.onEvent({ type: "drift-found", at: engine.clock.now(), address, paths: some, accepted });
    if (forms.size > 0) report([...forms.keys()], true);
    if (paths.length > 0 || forms.size === 0) report(paths);
  }
  const known = rememberForms(store, owned, differences);
  const settled = known === owned ? next : planSeen(engine, store, seen, known);
  const fresh = refreshCache(engine, cache, settled, seen.observed, state.lineage);
  const others = [...cache].filter(([address]) => !written.has(address));
  return new Map([...others, ...fresh]);
}

/** What an apply wrote, as it was seen afterwards. */
type Seen = Pick<ObservationResult, "desired" | "observed">;

/** What was seen, compared with what was written. */
interface SeenDifferences {
  readonly seen: Seen;
  readonly differences: readonly ReadDifference[];
  /** What a plan would do now. */
  readonly next: Plan;
}

/** Looks at what an apply wrote; where a list shows something else, once more when lists have caught up. */
async function lookPatiently<Api>(
  engine: Engine<Api>,
  store: Store,
  desired: readonly Resource[],
  entries: ReadonlyMap<Address, Entry>,
  compare: (seen: Seen) => SeenDifferences,
): Promise<SeenDifferences> {
  const first = await look(engine, store, desired, entries);
  const compared = compare(first);
  const late = new Set(compared.differences.flatMap(({ address, isListed }) => (isListed ? [address] : [])));
  if (late.size === 0) return compared;
  await engine.clock.sleep(listLag, engine.signal);
  if (engine.signal?.aborted) return compared;
  const again = desired.filter(({ address }) => late.has(address));
  const { observed } = await look(engine, store, again, entries);
  return compare({ ...first, observed: new Map([...first.observed, ...observed]) });
}

function look<Api>(
  engine: Engine<Api>,
  { state: { lineage: salt } }: Store,
  desired: readonly Resource[],
  entries: ReadonlyMap<Address, Entry>,
): Promise<Seen> {
  const some = new Set(desired.map(({ address }) => address));
  return observe(engine, {
    desired,
    entries: new Map([...entries].filter(([address]) => some.has(address))),
    cache: new Map(),
    salt,
    refresh: "full",
    patient: true,
  });
}

/** A plan from what was seen: what differs still. */
const planSeen = <Api>(
  engine: Engine<Api>,
  store: Store,
  { desired, observed }: Seen,
  entries: ReadonlyMap<Address, Entry>,
): Plan =>
  planChanges({
    kinds: engine.provider.kinds,
    desired,
    entries,
    observed,
    salt: store.state.lineage,
    options: { exact: true },
  });

/** Compares what was seen with what was written. */
function compareSeen<Api>(
  engine: Engine<Api>,
  store: Store,
  { plan, earlier }: Pick<Applied, "plan" | "earlier">,
  seen: Seen,
  entries: ReadonlyMap<Address, Entry>,
): SeenDifferences {
  const updates = plan.steps.filter(({ action }) => action === "update" || action === "adopt");
  const before = new Map(updates.map(({ address, live }) => [address, live]));
  const next = planSeen(engine, store, seen, entries);
  const differences = next.steps.flatMap((step) => {
    const observed = seen.observed.get(step.address);
    const listed = observed?.status === "present" ? observed.listed : undefined;
    const applied = (change: FieldChange) => wasApplied(change, earlier[step.address], store.state.lineage);
    return describeDifference(step, before.get(step.address), applied, listed ?? []);
  });
  return { seen, differences, next };
}

/** How an object reads otherwise than it was written. */
interface ReadDifference {
  readonly address: Address;
  /** The changes that Coze stores in another form, by dotted path. */
  readonly forms: ReadonlyMap<string, FieldChange>;
  /** The paths of other differences. */
  readonly paths: readonly string[];
  /** Some of it was seen in a list, which may lag. */
  readonly isListed: boolean;
}

/** Whether a change is back to a value that an earlier apply wrote already. */
function wasApplied({ path, after }: FieldChange, entry: Entry | undefined, salt: string): boolean {
  const applied = entry && valueAt(entry.spec, path);
  return after !== undefined && applied !== undefined && matchesRemembered(after, applied, salt);
}

/**
 * `before`: the object before an update. What reads empty, or still as it did then, may only be late: it is no form of a
 * value that this apply was the first to write. `listed`: the fields that only a list showed.
 */
function describeDifference(
  { action, address, live, changes }: Step,
  before: Values | undefined,
  wasApplied: (change: FieldChange) => boolean,
  listed: readonly string[],
): readonly ReadDifference[] {
  if (leavesObject({ action })) return [];
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
  const isListed = changes.some(({ path }) => listed.includes(String(path[0])));
  return [{ address, forms, paths, isListed }];
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
  if (changed.length === 0) return entries;
  store.put("read-back", Object.fromEntries(changed));
  return new Map([...entries, ...changed]);
}
