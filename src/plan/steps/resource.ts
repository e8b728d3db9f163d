import { rememberSpec } from "../../core/digest.ts";
import { formatPath } from "../../core/spec-walk.ts";
import { canonicalJson } from "../../core/value.ts";
import { showsIdentity } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import type { LostCall } from "../../kind/lost-call.ts";
import { type PlannedCall, planUpdate } from "../../kind/planned-calls.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { type Difference, isAsApplied, keepSticky } from "../diff.ts";
import type { PlanContext, Step } from "../plan.ts";
import { create, replace, takeOver } from "./creation.ts";
import { ambiguityHint, describeAmbiguity, findCreated, toPlace } from "./removal.ts";
import {
  changeOf,
  compare,
  type Desired,
  emptyStep,
  managedBy,
  type ReadScope,
  refuse,
  updateEffects,
} from "./step-parts.ts";

/** Plans one wanted resource from what is remembered and seen of it. */
export function planResource(context: PlanContext, resource: Resource, entry: Entry | undefined): Step {
  const kind = context.kind(resource.kind);
  const resolved = context.resolve(kind, resource.spec);
  const spec = keepSticky(kind.fields, resolved, entry?.spec ?? {});
  const desired: Desired = { context, resource, kind, spec };
  const planned = refuseRecreation(desired, entry, planDesired(desired, entry));
  // The origin of values is of interest only where something changes.
  const origin = planned.action === "no-op" ? [] : (resource.promoted?.notes ?? []);
  const step = { ...planned, notes: [...planned.notes, ...origin] };
  return entry ? { ...step, formerDependencies: entry.dependencies } : step;
}

function planDesired(desired: Desired, entry: Entry | undefined): Step {
  const observed = desired.context.observed(desired.resource.address);
  const candidates = observed.status === "absent" ? observed.candidates : [];
  if (entry?.task !== undefined) return planPendingTask(desired, entry, entry.task);
  if (entry?.id === undefined) {
    if (entry?.status !== "unknown") return planNew(desired, candidates);
    return planUnknown(desired, entry, candidates, observed.status === "absent" ? observed.lost : undefined);
  }
  const place = toPlace(entry.id, entry.parent);
  if (observed.status === "absent") return planMissing(desired, entry, place, candidates);
  if (observed.status === "unasked") {
    return planPresent(
      desired,
      entry,
      { ...place, live: {} },
      {
        seen: "unasked",
        namesakes: [],
        kept: [],
      },
    );
  }
  const { item, partial, namesakes = [], kept = [] } = observed;
  return planPresent(desired, entry, item, { seen: partial ? "partial" : "whole", namesakes, kept });
}

/** Coze is still creating it. */
function planPendingTask(desired: Desired, entry: Entry, task: string): Step {
  const because = [`Coze was still at work on it (task ${task})`];
  const notes = changedSince(desired, entry);
  return { ...emptyStep(desired), action: "retry", because, notes, calls: [{ call: "settle" }] };
}

/** Notes fields that changed since the creation began: they are updated once the object exists. */
function changedSince({ kind, spec, context }: Desired, entry: Entry): readonly string[] {
  const changed = Object.entries(spec).flatMap(([name, value]) => {
    const applied = entry.spec[name];
    const same = isAsApplied(kind.fields[name], value, applied, context.input.salt);
    return applied === undefined || same ? [] : [name];
  });
  return changed.length > 0 ? [`the change of ${changed.join(", ")} can't be made before that`] : [];
}

/** Its creation was begun, and how that ended isn't known; `lost`: what it made may take long to appear. */
function planUnknown(
  desired: Desired,
  entry: Entry,
  candidates: readonly Item[],
  lost: LostCall | undefined,
): Step {
  const [only, ...others] = findCreated(desired.kind, entry, candidates);
  const before = candidates.map(({ id }) => id);
  if (others.length > 0) {
    return refuse(
      desired,
      "ambiguous",
      describeAmbiguity(desired.resource.address, [only, ...others]),
      ambiguityHint(desired.resource.address),
    );
  }
  const [changed] = changedSince(desired, entry);
  if (changed !== undefined && !showsIdentity(desired.kind) && (only || lost?.isOver === false)) {
    const message = `the creation of ${desired.resource.address} was cut off, and ${changed}`;
    return refuse(desired, "cut-off", message, "apply it as it was first, then change it");
  }
  if (!only && lost) {
    // These words hold before the time is over and after it: a plan that was saved meanwhile isn't stale then.
    const because = ["its creation was cut off, and nothing that it made has appeared"];
    return { ...create(desired, "retry", because, { before, removes: entry.previous }), lostCall: lost };
  }
  if (!only) {
    const because = ["its creation was cut off before it took effect"];
    return create(desired, "retry", because, { before, removes: entry.previous });
  }
  const removes = [toPlace(only.id, only.parent), ...(entry.previous ?? [])];
  if (only.health === "failed") {
    return create(desired, "retry", ["what was made of it failed at Coze"], { before, removes });
  }
  const fixed = immutableChanges(desired, entry, only);
  return fixed.length === 0
    ? takeOver(desired, only, "retry", "its creation was cut off after it took effect", entry)
    : planOutdated(desired, entry, only, { fixed, before, removes });
}

