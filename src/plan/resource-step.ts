import type { Entry } from "../core/entry.ts";
import type { Change, Effect, Item, Kind, Place } from "../core/kind.ts";
import type { Resource } from "../core/resource.ts";
import { formatPath } from "../core/shape.ts";
import type { Values } from "../core/value.ts";
import { effectsOf, planCreation, planUpdate } from "./calls.ts";
import { type Difference, diffSpec } from "./diff.ts";
import type { Action, PlannedCall, Step } from "./plan.ts";
import type { Planning } from "./plan-changes.ts";
import { placeOf, removalEffects } from "./removal.ts";

/** Plans one wanted resource from what is remembered and seen of it. */
export function planResource(planning: Planning, resource: Resource, entry: Entry | undefined): Step {
  const kind = planning.kind(resource.kind);
  const wanted: Wanted = { planning, resource, kind, spec: planning.resolve(kind, resource.spec) };
  const step = planWanted(wanted, entry);
  return entry ? { ...step, formerDependencies: entry.dependencies } : step;
}

function planWanted(wanted: Wanted, entry: Entry | undefined): Step {
  const { planning, resource } = wanted;
  if (entry?.id === undefined) return planUnmade(wanted, entry);
  const observed = planning.observed(resource.address);
  const place = placeOf(entry.id, entry.parent);
  if (observed.status === "absent") return planLost(wanted, entry, place);
  if (observed.status === "unasked") return planPresent(wanted, entry, { ...place, live: {} }, "unasked");
  return planPresent(wanted, entry, observed.item, observed.partial ? "partial" : "whole");
}

/** How much of an object is known: all, what the list tells (the rest is unchanged), or nothing. */
type Seen = "whole" | "partial" | "unasked";

interface Wanted {
  readonly planning: Planning;
  readonly resource: Resource;
  readonly kind: Kind<never>;
  readonly spec: Values;
}

/** Nothing is made yet, or nobody knows whether it was. */
function planUnmade(wanted: Wanted, entry: Entry | undefined): Step {
  const { planning, resource, kind } = wanted;
  const observed = planning.observed(resource.address);
  const candidates = observed.status === "absent" ? observed.candidates : [];
  const before = candidates.map(({ id }) => id);
  if (entry?.status === "unknown") {
    const known = new Set(entry.before);
    const fresh = candidates.filter(({ id }) => !known.has(id));
    if (fresh.length > 1) return refuse(wanted, "ambiguous", severalMatches(resource.address, fresh));
    if (fresh[0])
      return takeOver(wanted, fresh[0], "retry", "its creation was cut off after it took effect", entry);
    return create(
      wanted,
      "retry",
      ["its creation was cut off before it took effect"],
      before,
      entry.previous,
    );
  }
  const [only] = candidates;
  if (!only) return create(wanted, "create", [], before);
  if (planning.input.options.adopt) {
    if (candidates.length > 1)
      return refuse(wanted, "ambiguous", severalMatches(resource.address, candidates));
    return takeOver(wanted, only, "adopt", `the one object of its identity is ${only.id}`, undefined);
  }
  const ids = before.join(", ");
  if (kind.unique) {
    const message = `${resource.address} exists at Coze already (${ids}), and cozeform didn't make it`;
    return refuse(wanted, "exists", message, "plan with --adopt to take it over");
  }
  const note = `Coze has one of the same identity already (${ids}): --adopt takes it over instead`;
  return { ...create(wanted, "create", [], before), notes: [note] };
}

function severalMatches(address: string, items: readonly Item[]): string {
  return `${items.length} objects at Coze could be ${address}: ${items.map(({ id }) => id).join(", ")}`;
}

/** It was made and isn't found any more. */
function planLost(wanted: Wanted, entry: Entry, place: Place): Step {
  if (entry.status === "pending" && entry.note !== undefined) {
    return { ...base(wanted), action: "no-op", because: [entry.note], place, notes: [entry.note] };
  }
  const because = `it was made as ${place.id} and Coze no longer has it`;
  return create(wanted, "create", [because], [], entry.previous);
}

