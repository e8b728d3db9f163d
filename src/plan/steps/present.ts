import { matchesRemembered, rememberSpec } from "../../core/digest.ts";
import { formatPath, valueAt } from "../../core/spec-walk.ts";
import { canonicalJson } from "../../core/value.ts";
import { isBeingReplaced } from "../../kind/deposed.ts";
import type { Item } from "../../kind/kind.ts";
import { type PlannedCall, planUpdate } from "../../kind/planned-calls.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { say } from "../../messages/text.ts";
import type { Difference } from "../diff.ts";
import { isNamed } from "../guards/refusal.ts";
import type { Step } from "../plan.ts";
import { replace } from "./creation.ts";
import { explainUnmanageable, toPlace } from "./removal.ts";
import {
  changeOf,
  compare,
  type Desired,
  emptyStep,
  isRollback,
  managedBy,
  type ReadScope,
  refuse,
  updateEffects,
} from "./step-parts.ts";
import { takesOverDraft } from "./taken-over-edits.ts";

interface ObservedObject {
  readonly seen: ReadScope;
  readonly namesakes: readonly string[];
  readonly kept: readonly Item[];
}

/** Plans a wanted resource whose object is there. */
export function planPresent(
  desired: Desired,
  entry: Entry,
  item: Item,
  { seen, namesakes, kept }: ObservedObject,
): Step {
  const unmanageable = explainUnmanageable(desired.kind, desired.resource.address, item);
  if (unmanageable) return refuse(desired, "unmanageable", unmanageable);
  const isAsked = isReplaceAsked(desired, entry);
  if (entry.status === "tainted" || item.health === "failed" || item.health === "refused") {
    if (!isAsked && isRefusedAgain(desired, entry, item, seen)) return planRefused(desired, entry, item);
    const step = replace(desired, entry, item, [say("plan/processing-failed")], { changes: [], namesakes });
    return { ...step, discards: step.removes.filter(({ id }) => id === item.id) };
  }
  const difference = compare(desired, entry, item, seen);
  const replacing = difference.changes.filter((change) => change.replaces);
  if (isAsked || replacing.length > 0) {
    const again = isAsked ? undefined : kept.findLast((one) => matchesSuperseded(desired, entry, one));
    if (again) return restoreSuperseded(desired, item, again, difference);
    const fixed = replacing.map(({ path }) => say("plan/replaces", { field: formatPath(path) }));
    const because = [...(isAsked ? [say("plan/replace-asked")] : []), ...fixed];
    const step = replace(desired, entry, item, because, { changes: difference.changes, namesakes });
    const requested = (isAsked && step.action === "replace") || undefined;
    return { ...step, requested, repairs: repairs(desired, entry, difference) };
  }
  return planInPlace(desired, entry, item, difference);
}

/** Whether its replacement is asked for; one that was begun already is completed, not begun once more. */
const isReplaceAsked = ({ context: { input }, resource: { address } }: Desired, entry: Entry): boolean =>
  isNamed(input.options.replace, address) && !isBeingReplaced(input.entries, address, entry);

/** Whether Coze rejected the very content that is wanted, and would again. */
function isRefusedAgain(desired: Desired, entry: Entry, item: Item, seen: ReadScope): boolean {
  const isRefused = item.health === "refused" || (item.health === undefined && entry.refusal !== undefined);
  if (!isRefused || desired.context.input.options.retryRefused) return false;
  return compare(desired, entry, item, seen).changes.length === 0;
}

/** Nothing is sent: the step tells the refusal, and fails with it. */
function planRefused(desired: Desired, { refusal = say("engine/refused") }: Entry, item: Item): Step {
  return {
    ...emptyStep(desired),
    action: "retry",
    because: [say("plan/refused-unchanged", { reason: refusal })],
    place: toPlace(item.id, item.parent),
    live: item.live,
    refusal,
  };
}

/** Whether a value that was applied already is to be written once more. */
function repairs({ context }: Desired, entry: Entry, { changes }: Difference): true | undefined {
  const isRepair = ({ path, before, after, unreadable }: Difference["changes"][number]): boolean => {
    const applied = valueAt(entry.spec, path);
    if (unreadable || before === undefined || after === undefined || applied === undefined) return false;
    return matchesRemembered(after, applied, context.input.salt);
  };
  return changes.some(isRepair) || undefined;
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
    because: [say("plan/restores-matching", { id: kept.id })],
    changes: changes.map(({ replaces: _none, ...change }) => change),
    notes: [say("plan/restores", { kept: kept.id, id: item.id })],
    place: toPlace(kept.id, kept.parent),
    live: kept.live,
  };
}

function planInPlace(desired: Desired, entry: Entry, item: Item, difference: Difference): Step {
  const change = changeOf(difference, item.live);
  const takesOver = takesOverDraft(desired, entry);
  const calls = planUpdate(
    desired.kind,
    change,
    managedBy(desired, entry),
    (name) => !takesOver && entry.done?.includes(name) === true,
    waits(desired.kind, entry, item),
  );
  const leftover = entry.previous ?? [];
  const rollsBack = isRollback(desired, entry);
  const halfMade = !rollsBack && (entry.status === "incomplete" || leftover.length > 0);
  const publishes = takesOver && calls.some(({ call }) => call === "follow-up");
  const changes = rollsBack || publishes || difference.changes.length > 0;
  const action = changes ? "update" : calls.length > 0 || halfMade ? "retry" : "no-op";
  const effects = action === "no-op" ? [] : updateEffects(desired.kind, change, calls);
  return {
    ...emptyStep(desired),
    action: halfMade && action === "update" ? "retry" : action,
    because: whyInPlace(desired, entry, difference, { calls, publishes }),
    changes: difference.changes,
    notes: difference.notes,
    effects,
    repairs: repairs(desired, entry, difference),
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
  { calls, publishes }: { readonly calls: readonly PlannedCall[]; readonly publishes: boolean },
): readonly string[] {
  if (isRollback(desired, entry)) return [say("plan/rolls-back")];
  const because: string[] = [];
  const ids = (entry.previous ?? []).map(({ id }) => id).join(", ");
  if (entry.status === "incomplete") because.push(whyIncomplete(desired, entry));
  if (ids !== "") because.push(say("plan/replaced-exists", { ids }));
  if (changes.length > 0) because.push(whyChanged(desired, entry, changes));
  else if (calls.some(({ call }) => call === "settle")) because.push(say("plan/processing"));
  else if (publishes) because.push(say("plan/publishes-draft"));
  else if (calls.length > 0 && because.length === 0) because.push(say("plan/unfollowed"));
  return because;
}

const whyIncomplete = ({ resource, context }: Desired, { history }: Entry): string => {
  const isPrepared = resource.promoted && context.input.options.promotion && history;
  return say(isPrepared ? "plan/unswitched" : "plan/incomplete");
};

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
  const { promotion } = context.input.options;
  const from = promotion?.from;
  if (resource.promoted && from !== undefined) return say("plan/another-release", { environment: from });
  if (resource.promoted && !promotion) return say("plan/earlier-release");
  const isPromoted = entry.history?.some(({ promotion }) => promotion !== undefined) === true;
  if (wishes.length === names.length)
    return say(isPromoted ? "plan/manifest-not-promoted" : "plan/manifest-changed");
  return say(wishes.length === 0 ? "plan/live-changed" : "plan/live-and-manifest-changed");
}

const waits = (kind: KindSchema, entry: Entry, item: Item): boolean =>
  kind.processed === true &&
  (item.health === "working" || (entry.status === "pending" && item.health !== "ready"));
