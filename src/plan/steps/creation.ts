import { formatPath } from "../../core/spec-walk.ts";
import type { Item } from "../../kind/kind.ts";
import { effectsOf, planCreation, planUpdate } from "../../kind/planned-calls.ts";
import type { Effect } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import type { Difference } from "../diff.ts";
import type { Step } from "../plan.ts";
import { blankStep, changeOf, compare, type Desired, managedBy, refuse, updateEffects } from "./desired.ts";
import { planUndoing, removalEffects, toPlace } from "./removal.ts";

/** Makes an object. `before`: ids that bear its identity already; `removes`: what it leaves nobody to mind. */
export function create(
  wanted: Desired,
  action: "create" | "retry",
  because: readonly string[],
  { before, removes = [] }: { readonly before: readonly string[]; readonly removes?: Step["removes"] },
): Step {
  const change = { spec: wanted.spec, live: undefined, changed: new Set(Object.keys(wanted.spec)) };
  const { calls, effects } = planCreation(wanted.kind, change);
  return { ...blankStep(wanted), action, because, effects, calls, removes, before, target: wanted.spec };
}

/** An object becomes this resource's: found after a lost answer, or adopted. */
export function takeOver(
  wanted: Desired,
  item: Item,
  action: "retry" | "adopt",
  because: string,
  entry: Entry | undefined,
): Step {
  const found = compare(wanted, undefined, item, "whole");
  const fixed = found.changes.filter((one) => one.replaces);
  const differing = fixed.filter((one) => !one.unreadable).map(({ path }) => formatPath(path));
  if (differing.length > 0) {
    const message = `${item.id} differs in what can't change: ${differing.join(", ")}`;
    return refuse(
      wanted,
      "cannot-adopt",
      message,
      "change the manifest to what is there, or plan without --adopt",
    );
  }
  const blind = fixed.map(
    ({ path }) => `${formatPath(path)} can't be read back and is taken to be as wanted`,
  );
  const changes = found.changes.filter((one) => !one.replaces);
  const difference: Difference = { ...found, changes, notes: [...found.notes, ...blind] };
  const change = changeOf(difference, item.live);
  const waits = item.health === "working" && wanted.kind.processed === true;
  const calls = planUpdate(wanted.kind, change, managedBy(wanted, undefined), () => false, waits);
  return {
    ...blankStep(wanted),
    action,
    because: [because],
    changes,
    notes: difference.notes,
    effects: updateEffects(wanted.kind, change, calls),
    place: toPlace(item.id, item.parent),
    calls,
    removes: entry?.previous ?? [],
    target: difference.target,
    live: item.live,
  };
}

/** Makes a new object in place of one that can't become what is wanted. */
export function replace(
  wanted: Desired,
  entry: Entry,
  item: Item,
  because: readonly string[],
  { changes, namesakes }: { readonly changes: Step["changes"]; readonly namesakes: readonly string[] },
): Step {
  const { kind, planning, resource } = wanted;
  // Nothing is destroyed where the old one stays and is remembered.
  if (resource.lifecycle.preventDestroy && kind.replacement !== "keep-old") {
    const message = `${resource.address} is protected by lifecycle.prevent_destroy and would be replaced: ${because.join("; ")}`;
    return refuse(wanted, "prevent-destroy", message, "undo the change, or take prevent_destroy out");
  }
  const change = { spec: wanted.spec, live: undefined, changed: new Set(Object.keys(wanted.spec)) };
  const made = planCreation(kind, change);
  const place = toPlace(item.id, item.parent);
  const goes = kind.removal === "delete";
  const stays = kind.replacement === "keep-old";
  const undo = goes || stays ? undefined : planUndoing(planning, kind, entry, item);
  const lost = goes
    ? removalEffects(kind, "replace", wanted.spec, item.live)
    : [...effectsOf(undo?.calls ?? []), stays ? keeping(item) : orphan(item)];
  return {
    ...blankStep(wanted),
    action: "replace",
    because,
    changes,
    effects: distinct([...lost, ...made.effects]),
    place,
    calls: made.calls,
    removes: goes ? [place, ...(entry.previous ?? [])] : [],
    before: [item.id, ...namesakes],
    target: wanted.spec,
    live: item.live,
    ...(undo ? { undo } : {}),
  };
}

const distinct = (effects: readonly Effect[]): readonly Effect[] =>
  effects.filter(({ text }, index) => effects.findIndex((other) => other.text === text) === index);

const keeping = (item: Item): Effect => ({
  text: `the old one (${item.id}) stays at Coze, and the state remembers it`,
});

const orphan = (item: Item): Effect => ({
  text: `the old one (${item.id}) cannot be deleted through the API and stays at Coze`,
  needs: "allow-orphans",
});