/** It is there. */
function planPresent(wanted: Wanted, entry: Entry, item: Item, seen: Seen): Step {
  const unusable = entry.status === "tainted" || item.health === "failed";
  if (unusable) return replace(wanted, entry, item, [entry.note ?? "Coze failed to process it"], undefined);
  const difference = compare(wanted, entry, item, seen);
  const replacing = difference.changes.filter((change) => change.replaces);
  if (replacing.length > 0) {
    const because = replacing.map(({ path }) => `${formatPath(path)} can't change in place`);
    return replace(wanted, entry, item, because, difference);
  }
  return planInPlace(wanted, entry, item, difference);
}

function planInPlace(wanted: Wanted, entry: Entry, item: Item, difference: Difference): Step {
  const change = changeOf(difference, item.live);
  const calls = planUpdate(
    wanted.kind,
    change,
    managedBy(wanted, entry),
    (name) => entry.done?.includes(name) === true,
    waits(wanted.kind, entry, item),
  );
  const leftover = entry.previous ?? [];
  const halfMade = entry.status === "incomplete" || leftover.length > 0;
  const action = difference.changes.length > 0 ? "update" : calls.length > 0 || halfMade ? "retry" : "no-op";
  const effects = action === "no-op" ? [] : updateEffects(wanted.kind, change, calls);
  return {
    ...base(wanted),
    action: halfMade && action === "update" ? "retry" : action,
    because: whyInPlace(entry, difference, leftover, calls),
    changes: difference.changes,
    notes: difference.notes,
    effects,
    place: placeOf(item.id, item.parent),
    calls,
    removes: leftover,
    target: difference.target,
    live: item.live,
  };
}

function whyInPlace(
  entry: Entry,
  difference: Difference,
  leftover: readonly Place[],
  calls: readonly PlannedCall[],
): readonly string[] {
  const because: string[] = [];
  if (entry.status === "incomplete") because.push("an earlier apply failed or was cut off");
  if (leftover.length > 0)
    because.push(`what it replaced is still there (${leftover.map(({ id }) => id).join(", ")})`);
  if (difference.changes.length > 0) because.push("manifest and Coze differ");
  else if (calls.some(({ call }) => call === "settle")) because.push("Coze was still at work on it");
  else if (calls.length > 0 && because.length === 0) because.push("its last change was not followed through");
  return because;
}

function create(
  wanted: Wanted,
  action: "create" | "retry",
  because: readonly string[],
  before: readonly string[],
  previous: readonly Place[] = [],
): Step {
  const change = { spec: wanted.spec, live: undefined, changed: new Set(Object.keys(wanted.spec)) };
  const { calls, effects } = planCreation(wanted.kind, change);
  return { ...base(wanted), action, because, effects, calls, removes: previous, before, target: wanted.spec };
}

/** An object becomes this resource's: found after a lost answer, or adopted. */
function takeOver(
  wanted: Wanted,
  item: Item,
  action: "retry" | "adopt",
  because: string,
  entry: Entry | undefined,
): Step {
  const found = compare(wanted, undefined, item, "whole");
  const fixed = found.changes.filter((one) => one.replaces);
  const differing = fixed.filter((one) => !one.unreadable).map(({ path }) => formatPath(path));
  if (differing.length > 0) {
    return refuse(wanted, "cannot-adopt", `${item.id} differs in what can't change: ${differing.join(", ")}`);
  }
  const blind = fixed.map(
    ({ path }) => `${formatPath(path)} can't be read back and is taken to be as wanted`,
  );
  const changes = found.changes.filter((one) => !one.replaces);
  const difference: Difference = { ...found, changes, notes: [...found.notes, ...blind] };
  const change = changeOf(difference, item.live);
  const done = () => false;
  const calls = planUpdate(
    wanted.kind,
    change,
    managedBy(wanted, undefined),
    done,
    item.health === "working" && wanted.kind.settle !== undefined,
  );
  return {
    ...base(wanted),
    action,
    because: [because],
    changes,
    notes: difference.notes,
    effects: updateEffects(wanted.kind, change, calls),
    place: placeOf(item.id, item.parent),
    calls,
    removes: entry?.previous ?? [],
    target: difference.target,
    live: item.live,
  };
}

