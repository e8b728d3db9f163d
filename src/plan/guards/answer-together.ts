import type { PlanInput, PlanOptions } from "../plan.ts";
import type { Permission, Refusal } from "./refusal.ts";

/** The most rounds of answers; each is there for what only the one before it made a step of the plan. */
const mostRounds = 4;

/**
 * Refusals with those that appear once they are answered: resources that weren't renamed are removed, which may have to
 * be confirmed. The number of removals is that of all answers together. What no option answers stays as it is.
 */
export function answerTogether(
  refusals: readonly Refusal[],
  input: PlanInput,
  plan: (input: PlanInput) => { readonly refusals: readonly Refusal[] },
): readonly Refusal[] {
  // Everything else that is refused is a step of the plan already.
  if (!refusals.some(({ guard, options }) => guard === "renamed" && options.length > 0)) return refusals;
  let all = refusals;
  for (let left = mostRounds; left > 0; left -= 1) {
    const options = sayYes(input.options, all);
    const more = plan({ ...input, options }).refusals.filter((one) => one.options.length > 0);
    if (more.length === 0) break;
    const isCounted = more.some(({ guard }) => guard === "removals");
    all = [...all.filter(({ guard }) => !(isCounted && guard === "removals")), ...more];
  }
  return all;
}

/** Options that say yes to refusals. */
function sayYes(options: PlanOptions, refusals: readonly Refusal[]): PlanOptions {
  const named = (wanted: Refusal["guard"]) =>
    refusals.filter(({ guard }) => guard === wanted).map(({ addresses: [address] }) => address);
  const count = refusals.find(({ guard }) => guard === "removals")?.count;
  const permissions = refusals.flatMap(({ guard }) => (isPermission(guard) ? [guard] : []));
  return {
    ...options,
    notRenamed: [...(options.notRenamed ?? []), ...named("renamed")],
    duplicate: [...(options.duplicate ?? []), ...named("exists")],
    releaseHold: [...(options.releaseHold ?? []), ...named("held")],
    allow: new Set([...(options.allow ?? []), ...permissions]),
    confirmRemovals: count ?? options.confirmRemovals,
  };
}

const isPermission = (guard: Refusal["guard"]): guard is Permission => guard.startsWith("allow-");
