import type { Address } from "../../core/address.ts";
import { commandLine } from "../../core/command-line.ts";
import { formatPath } from "../../core/spec-walk.ts";
import { isReference } from "../../core/value.ts";
import { keyOfPlace, preferExact, showsIdentity } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import type { LostCall } from "../../kind/lost-call.ts";
import type { Resource } from "../../kind/resource.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { type Explained, explain, say } from "../../messages/text.ts";
import { type Difference, isAsApplied, keepSticky } from "../diff.ts";
import type { PlanContext, Step } from "../plan.ts";
import { create, replace, takeOver } from "./creation.ts";
import { planPresent } from "./present.ts";
import { explainAdoption, explainAmbiguity, explainUnmanageable, findCreated, toPlace } from "./removal.ts";
import { compare, type Desired, emptyStep, isRollback, refuse } from "./step-parts.ts";

/** Plans one wanted resource from what is remembered and seen of it. */
export function planResource(context: PlanContext, resource: Resource, entry: Entry | undefined): Step {
  const kind = context.kind(resource.kind);
  const resolved = context.resolve(kind, resource.spec);
  const spec = keepSticky(kind.fields, resolved, entry?.spec ?? {});
  const desired: Desired = { context, resource, kind, spec };
  const planned = refuseRecreation(desired, entry, planDesired(desired, entry));
  // The origin of values is of interest only where something changes.
  const origin = planned.action === "no-op" ? [] : (resource.promoted?.notes ?? []);
  const notes = [...planned.notes, ...(resource.notes ?? []), ...origin];
  return { ...planned, notes, ...(entry && { formerDependencies: entry.dependencies }) };
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
    const seen = { seen: "unasked", namesakes: [], kept: [] } as const;
    return planPresent(desired, entry, { ...place, live: {} }, seen);
  }
  const { item, partial, namesakes = [], kept = [] } = observed;
  return planPresent(desired, entry, item, { seen: partial ? "partial" : "whole", namesakes, kept });
}

/** Coze is still creating it. */
function planPendingTask(desired: Desired, entry: Entry, task: string): Step {
  const because = [say("plan/processing-task", { task })];
  const notes = noteChangedSince(desired, entry);
  return { ...emptyStep(desired), action: "retry", because, notes, calls: [{ call: "settle" }] };
}

/** The names of fields that changed since the creation began, as a list; empty if none did. */
const listChangedSince = ({ kind, spec, context }: Desired, entry: Entry): string =>
  Object.entries(spec)
    .filter(([name, value]) => {
      const applied = entry.spec[name];
      return applied !== undefined && !isAsApplied(kind.fields[name], value, applied, context.input.salt);
    })
    .map(([name]) => name)
    .join(", ");

/** Notes fields that changed since the creation began: they are updated once the object exists. */
function noteChangedSince(desired: Desired, entry: Entry): readonly string[] {
  const fields = listChangedSince(desired, entry);
  return fields === "" ? [] : [say("plan/updated-later", { fields })];
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
  const { address } = desired.resource;
  if (others.length > 0) return refuse(desired, "ambiguous", explainAmbiguity(address, [only, ...others]));
  const fields = listChangedSince(desired, entry);
  if (fields !== "" && !showsIdentity(desired.kind) && (only || lost?.isOver === false))
    return refuse(desired, "cut-off", explain("plan/cut-off", { address, fields }));
  if (!only && lost) {
    // These words hold before the time is over and after it: a plan that was saved meanwhile isn't stale then.
    const because = [say("plan/interrupted-lost")];
    return { ...create(desired, "retry", because, { before, removes: entry.previous }), lostCall: lost };
  }
  if (!only) {
    const because = [say("plan/interrupted-before")];
    return create(desired, "retry", because, { before, removes: entry.previous });
  }
  const unmanageable = explainUnmanageable(desired.kind, address, only);
  if (unmanageable) return refuse(desired, "unmanageable", unmanageable);
  const removes = [toPlace(only.id, only.parent), ...(entry.previous ?? [])];
  if (only.health === "failed" || only.health === "refused") {
    return create(desired, "retry", [say("plan/interrupted-failed")], { before, removes });
  }
  const fixed = immutableChanges(desired, entry, only);
  return fixed.length === 0
    ? takeOver(desired, only, "retry", say("plan/interrupted-after"), entry)
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
  const fields = [...new Set(fixed.map(({ path }) => formatPath(path)))].join(", ");
  if (kind.removal !== "delete")
    return refuse(desired, "cut-off", explain("plan/cut-off-fixed", { address: resource.address, fields }));
  const because = [say("plan/interrupted-changed", { fields })];
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
  if (resource.imports !== undefined) return planImport(desired, resource.imports, candidates);
  const before = candidates.map(({ id }) => id);
  const bearers = findBearers(desired, candidates);
  const [only, ...others] = bearers;
  if (!only || !showsIdentity(kind)) return create(desired, "create", [], { before });
  const unmanageable = kind.unmanageable?.(only.live);
  if (unmanageable && others.length === 0) return refuse(desired, "unmanageable", unmanageable);
  if (context.input.options.adopt) {
    if (others.length > 0) {
      return refuse(desired, "ambiguous", explainAdoption(kind, resource.address, bearers));
    }
    return takeOver(desired, only, "adopt", say("plan/adopt-one", { id: only.id }), undefined);
  }
  return noteExisting(create(desired, "create", [], { before }), bearers);
}