/** The object that was created differs from the manifest in fields that can't change. */
function planOutdated(
  desired: Desired,
  entry: Entry,
  item: Item,
  { fixed, ...made }: { fixed: Difference["changes"]; before: readonly string[]; removes: Step["removes"] },
): Step {
  const { kind, resource } = desired;
  const names = [...new Set(fixed.map(({ path }) => formatPath(path)))].join(", ");
  if (kind.removal !== "delete") {
    const message = `the creation of ${resource.address} was cut off, and its ${names} changed since and can't change in place`;
    return refuse(desired, "cut-off", message, "apply it as it was first, then change it");
  }
  const because = [`its creation was cut off, and ${names} changed since and can't change in place`];
  if (kind.replacement !== "remove-first") return create(desired, "retry", because, made);
  return replace(desired, entry, item, because, { changes: fixed, namesakes: [] });
}

/** Changes that can't be made in place; of what shows nowhere, only since the creation that was begun with it. */
function immutableChanges(desired: Desired, entry: Entry, item: Item): Difference["changes"] {
  const { changes } = compare(desired, entry, item, "whole");
  return changes.filter(
    ({ replaces, unreadable, path }) => replaces && !(unreadable && !(String(path[0]) in entry.spec)),
  );
}

/** Nothing was made yet. */
function planNew(desired: Desired, candidates: readonly Item[]): Step {
  const { context, resource, kind } = desired;
  const before = candidates.map(({ id }) => id);
  const [only, ...others] = candidates;
  if (!only || !showsIdentity(kind)) return create(desired, "create", [], { before });
  if (context.input.options.adopt) {
    if (others.length > 0)
      return refuse(
        desired,
        "ambiguous",
        describeAmbiguity(resource.address, candidates),
        "delete those that are too many in Coze",
      );
    return takeOver(desired, only, "adopt", `the one object of its identity is ${only.id}`, undefined);
  }
  const ids = before.join(", ");
  if (kind.unique) {
    const message = `${resource.address} exists at Coze already (${ids}), and cozeform didn't make it`;
    return refuse(desired, "exists", message, "plan with --adopt to take it over");
  }
  const note = `Coze has one of the same identity already (${ids}): --adopt takes it over instead`;
  return { ...create(desired, "create", [], { before }), notes: [note] };
}

/** It was made and isn't found any more. */
function planMissing(desired: Desired, entry: Entry, place: Place, candidates: readonly Item[]): Step {
  if (entry.status !== "pending" || entry.note === undefined) {
    const because = `it was made as ${place.id} and Coze no longer has it`;
    const before = candidates.map(({ id }) => id);
    return create(desired, "create", [because], { before, removes: entry.previous });
  }
  const waits = changedSince(desired, entry);
  return { ...emptyStep(desired), because: [entry.note], place, notes: [entry.note, ...waits] };
}

interface ObservedObject {
  readonly seen: ReadScope;
  readonly namesakes: readonly string[];
  readonly kept: readonly Item[];
}

/** It is there. */
function planPresent(
  desired: Desired,
  entry: Entry,
  item: Item,
  { seen, namesakes, kept }: ObservedObject,
): Step {
  if (entry.status === "tainted" || item.health === "failed") {
    return replace(desired, entry, item, ["Coze failed to process it"], { changes: [], namesakes });
  }
  const difference = compare(desired, entry, item, seen);
  const replacing = difference.changes.filter((change) => change.replaces);
  if (replacing.length > 0) {
    const again = kept.findLast((one) => matchesSuperseded(desired, entry, one));
    if (again) return restoreSuperseded(desired, item, again, difference);
    const because = replacing.map(({ path }) => `${formatPath(path)} can't change in place`);
    return replace(desired, entry, item, because, { changes: difference.changes, namesakes });
  }
  return planInPlace(desired, entry, item, difference);
}

/** Whether an object that was replaced is just what is wanted now. */
function matchesSuperseded(desired: Desired, entry: Entry, item: Item): boolean {
  const { spec } = entry.kept?.find(({ id }) => id === item.id) ?? {};
  return spec !== undefined && compare(desired, { ...entry, spec }, item, "whole").changes.length === 0;
}

