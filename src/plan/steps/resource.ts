import { rememberSpec } from "../../core/digest.ts";
import { formatPath } from "../../core/spec-walk.ts";
import { canonicalJson } from "../../core/value.ts";
import { showsIdentity } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import type { LostCall } from "../../kind/lost-creation.ts";
import type { PlannedCall } from "../../kind/planned-calls.ts";
import { planUpdate } from "../../kind/planned-calls.ts";
import type { Resource } from "../../kind/resource.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { type Difference, isAsApplied, keepSticky } from "../diff.ts";
import type { Step } from "../plan.ts";
import type { PlanContext } from "../plan-changes.ts";
import { create, replace, takeOver } from "./creation.ts";
import {
  blankStep,
  changeOf,
  compare,
  type Desired,
  managedBy,
  refuse,
  type Seen,
  updateEffects,
} from "./desired.ts";
import { findMade, severalMatches, tooMany, toPlace } from "./removal.ts";

/** Plans one wanted resource from what is remembered and seen of it. */
export function planResource(planning: PlanContext, resource: Resource, entry: Entry | undefined): Step {
  const kind = planning.kind(resource.kind);
  const resolved = planning.resolve(kind, resource.spec);
  const spec = keepSticky(kind.fields, resolved, entry?.spec ?? {});
  const wanted: Desired = { planning, resource, kind, spec };
  const planned = refuseToMake(wanted, entry, planWanted(wanted, entry));
  // Where nothing is done, nobody asks where its values come from.
  const origin = planned.action === "no-op" ? [] : (resource.promoted?.notes ?? []);
  const step = { ...planned, notes: [...planned.notes, ...origin] };
  return entry ? { ...step, formerDependencies: entry.dependencies } : step;
}

