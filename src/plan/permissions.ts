import type { Effect } from "../kind/schema.ts";
import type { Plan, Step } from "./plan.ts";

/** An option without which a step is refused. */
export type Permission = NonNullable<Effect["needs"]>;

/** The steps that need a permission nobody gave, with the permissions they lack. */
export function findRefusedSteps(
  plan: Plan,
  allowed: ReadonlySet<Permission>,
): readonly { readonly step: Step; readonly lacks: readonly Permission[] }[] {
  return plan.steps.flatMap((step) => {
    const needed = new Set(
      step.effects.flatMap(({ needs }) => (needs && !allowed.has(needs) ? [needs] : [])),
    );
    return needed.size > 0 ? [{ step, lacks: [...needed].sort() }] : [];
  });
}
