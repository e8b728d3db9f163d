import type { Address } from "../../core/address.ts";
import { groupBy } from "../../core/group.ts";
import type { Plan, PlanContext, Step } from "../plan.ts";
import { refuseExisting } from "./existing.ts";
import { refuseHeld } from "./held.ts";
import { isAnswered, type Permission, type Refusal } from "./refusal.ts";
import { refuseRemovals } from "./removals.ts";
import { type FoundRenames, refuseRenames } from "./renames.ts";

/** Everything that a plan of these steps is refused for, sorted by whether its options say yes to it. */
export function checkGuards(
  context: PlanContext,
  steps: readonly Step[],
  renames: FoundRenames,
): Pick<Plan, "refusals" | "answered"> {
  const about = new Set<Address>(steps.map(({ address }) => address));
  const found = [
    ...refuseRenames(context, steps, renames).filter(({ addresses }) =>
      addresses.some((one) => about.has(one)),
    ),
    ...refuseExisting(context, steps),
    ...refuseHeld(context, steps),
    ...refuseRemovals(context, steps),
    ...steps.flatMap(refuseHarm),
  ];
  const { options } = context.input;
  const answered = found.filter((one) => isAnswered(one, options));
  return { refusals: found.filter((one) => !answered.includes(one)), answered };
}

/** What a step does besides and that needs a permission. */
function refuseHarm({ address, effects, leaves = [], at }: Step): readonly Refusal[] {
  const byPermission = groupBy(effects, ({ needs }) => needs);
  return [...byPermission].map(
    ([permission, some]): Refusal => ({
      guard: permission as Permission,
      addresses: [address],
      ids: leaves,
      message: some.map(({ text }) => text).join(", "),
      options: [`--${permission}`],
      at,
    }),
  );
}
