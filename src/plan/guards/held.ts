import { describeTime } from "../../core/time.ts";
import { say } from "../../messages/text.ts";
import { changesAnything, type PlanContext, type Step } from "../plan.ts";
import type { Refusal } from "./refusal.ts";

/** Refuses to change what was taken back to an earlier release while its manifest is as it was then. */
export function refuseHeld({ input: { held } }: PlanContext, steps: readonly Step[]): readonly Refusal[] {
  return steps.flatMap((step): readonly Refusal[] => {
    const { address, spec, place, at } = step;
    const hold = held?.get(address);
    if (!hold || spec === undefined || !changesAnything(step)) return [];
    const { release, at: since } = hold;
    return [
      {
        guard: "held",
        addresses: [address],
        ids: place ? [place.id] : [],
        message: say("plan/refused-held", { release, time: describeTime(since) }),
        options: ["--release-hold", address],
        release,
        at,
      },
    ];
  });
}