/** Nothing is known of it yet, and its manifest or a command names the object that it stands for. */
function planImport(desired: Desired, id: string, candidates: readonly Item[]): Step {
  const { kind, resource, context } = desired;
  const { address } = resource;
  const [item] = candidates;
  const holder = kind.parent === undefined ? undefined : desired.spec[kind.parent];
  if (!item && isReference(holder)) {
    const values = { address, id, holder: holder.$ref };
    const line = commandLine(["import", holder.$ref]);
    return refuse(desired, "cannot-import", explain("plan/import-holder", { ...values, commandLine: line }));
  }
  if (!item) {
    const owner = [...context.input.entries].find(([, one]) => one.kind === kind.name && one.id === id);
    const problem = owner
      ? explainTaken(
          address,
          id,
          owner[0],
          context.input.desired.some((one) => one.address === owner[0]),
        )
      : explain("plan/import-missing", { address, id, kind: kind.name });
    return refuse(desired, "cannot-import", problem);
  }
  const unmanageable = kind.unmanageable?.(item.live);
  if (unmanageable) return refuse(desired, "unmanageable", unmanageable);
  return takeOver(desired, item, "adopt", say("plan/import-one", { id }), undefined);
}

/** Why an object can't be taken over that the state has under another address, and what to do about it. */
export function explainTaken(address: Address, id: string, owner: Address, isWanted: boolean): Explained {
  const problem = explain("plan/import-taken", { address, id, owner });
  if (isWanted) return problem;
  const line = commandLine(["state", "mv", owner, address]);
  return { ...problem, hint: say("plan/import-taken-stray", { owner, commandLine: line }) };
}

/** Objects of the wanted identity that no environment of the project manages; one that is unique can be in several. */
function findBearers({ kind, spec, context }: Desired, candidates: readonly Item[]): readonly Item[] {
  const { elsewhere } = context.input;
  const free = kind.unique ? candidates : candidates.filter((item) => !elsewhere?.has(keyOfPlace(item)));
  return preferExact(kind, free, spec);
}

/** A creation beside objects of the same identity. */
const noteExisting = (step: Step, bearers: readonly Item[]): Step => ({
  ...step,
  existing: bearers.map(({ id }) => id),
  notes: [say("plan/existing", { count: bearers.length, ids: bearers.map(({ id }) => id).join(", ") })],
});

/** It was made and isn't found any more. */
function planMissing(desired: Desired, entry: Entry, place: Place, candidates: readonly Item[]): Step {
  if (entry.status !== "pending" || entry.note === undefined) {
    const because = [say("plan/missing", { id: place.id })];
    const before = candidates.map(({ id }) => id);
    const step = create(desired, "create", because, { before, removes: entry.previous });
    const bearers = showsIdentity(desired.kind) ? findBearers(desired, candidates) : [];
    return bearers.length > 0 ? noteExisting(step, bearers) : step;
  }
  const waits = noteChangedSince(desired, entry);
  return { ...emptyStep(desired), because: [entry.note], place, notes: [entry.note, ...waits] };
}

/** A rollback never recreates an object: the step does nothing, and the rollback reports why. */
function refuseRecreation(desired: Desired, entry: Entry | undefined, step: Step): Step {
  const makes = step.action === "replace" || step.calls.some(({ call }) => call === "create");
  if (!entry || !makes || !isRollback(desired, entry)) return step;
  const isGone = step.place === undefined;
  return {
    ...emptyStep(desired),
    because: isGone ? [say("plan/gone", { id: entry.id ?? "" })] : step.because,
  };
}
