import type { Values } from "../../core/value.ts";
import type { Item } from "../../kind/kind.ts";
import { effectsOf, type PlannedCall } from "../../kind/planned-calls.ts";
import type { Resource } from "../../kind/resource.ts";
import type { Change, Effect, KindSchema } from "../../kind/schema.ts";
import type { Entry } from "../../kind/state-entry.ts";
import { knowsForms } from "../../kind/stored-form.ts";
import { type Difference, diffSpec, includeFormerPromotion } from "../diff.ts";
import type { PlanContext, Step } from "../plan.ts";

/** A resource being planned. */
export interface Desired {
  readonly context: PlanContext;
  readonly resource: Resource;
  readonly kind: KindSchema;
  /** Its spec, references to objects that exist and stay as ids. */
  readonly spec: Values;
}

/** How much of an object is known: all, what the list tells (the rest is unchanged), or nothing. */
export type ReadScope = "whole" | "partial" | "unasked";

/** A step that does nothing yet. */
export function emptyStep({ context, kind, resource, spec }: Desired): Step {
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
    lookups: resource.lookups,
    outputs: resource.outputs,
    dependencies: resource.dependencies,
    preventDestroy: resource.lifecycle.preventDestroy || undefined,
    checks: resource.checks,
    own: resource.promoted && context.resolve(kind, resource.promoted.own),
    at: resource.at,
  };
}

/** Reports why nothing can be done, and does nothing. */
export function refuse(
  desired: Desired,
  code: string,
  texts: { readonly message: string; readonly hint: string },
): Step {
  const { context, resource } = desired;
  context.report(resource.address, { code, ...texts, at: resource.at });
  return { ...emptyStep(desired), because: [texts.message] };
}

/** How an object differs from what is wanted of it. */
export function compare(
  desired: Desired,
  entry: Entry | undefined,
  item: Item,
  scope: ReadScope,
  made?: Values,
): Difference {
  const { kind, spec, resource, context } = desired;
  return diffSpec(kind.fields, {
    want: spec,
    live: item.live,
    applied: entry && includeFormerPromotion(kind.fields, entry.spec, resource.promoted?.former),
    ignore: resource.lifecycle.ignoreChanges,
    read: entry?.read,
    normalised: !knowsForms(kind) || (!entry?.read && !context.input.options.exact),
    own: resource.promoted && entry?.spec,
    made,
    salt: context.input.salt,
    only: scope === "partial" ? new Set(Object.keys(item.live)) : undefined,
    unasked: scope === "unasked" || undefined,
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

/** Whether the resource is rolled back to before a promotion. */
export const isRollback = ({ context }: Desired, { restoring }: Entry): boolean => {
  const { promotion } = context.input.options;
  return promotion !== undefined && promotion.from === undefined && restoring !== undefined;
};
