import { type Address, addressMatches } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { isSettled } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Resource } from "../kind/resource.ts";
import {
  leavesObject,
  type Observed,
  type Plan,
  type PlanInput,
  type PlanOptions,
  type Step,
} from "../plan/plan.ts";
import { planChanges } from "../plan/plan-changes.ts";
import type { Engine } from "./engine.ts";
import type { Observation } from "./observation-session.ts";
import { observe } from "./observe.ts";
import { recall } from "./references.ts";
import { findUnpublished } from "./resolve-lookups.ts";

/** A plan with the observation that it was made from. */
export interface PlanRun {
  readonly plan: Plan;
  readonly desired: readonly Resource[];
  readonly observed: ReadonlyMap<Address, Observed>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The most objects that are read only to tell whether they were renamed. */
const mostUnsure = 20;

/** What a plan is made with besides manifests, state and Coze. */
type KnownToPlan = Pick<PlanInput, "moved" | "held" | "stateMissing" | "stateless" | "advice"> & {
  /** Finds {@link PlanInput.elsewhere}; called only if something at Coze could be taken for what is to be created. */
  readonly findElsewhere?: () => Promise<PlanInput["elsewhere"]>;
};

const meetsNamesake = ({ existing, action }: Step): boolean => existing !== undefined || action === "adopt";

/** Observes Coze and plans; with `refresh: "none"` it makes no calls, and objects count as they were last applied. */
export async function runPlan<Api>(
  engine: Engine<Api>,
  observation: Omit<Observation, "refresh"> & { readonly refresh: Observation["refresh"] | "none" },
  options: PlanOptions,
  { findElsewhere, ...known }: KnownToPlan = {},
): Promise<PlanRun> {
  const { entries, salt, refresh } = observation;
  const { kinds } = engine.provider;
  let elsewhere: PlanInput["elsewhere"];
  const planFrom = (
    desired: readonly Resource[],
    observed: ReadonlyMap<Address, Observed>,
    final?: boolean,
  ): Plan => planChanges({ kinds, desired, entries, observed, salt, options, final, elsewhere, ...known });
  if (refresh === "none") {
    const { desired, observed } = recall(
      observation.desired,
      entries,
      (kind) => findKind(engine.provider, kind),
      engine.clock.now(),
    );
    const plan = planFrom(desired, observed);
    return { plan, desired, observed, diagnostics: plan.diagnostics };
  }
  // Objects to be removed need no lookups, and what they refer to may be gone already.
  const toObserve = options.destroy ? [] : observation.desired;
  const scope = chooseScope(options, toObserve, entries);
  const seen = await observe(engine, { ...observation, desired: toObserve, refresh, scope });
  const wanted = () => (options.destroy ? observation.desired : seen.desired);
  let plan = planFrom(wanted(), seen.observed);
  // What loses its object takes along what depends on it, which only a plan tells.
  for (const known = new Set(scope); scope; ) {
    const more = plan.steps.flatMap(({ address }) => (known.has(address) ? [] : [address]));
    if (more.length === 0) break;
    for (const address of more) known.add(address);
    await seen.widen(more);
    plan = planFrom(wanted(), seen.observed);
  }
  if (findElsewhere && plan.steps.some(meetsNamesake)) {
    elsewhere = await findElsewhere();
    plan = planFrom(wanted(), seen.observed);
  }
  const unread = findUnread(plan, seen.observed, entries);
  const unsure = plan.unread?.slice(0, mostUnsure) ?? [];
  if (unread.length + unsure.length > 0) {
    await seen.readWhole([...unread, ...unsure]);
    plan = planFrom(wanted(), seen.observed, true);
  }
  const about = new Set(plan.steps.map(({ address }) => address));
  const observing = seen.diagnostics.filter(({ address }) => address === undefined || about.has(address));
  const { observed } = seen;
  const found = wanted();
  const unpublished = options.destroy ? [] : findUnpublished(found, bindingsIn(plan));
  const diagnostics = [...observing, ...unpublished, ...plan.diagnostics];
  return { plan, desired: found, observed, diagnostics };
}

/**
 * The resources that a plan of targets needs to observe at first: these and what they depend on, and where one comes,
 * those of its kind that go, since it may be one of them under another name. Undefined for everything: a promotion
 * looks at more than its targets.
 */
function chooseScope(
  { targets = [], alone, promotion }: PlanOptions,
  desired: readonly Resource[],
  entries: Observation["entries"],
): ReadonlySet<Address> | undefined {
  if (targets.length === 0 || promotion) return undefined;
  const wanted = new Map(desired.map((resource) => [resource.address, resource]));
  const scope = new Set<Address>();
  const add = (address: Address): void => {
    if (scope.has(address)) return;
    scope.add(address);
    for (const one of wanted.get(address)?.dependencies ?? []) {
      // What stands alone needs no more of the others than their ids.
      if (!alone || entries.get(one)?.id === undefined) add(one);
    }
  };
  for (const address of [...wanted.keys(), ...entries.keys()]) {
    if (targets.some((target) => addressMatches(target, address))) add(address);
  }
  const coming = new Set(
    [...scope].flatMap((one) => (entries.has(one) ? [] : (wanted.get(one)?.kind ?? []))),
  );
  for (const [address, { kind }] of entries) {
    if (!wanted.has(address) && coming.has(kind)) scope.add(address);
  }
  return scope;
}

/** Whether a plan leaves an object with a reference that it has already, or isn't about it. */
function bindingsIn({ steps }: Plan): Parameters<typeof findUnpublished>[1] {
  const byAddress = new Map(steps.map((step) => [step.address, step]));
  return ({ address }, { path: [field = ""], id }) => {
    const step = byAddress.get(address);
    if (!step) return true;
    const isSent = step.action === "create" || step.changes.some(({ path }) => path[0] === field);
    return !isSent || JSON.stringify(step.live?.[field] ?? null).includes(JSON.stringify(id));
  };
}

/**
 * Objects that weren't read, but need it after all: the plan changes them, replaces something that they refer to, or
 * puts an earlier object in its place.
 */
function findUnread(
  { steps }: Plan,
  observed: ReadonlyMap<Address, Observed>,
  entries: Observation["entries"],
): readonly Address[] {
  const isMoved = ({ address, place }: Step): boolean => {
    const id = entries.get(address)?.id;
    return place !== undefined && id !== undefined && place.id !== id;
  };
  const moved = new Set(steps.filter(isMoved).map(({ address }) => address));
  return steps.flatMap(({ address, action, spec, dependencies }) => {
    const seen = observed.get(address);
    const partial = seen?.status === "present" && seen.partial === true;
    const isConcerned = dependencies.some((one) => moved.has(one));
    return partial && spec && (!leavesObject({ action }) || !isSettled(spec) || isConcerned) ? [address] : [];
  });
}
