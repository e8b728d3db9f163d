import type { Address } from "../../core/address.ts";
import { say } from "../../messages/text.ts";
import type { PlanContext, Step } from "../plan.ts";
import type { Refusal } from "./refusal.ts";

/** From this many resources on, a share of them that goes is worth a question. */
const fewest = 10;

/** The share of the state's resources above which a removal has to be confirmed; from 0 to 1. */
const largestShare = 0.3;

/**
 * Refuses a plan that loses what objects contain, or much of what the state has, until how much goes is confirmed: the
 * resources, and what is inside them and no resource of the plan.
 */
export function refuseRemovals(context: PlanContext, steps: readonly Step[]): readonly Refusal[] {
  const { entries } = context.input;
  const removed = steps.filter((step) => isRemoval(context, step));
  const losing = removed.filter(({ effects }) => effects.some(({ loses = 0 }) => loses !== 0));
  const isMuch = entries.size >= fewest && removed.length > entries.size * largestShare;
  const [first, ...others] = [...losing, ...removed.filter((step) => !losing.includes(step))];
  if (!first || !(isMuch || losing.length > 0)) return [];
  const inside = countInside(losing, removed);
  const count = removed.length + inside;
  const resources = say("plan/removed-resources", { count: removed.length, total: entries.size });
  const contents = losing.map(({ address, effects }) => {
    const texts = effects.flatMap(({ text, loses = 0 }) => (loses === 0 ? [] : [text]));
    return say("plan/removed-contents", { address, effects: texts.join(", ") });
  });
  return [
    {
      guard: "removals",
      addresses: [first.address, ...others.map(({ address }) => address)],
      ids: removed.flatMap(idsOf),
      message:
        contents.length === 0
          ? resources
          : say("plan/refused-removals", { resources, contents: contents.join("; ") }),
      options: ["--confirm-removals", String(count)],
      count,
      at: first.at,
    },
  ];
}

/** Whether the object of a step goes, or is let go of. What stays in the state isn't lost. */
function isRemoval(context: PlanContext, { action, kind }: Step): boolean {
  // An edited document is a new one at Coze, and such edits are everyday work.
  if (action === "replace") {
    const { replacement, remade } = context.kind(kind);
    return replacement !== "keep-old" && !remade;
  }
  return action === "delete" || action === "abandon";
}

const idsOf = ({ removes, leaves = [], place }: Step): readonly string[] => [
  ...new Set([...removes.map(({ id }) => id), ...leaves, ...(place ? [place.id] : [])]),
];

/** How many objects go with others without being resources that are removed themselves. */
function countInside(losing: readonly Step[], removed: readonly Step[]): number {
  const below = new Map<Address, number>();
  for (const { removes } of removed)
    for (const { parent } of removes)
      if (parent !== undefined) below.set(parent, (below.get(parent) ?? 0) + 1);
  const counts = losing.map(({ effects, place }) => {
    const lost = effects.map(({ loses }) => (typeof loses === "number" ? loses : 0));
    const all = lost.reduce((sum, one) => sum + one, 0);
    return Math.max(0, all - (below.get(place?.id ?? "") ?? 0));
  });
  return counts.reduce((sum, one) => sum + one, 0);
}
