import { formatPath } from "../../core/spec-walk.ts";
import type { Item } from "../../kind/kind.ts";
import { effectsOf, planCreation, planUpdate } from "../../kind/planned-calls.ts";
import type { Effect } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { explain, say } from "../../messages/text.ts";
import type { Difference } from "../diff.ts";
import type { Step } from "../plan.ts";
import { planUndo, removalEffects, toPlace } from "./removal.ts";
import {
  changeOf,
  compare,
  type Desired,
  emptyStep,
  managedBy,
  refuse,
  updateEffects,
} from "./step-parts.ts";

/** Creates an object. `before`: ids that have its identity already; `removes`: leftovers to delete. */
export function create(
  desired: Desired,
  action: "create" | "retry",
  because: readonly string[],
  {
    before,
    removes = [],
  }: { readonly before: readonly string[]; readonly removes?: Step["removes"] | undefined },
): Step {
  const { calls, effects } = planNewObject(desired);
  return { ...emptyStep(desired), action, because, effects, calls, removes, before, target: desired.spec };
}

const planNewObject = ({ kind, spec }: Desired) =>
  planCreation(kind, { spec, live: undefined, changed: new Set(Object.keys(spec)) });

/** Takes over an object: adopted, or found after a lost answer. */
export function takeOver(
  desired: Desired,
  item: Item,
  action: "retry" | "adopt",
  because: string,
  entry: Entry | undefined,
): Step {
  const found = compare(desired, undefined, item, "whole", entry?.spec);
  const fixed = found.changes.filter((one) => one.replaces);
  const differing = fixed.filter((one) => !one.unreadable).map(({ path }) => formatPath(path));
  if (differing.length > 0) {
    const values = { id: item.id, fields: differing.join(", ") };
    return refuse(desired, "cannot-adopt", explain("plan/adopt-differs", values));
  }
  const blind = fixed.map(({ path }) => say("plan/adopt-unread", { field: formatPath(path) }));
  const changes = found.changes.filter((one) => !one.replaces);
  const difference: Difference = { ...found, changes, notes: [...found.notes, ...blind] };
  const change = changeOf(difference, item.live);
  const waits = item.health === "working" && desired.kind.processed === true;
  // What callers get from an object that people made is as they left it: only a change makes a new version.
  const isLeft = () => action === "adopt";
  const calls = planUpdate(desired.kind, change, managedBy(desired, undefined), isLeft, waits);
  return {
    ...emptyStep(desired),
    action,
    because: [because],
    changes,
    notes: difference.notes,
    effects: calls.some(({ call }) => call === "update")
      ? updateEffects(desired.kind, change, calls)
      : effectsOf(calls),
    place: toPlace(item.id, item.parent),
    calls,
    removes: entry?.previous ?? [],
    target: difference.target,
    live: item.live,
  };
}

/** Replaces an object that can't be updated in place. */
export function replace(
  desired: Desired,
  entry: Entry,
  item: Item,
  because: readonly string[],
  { changes, namesakes }: { readonly changes: Step["changes"]; readonly namesakes: readonly string[] },
): Step {
  const { kind, context, resource } = desired;
  // Nothing is destroyed where the old one stays and is remembered.
  if (resource.lifecycle.preventDestroy && kind.replacement !== "keep-old") {
    const values = { address: resource.address, reasons: because.join("; ") };
    return refuse(desired, "prevent-destroy", explain("plan/prevent-replacement", values));
  }
  const made = planNewObject(desired);
  const place = toPlace(item.id, item.parent);
  const goes = kind.removal === "delete";
  const stays = kind.replacement === "keep-old";
  const undo = goes || stays ? undefined : planUndo(context, kind, entry, item);
  const lost = goes
    ? removalEffects(kind, "replace", desired.spec, item.live)
    : [...effectsOf(undo?.calls ?? []), stays ? keepOldEffect(item) : orphanEffect(item)];
  return {
    ...emptyStep(desired),
    action: "replace",
    because,
    changes,
    effects: distinct([...lost, ...made.effects]),
    place,
    calls: made.calls,
    removes: goes ? [place, ...(entry.previous ?? [])] : [],
    leaves: goes ? undefined : [item.id],
    before: [item.id, ...namesakes],
    target: desired.spec,
    live: item.live,
    undo,
  };
}

const distinct = (effects: readonly Effect[]): readonly Effect[] =>
  effects.filter(({ text }, index) => effects.findIndex((other) => other.text === text) === index);

const keepOldEffect = ({ id }: Item): Effect => ({ text: say("plan/keeps-old", { id }) });

const orphanEffect = ({ id }: Item): Effect => ({
  text: say("plan/keeps-orphan", { id }),
  needs: "allow-orphans",
});
