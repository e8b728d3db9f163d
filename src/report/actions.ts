import type { Action, ActionCounts, Step } from "../plan/plan.ts";
import type { Tone } from "./line.ts";
import { formatNumber } from "./values.ts";

interface ActionWords {
  readonly symbol: string;
  readonly tone: Tone;
  /** `3 to create` */
  readonly verb: string;
  /** `3 created` */
  readonly done: string;
}

const words: Readonly<Record<Action, ActionWords>> = {
  create: { symbol: "+", tone: "create", verb: "create", done: "created" },
  update: { symbol: "~", tone: "update", verb: "update", done: "updated" },
  replace: { symbol: "-/+", tone: "replace", verb: "replace", done: "replaced" },
  delete: { symbol: "-", tone: "delete", verb: "delete", done: "deleted" },
  abandon: { symbol: "*", tone: "delete", verb: "abandon", done: "abandoned" },
  adopt: { symbol: ">", tone: "adopt", verb: "adopt", done: "adopted" },
  retry: { symbol: "?", tone: "update", verb: "retry", done: "retried" },
  forget: { symbol: "*", tone: "dim", verb: "forget", done: "forgotten" },
  "no-op": { symbol: " ", tone: "dim", verb: "leave as is", done: "left as is" },
};

/** How an action is written and coloured. */
export const wordsOf = (action: Action): ActionWords => words[action];

/** The sign before a step; a replacement shows which comes first, the new object or the end of the old. */
export function symbolOf(step: Step, createFirst: ReadonlySet<string>): string {
  return step.action === "replace" && createFirst.has(step.kind) ? "+/-" : words[step.action].symbol;
}

/** `3 to create, 1 to update`. */
export const countPlanned = (counts: ActionCounts): string => listCounts(counts, ({ verb }) => `to ${verb}`);

/** `3 created, 1 updated`. */
export const countDone = (counts: ActionCounts): string => listCounts(counts, ({ done }) => done);

function listCounts(counts: ActionCounts, phrase: (words: ActionWords) => string): string {
  return Object.entries(words)
    .flatMap(([action, one]) => {
      const count = action === "no-op" ? 0 : (counts[action as Action] ?? 0);
      return count > 0 ? [`${formatNumber(count)} ${phrase(one)}`] : [];
    })
    .join(", ");
}