function planWanted(wanted: Desired, entry: Entry | undefined): Step {
  const observed = wanted.planning.observed(wanted.resource.address);
  const candidates = observed.status === "absent" ? observed.candidates : [];
  if (entry?.task !== undefined) return planTask(wanted, entry, entry.task);
  if (entry?.id === undefined) {
    if (entry?.status !== "unknown") return planNew(wanted, candidates);
    return planUnknown(wanted, entry, candidates, observed.status === "absent" ? observed.lost : undefined);
  }
  const place = toPlace(entry.id, entry.parent);
  if (observed.status === "absent") return planLost(wanted, entry, place, candidates);
  if (observed.status === "unasked") {
    return planPresent(
      wanted,
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
  return planPresent(wanted, entry, item, { seen: partial ? "partial" : "whole", namesakes, kept });
}

/** Coze was told to make it. */
function planTask(wanted: Desired, entry: Entry, task: string): Step {
  const because = [`Coze was still at work on it (task ${task})`];
  const notes = changedSince(wanted, entry);
  return { ...blankStep(wanted), action: "retry", because, notes, calls: [{ call: "settle" }] };
}

/** What of a manifest changed since its object was begun, and has to wait until that is there. */
function changedSince({ kind, spec, planning }: Desired, entry: Entry): readonly string[] {
  const changed = Object.entries(spec).flatMap(([name, value]) => {
    const applied = entry.spec[name];
    const same = isAsApplied(kind.fields[name], value, applied, planning.input.salt);
    return applied === undefined || same ? [] : [name];
  });
  return changed.length > 0 ? [`the change of ${changed.join(", ")} can't be made before that`] : [];
}

/** Its creation was begun, and how that ended isn't known; `lost`: what it made may take long to appear. */
function planUnknown(
  wanted: Desired,
  entry: Entry,
  candidates: readonly Item[],
  lost: LostCall | undefined,
): Step {
  const [only, ...others] = findMade(wanted.kind, entry, candidates);
  const before = candidates.map(({ id }) => id);
  if (others.length > 0) {
    return refuse(
      wanted,
      "ambiguous",
      severalMatches(wanted.resource.address, [only, ...others]),
      tooMany(wanted.resource.address),
    );
  }
  const [changed] = changedSince(wanted, entry);
  if (changed !== undefined && !showsIdentity(wanted.kind) && (only || lost?.isOver === false)) {
    const message = `the creation of ${wanted.resource.address} was cut off, and ${changed}`;
    return refuse(wanted, "cut-off", message, "apply it as it was first, then change it");
  }
  if (!only && lost) {
    // These words hold before the time is over and after it: a plan that was saved meanwhile isn't stale then.
    const because = ["its creation was cut off, and nothing that it made has appeared"];
    return { ...create(wanted, "retry", because, { before, removes: entry.previous }), lostCall: lost };
  }
  if (!only) {
    const because = ["its creation was cut off before it took effect"];
    return create(wanted, "retry", because, { before, removes: entry.previous });
  }
  const removes = [toPlace(only.id, only.parent), ...(entry.previous ?? [])];
  if (only.health === "failed") {
    return create(wanted, "retry", ["what was made of it failed at Coze"], { before, removes });
  }
  const fixed = fixedSince(wanted, entry, only);
  return fixed.length === 0
    ? takeOver(wanted, only, "retry", "its creation was cut off after it took effect", entry)
    : planOutdated(wanted, entry, only, { fixed, before, removes });
}

/** What was made of it isn't what is wanted now, and can't become that. */
function planOutdated(
  wanted: Desired,
  entry: Entry,
  item: Item,
  { fixed, ...made }: { fixed: Difference["changes"]; before: readonly string[]; removes: Step["removes"] },
): Step {
  const { kind, resource } = wanted;
  const names = [...new Set(fixed.map(({ path }) => formatPath(path)))].join(", ");
  if (kind.removal !== "delete") {
    const message = `the creation of ${resource.address} was cut off, and its ${names} changed since and can't change in place`;
    return refuse(wanted, "cut-off", message, "apply it as it was first, then change it");
  }
  const because = [`its creation was cut off, and ${names} changed since and can't change in place`];
  if (kind.replacement !== "remove-first") return create(wanted, "retry", because, made);
  return replace(wanted, entry, item, because, { changes: fixed, namesakes: [] });
}

/** Changes that can't be made in place; of what shows nowhere, only since the creation that was begun with it. */
function fixedSince(wanted: Desired, entry: Entry, item: Item): Difference["changes"] {
  const { changes } = compare(wanted, entry, item, "whole");
  return changes.filter(
    ({ replaces, unreadable, path }) => replaces && !(unreadable && !(String(path[0]) in entry.spec)),
  );
}

/** Nothing was made yet. */
function planNew(wanted: Desired, candidates: readonly Item[]): Step {
  const { planning, resource, kind } = wanted;
  const before = candidates.map(({ id }) => id);
  const [only, ...others] = candidates;
  if (!only || !showsIdentity(kind)) return create(wanted, "create", [], { before });
  if (planning.input.options.adopt) {
    if (others.length > 0)
      return refuse(
        wanted,
        "ambiguous",
        severalMatches(resource.address, candidates),
        "delete those that are too many in Coze",
      );
    return takeOver(wanted, only, "adopt", `the one object of its identity is ${only.id}`, undefined);
  }
  const ids = before.join(", ");
  if (kind.unique) {
    const message = `${resource.address} exists at Coze already (${ids}), and cozeform didn't make it`;
    return refuse(wanted, "exists", message, "plan with --adopt to take it over");
  }
  const note = `Coze has one of the same identity already (${ids}): --adopt takes it over instead`;
  return { ...create(wanted, "create", [], { before }), notes: [note] };
}

/** It was made and isn't found any more. */
function planLost(wanted: Desired, entry: Entry, place: Place, candidates: readonly Item[]): Step {
  if (entry.status !== "pending" || entry.note === undefined) {
    const because = `it was made as ${place.id} and Coze no longer has it`;
    const before = candidates.map(({ id }) => id);
    return create(wanted, "create", [because], { before, removes: entry.previous });
  }
  const waits = changedSince(wanted, entry);
  return { ...blankStep(wanted), because: [entry.note], place, notes: [entry.note, ...waits] };
}

interface Sighting {
  readonly seen: Seen;
  readonly namesakes: readonly string[];
  readonly kept: readonly Item[];
}

/** It is there. */
function planPresent(wanted: Desired, entry: Entry, item: Item, { seen, namesakes, kept }: Sighting): Step {
  if (entry.status === "tainted" || item.health === "failed") {
    return replace(wanted, entry, item, ["Coze failed to process it"], { changes: [], namesakes });
  }
  const difference = compare(wanted, entry, item, seen);
  const replacing = difference.changes.filter((change) => change.replaces);
  if (replacing.length > 0) {
    const again = kept.findLast((one) => isAsKept(wanted, entry, one));
    if (again) return retake(wanted, item, again, difference);
    const because = replacing.map(({ path }) => `${formatPath(path)} can't change in place`);
    return replace(wanted, entry, item, because, { changes: difference.changes, namesakes });
  }
  return planInPlace(wanted, entry, item, difference);
}

/** Whether an object that was replaced is just what is wanted now. */
function isAsKept(wanted: Desired, entry: Entry, item: Item): boolean {
  const { spec } = entry.kept?.find(({ id }) => id === item.id) ?? {};
  return spec !== undefined && compare(wanted, { ...entry, spec }, item, "whole").changes.length === 0;
}

/** One that was replaced and stayed takes its place again: nothing is to be done at Coze. */
function retake(wanted: Desired, item: Item, kept: Item, { changes }: Difference): Step {
  return {
    ...blankStep(wanted),
    action: "update",
    because: [`${kept.id} was made so, and is still there`],
    changes: changes.map(({ replaces: _none, ...change }) => change),
    notes: [`${kept.id} takes the place of ${item.id}, which stays at Coze`],
    place: toPlace(kept.id, kept.parent),
    live: kept.live,
  };
}

function planInPlace(wanted: Desired, entry: Entry, item: Item, difference: Difference): Step {
  const change = changeOf(difference, item.live);
  const calls = planUpdate(
    wanted.kind,
    change,
    managedBy(wanted, entry),
    (name) => entry.done?.includes(name) === true,
    waits(wanted.kind, entry, item),
  );
  const leftover = entry.previous ?? [];
  const goesBack = isWayBack(wanted, entry);
  const halfMade = !goesBack && (entry.status === "incomplete" || leftover.length > 0);
  const changes = goesBack || difference.changes.length > 0;
  const action = changes ? "update" : calls.length > 0 || halfMade ? "retry" : "no-op";
  const effects = action === "no-op" ? [] : updateEffects(wanted.kind, change, calls);
  return {
    ...blankStep(wanted),
    action: halfMade && action === "update" ? "retry" : action,
    because: whyInPlace(wanted, entry, difference, calls),
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
  wanted: Desired,
  entry: Entry,
  { changes }: Difference,
  calls: readonly PlannedCall[],
): readonly string[] {
  if (isWayBack(wanted, entry)) return ["it goes back to an earlier release"];
  const because: string[] = [];
  const leftover = (entry.previous ?? []).map(({ id }) => id);
  if (entry.status === "incomplete") because.push(whyIncomplete(wanted, entry));
  if (leftover.length > 0) because.push(`what it replaced is still there (${leftover.join(", ")})`);
  if (changes.length > 0) because.push(whoChanged(wanted, entry, changes));
  else if (calls.some(({ call }) => call === "settle")) because.push("Coze was still at work on it");
  else if (calls.length > 0 && because.length === 0) because.push("its last change was not followed through");
  return because;
}

const whyIncomplete = ({ resource }: Desired, { history }: Entry): string =>
  resource.promoted && history
    ? "it was prepared before, and callers don't see it yet"
    : "an earlier apply failed or was cut off";

/** Whether the wish changed since it was last applied, or what Coze holds. */
function whoChanged(
  { spec, kind, planning, resource }: Desired,
  entry: Entry,
  changes: Difference["changes"],
): string {
  const now = rememberSpec(kind.fields, spec, planning.input.salt);
  const names = [...new Set(changes.map(({ path }) => String(path[0])))];
  const isWish = (name: string) =>
    canonicalJson(now[name] ?? null) !== canonicalJson(entry.spec[name] ?? null);
  const wishes = names.filter(isWish);
  const from = planning.input.options.promotion?.from;
  if (resource.promoted && from !== undefined) return `${from} has released something else`;
  const isPromoted = entry.history?.some(({ promotion }) => promotion !== undefined) === true;
  if (wishes.length === names.length)
    return isPromoted ? "its manifest differs from what was promoted" : "its manifest changed";
  return wishes.length === 0 ? "changed at Coze since the last apply" : "changed in its manifest and at Coze";
}

/** What goes back to what it was can't be made anew: it stays away, and whoever plans that tells of it. */
function refuseToMake(wanted: Desired, entry: Entry | undefined, step: Step): Step {
  const makes = step.action === "replace" || step.calls.some(({ call }) => call === "create");
  if (!entry || !makes || !isWayBack(wanted, entry)) return step;
  const isGone = step.place === undefined;
  return { ...blankStep(wanted), because: isGone ? [`Coze no longer has ${entry.id}`] : step.because };
}

/** It is to be again what it was before a promotion. */
const isWayBack = ({ planning }: Desired, { restoring }: Entry): boolean => {
  const { promotion } = planning.input.options;
  return promotion !== undefined && promotion.from === undefined && restoring !== undefined;
};

const waits = (kind: KindSchema, entry: Entry, item: Item): boolean =>
  kind.processed === true &&
  (item.health === "working" || (entry.status === "pending" && item.health !== "ready"));
