import { say } from "../../messages/text.ts";
import type { PlanContext, Step } from "../plan.ts";
import type { Refusal } from "./refusal.ts";

/** What is refused because an object of its identity is at Coze and belongs to no resource. */
export function refuseExisting(context: PlanContext, steps: readonly Step[]): readonly Refusal[] {
  const { entries, stateMissing } = context.input;
  return steps.flatMap(({ address, kind, existing, at }): readonly Refusal[] => {
    if (!existing?.length) return [];
    const ids = existing.join(", ");
    return [
      {
        guard: "exists",
        addresses: [address],
        ids: existing,
        message: say("plan/refused-existing", { count: existing.length, ids }),
        // Coze allows no second one.
        options: context.kind(kind).unique ? [] : ["--duplicate", address],
        remembered: entries.has(address) || undefined,
        stateMissing: stateMissing || undefined,
        at,
      },
    ];
  });
}
