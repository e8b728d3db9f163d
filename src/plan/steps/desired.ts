import type { Values } from "../../core/value.ts";
import type { Item } from "../../kind/kind.ts";
import type { PlannedCall } from "../../kind/planned-calls.ts";
import { effectsOf } from "../../kind/planned-calls.ts";
import type { Resource } from "../../kind/resource.ts";
import type { Change, Effect, KindSchema } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { type Difference, diffSpec } from "../diff.ts";
import { coverFormer } from "../managed-fields.ts";
import type { Step } from "../plan.ts";
import type { PlanContext } from "../plan-changes.ts";

/** A resource being planned. */
export interface Desired {
  readonly planning: PlanContext;
  readonly resource: Resource;
  readonly kind: KindSchema;
  /** Its spec, references to objects that exist and stay as ids. */
  readonly spec: Values;
}

/** How much of an object is known: all, what the list tells (the rest is unchanged), or nothing. */
export type Seen = "whole" | "partial" | "unasked";

/** A step that does nothing yet. */
export function blankStep({ planning, kind, resource, spec }: Desired): Step {
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
    ...(resource.checks ? { checks: resource.checks } : {}),
    ...(resource.promoted ? { own: planning.resolve(kind, resource.promoted.own) } : {}),
    at: resource.at,
  };
}

/** Reports why nothing can be done, and does nothing. */
export function refuse(wanted: Desired, code: string, message: string, hint: string): Step {
  const { planning, resource } = wanted;
  planning.report(resource.address, { code, message, hint, at: resource.at });
  return { ...blankStep(wanted), because: [message] };
}

/** How an object differs from what is wanted of it. */
export function compare(wanted: Desired, entry: Entry | undefined, item: Item, seen: Seen): Difference {
  const { kind, spec, resource, planning } = wanted;
  return diffSpec(kind.fields, {
    want: spec,
    live: item.live,
    applied: entry && coverFormer(kind.fields, entry.spec, resource.promoted?.former),
    ignore: resource.lifecycle.ignoreChanges,
    salt: planning.input.salt,
    ...(seen === "partial" ? { only: new Set(Object.keys(item.live)) } : {}),
    ...(seen === "unasked" ? { unasked: true } : {}),
  });
}

export const changeOf = (difference: Difference, live: Values): Change => ({
  spec: difference.target,
  live,
  changed: new Set(difference.changes.map(({ path }) => String(path[0]))),
});

/** Top-level fields that are wanted, or once were. */
export const managedBy = ({ spec }: Desired, entry: Entry | undefined): readonly string[] =>
  Object.keys({ ...entry?.spec, ...spec });

export const updateEffects = (
  kind: KindSchema,
  change: Change,
  calls: readonly PlannedCall[],
): readonly Effect[] => [...(kind.effects?.("update", change) ?? []), ...effectsOf(calls)];