function replace(
  wanted: Wanted,
  entry: Entry,
  item: Item,
  because: readonly string[],
  difference: Difference | undefined,
): Step {
  const { kind, planning, resource } = wanted;
  if (resource.lifecycle.preventDestroy) {
    const message = `${resource.address} is protected by lifecycle.prevent_destroy and would be replaced: ${because.join("; ")}`;
    return refuse(wanted, "prevent-destroy", message, "undo the change, or take prevent_destroy out");
  }
  const change = { spec: wanted.spec, live: undefined, changed: new Set(Object.keys(wanted.spec)) };
  const made = planCreation(kind, change);
  const lost =
    kind.removal === "delete" ? removalEffects(kind, "replace", wanted.spec, item.live) : [orphan(item)];
  const others = planning.observed(resource.address);
  const before = [item.id, ...(others.status === "absent" ? others.candidates.map(({ id }) => id) : [])];
  return {
    ...base(wanted),
    action: "replace",
    because,
    changes: difference?.changes ?? [],
    effects: distinct([...lost, ...made.effects]),
    place: placeOf(item.id, item.parent),
    calls: made.calls,
    removes: kind.removal === "delete" ? [placeOf(item.id, item.parent), ...(entry.previous ?? [])] : [],
    before,
    target: wanted.spec,
    live: item.live,
  };
}

const distinct = (effects: readonly Effect[]): readonly Effect[] =>
  effects.filter(({ text }, index) => effects.findIndex((other) => other.text === text) === index);

const orphan = (item: Item): Effect => ({
  text: `the old one (${item.id}) cannot be deleted through the API and stays at Coze`,
  needs: "allow-orphans",
});

function refuse(wanted: Wanted, code: string, message: string, hint?: string): Step {
  const { planning, resource } = wanted;
  planning.diagnostics.push({ code, severity: "error", message, at: resource.at, ...(hint ? { hint } : {}) });
  return { ...base(wanted), action: "no-op" satisfies Action, because: [message] };
}

function base(wanted: Wanted): Step {
  const { resource, spec } = wanted;
  return {
    address: resource.address,
    kind: resource.kind,
    action: "no-op",
    because: [],
    changes: [],
    notes: [],
    effects: [],
    calls: [],
    removes: [],
    spec,
    dependencies: resource.dependencies,
    ...(resource.lifecycle.preventDestroy ? { preventDestroy: true } : {}),
    at: resource.at,
  };
}

function compare(wanted: Wanted, entry: Entry | undefined, item: Item, seen: Seen): Difference {
  const { kind, spec, resource, planning } = wanted;
  return diffSpec(kind.fields, {
    want: spec,
    live: item.live,
    applied: entry?.spec,
    ignore: resource.lifecycle.ignoreChanges,
    salt: planning.input.salt,
    ...(seen === "partial" ? { only: new Set(Object.keys(item.live)) } : {}),
    ...(seen === "unasked" ? { unasked: true } : {}),
  });
}

const changeOf = (difference: Difference, live: Values): Change => ({
  spec: difference.target,
  live,
  changed: new Set(difference.changes.map(({ path }) => String(path[0]))),
});

const managedBy = ({ spec }: Wanted, entry: Entry | undefined): readonly string[] =>
  Object.keys({ ...entry?.spec, ...spec });

const waits = (kind: Kind<never>, entry: Entry, item: Item): boolean =>
  kind.settle !== undefined &&
  (item.health === "working" || (entry.status === "pending" && item.health !== "ready"));

const updateEffects = (
  kind: Kind<never>,
  change: Change,
  calls: readonly PlannedCall[],
): readonly Effect[] => [...(kind.effects?.("update", change) ?? []), ...effectsOf(calls)];
