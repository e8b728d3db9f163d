import { say } from "../../messages/text.ts";
import type { PlanContext, Step } from "../plan.ts";
import type { Refusal } from "./refusal.ts";

/**
 * What is refused because an object of its identity is at Coze and belongs to no resource. Where there is no state, and
 * the next run won't have that of this one, nothing is an answer: each run would take everything over again, or make it
 * once more.
 */
export function refuseExisting(context: PlanContext, steps: readonly Step[]): readonly Refusal[] {
  const { entries, stateMissing, stateless, desired } = context.input;
  const isInVain = stateMissing === true && stateless === true;
  // A manifest that names its object needs no state to find it.
  const imports = new Set(isInVain ? desired.flatMap((one) => (one.imports ? [one.address] : [])) : []);
  return steps.flatMap(({ address, kind, action, place, existing, at }): readonly Refusal[] => {
    const isAdopted = isInVain && action === "adopt" && place && !imports.has(address);
    const found = isAdopted ? [place.id] : (existing ?? []);
    if (found.length === 0) return [];
    const ids = found.join(", ");
    return [
      {
        guard: "exists",
        addresses: [address],
        ids: found,
        message: say("plan/refused-existing", { count: found.length, ids }),
        // Coze allows no second one.
        options: isInVain || context.kind(kind).unique ? [] : ["--duplicate", address],
        remembered: entries.has(address) || undefined,
        stateMissing: stateMissing || undefined,
        at,
      },
    ];
  });
}