/** Goes back to an object that was replaced and kept: no call to Coze is needed. */
function restoreSuperseded(desired: Desired, item: Item, kept: Item, { changes }: Difference): Step {
  return {
    ...emptyStep(desired),
    action: "update",
    because: [`${kept.id} was made so, and is still there`],
    changes: changes.map(({ replaces: _none, ...change }) => change),
    notes: [`${kept.id} takes the place of ${item.id}, which stays at Coze`],
    place: toPlace(kept.id, kept.parent),
    live: kept.live,
  };
}

function planInPlace(desired: Desired, entry: Entry, item: Item, difference: Difference): Step {
  const change = changeOf(difference, item.live);
  const calls = planUpdate(
    desired.kind,
    change,
    managedBy(desired, entry),
    (name) => entry.done?.includes(name) === true,
    waits(desired.kind, entry, item),
  );
  const leftover = entry.previous ?? [];
  const rollsBack = isRollback(desired, entry);
  const halfMade = !rollsBack && (entry.status === "incomplete" || leftover.length > 0);
  const changes = rollsBack || difference.changes.length > 0;
  const action = changes ? "update" : calls.length > 0 || halfMade ? "retry" : "no-op";
  const effects = action === "no-op" ? [] : updateEffects(desired.kind, change, calls);
  return {
    ...emptyStep(desired),
    action: halfMade && action === "update" ? "retry" : action,
    because: whyInPlace(desired, entry, difference, calls),
    changes: difference.changes,
    notes: difference.notes,
    effects,
    place: toPlace(item.id, item.parent),
    calls,
    removes: leftover,
    target: difference.target,
    live: item.live,
  };
}

function whyInPlace(
  desired: Desired,
  entry: Entry,
  { changes }: Difference,
  calls: readonly PlannedCall[],
): readonly string[] {
  if (isRollback(desired, entry)) return ["it goes back to an earlier release"];
  const because: string[] = [];
  const leftover = (entry.previous ?? []).map(({ id }) => id);
  if (entry.status === "incomplete") because.push(whyIncomplete(desired, entry));
  if (leftover.length > 0) because.push(`what it replaced is still there (${leftover.join(", ")})`);
  if (changes.length > 0) because.push(whyChanged(desired, entry, changes));
  else if (calls.some(({ call }) => call === "settle")) because.push("Coze was still at work on it");
  else if (calls.length > 0 && because.length === 0) because.push("its last change was not followed through");
  return because;
}

const whyIncomplete = ({ resource }: Desired, { history }: Entry): string =>
  resource.promoted && history
    ? "it was prepared before, and callers don't see it yet"
    : "an earlier apply failed or was cut off";

/** Whether the manifest changed since the last apply, or the object at Coze. */
function whyChanged(
  { spec, kind, context, resource }: Desired,
  entry: Entry,
  changes: Difference["changes"],
): string {
  const now = rememberSpec(kind.fields, spec, context.input.salt);
  const names = [...new Set(changes.map(({ path }) => String(path[0])))];
  const isWish = (name: string) =>
    canonicalJson(now[name] ?? null) !== canonicalJson(entry.spec[name] ?? null);
  const wishes = names.filter(isWish);
  const from = context.input.options.promotion?.from;
  if (resource.promoted && from !== undefined) return `${from} has released something else`;
  const isPromoted = entry.history?.some(({ promotion }) => promotion !== undefined) === true;
  if (wishes.length === names.length)
    return isPromoted ? "its manifest differs from what was promoted" : "its manifest changed";
  return wishes.length === 0 ? "changed at Coze since the last apply" : "changed in its manifest and at Coze";
}

/** A rollback never recreates an object: the step does nothing, and the rollback reports why. */
function refuseRecreation(desired: Desired, entry: Entry | undefined, step: Step): Step {
  const makes = step.action === "replace" || step.calls.some(({ call }) => call === "create");
  if (!entry || !makes || !isRollback(desired, entry)) return step;
  const isGone = step.place === undefined;
  return { ...emptyStep(desired), because: isGone ? [`Coze no longer has ${entry.id}`] : step.because };
}

/** Whether the resource is rolled back to before a promotion. */
const isRollback = ({ context }: Desired, { restoring }: Entry): boolean => {
  const { promotion } = context.input.options;
  return promotion !== undefined && promotion.from === undefined && restoring !== undefined;
};

const waits = (kind: KindSchema, entry: Entry, item: Item): boolean =>
  kind.processed === true &&
  (item.health === "working" || (entry.status === "pending" && item.health !== "ready"));
