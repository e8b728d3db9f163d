import type { Action, ActionCounts, Step } from "../plan/plan.ts";
import type { KindFacts } from "./step-view.ts";
import type { Drawing, Span, Tone } from "./styled-text.ts";
import { formatNumber } from "./values.ts";

interface ActionStyle {
  readonly symbol: string;
  readonly tone: Tone;
  /** `3 to create` */
  readonly verb: string;
  /** `3 created` */
  readonly done: string;
}

const words: Readonly<Record<Action, ActionStyle>> = {
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

/** The words, symbol and color of an action. */
export const styleOf = (action: Action): ActionStyle => words[action];

/** Names of kinds whose replacement creates the new object before it deletes the old one. */
export type CreateFirst = ReadonlySet<string>;

/** How the steps of a run are drawn. */
export interface RunDrawing extends Drawing {
  readonly createFirst: CreateFirst;
}

/** The kinds that create the new object first. */
export const createFirstOf = (kinds: readonly KindFacts[]): CreateFirst =>
  new Set(
    kinds
      .filter(({ replacement = "remove-first" }) => replacement !== "remove-first")
      .map(({ name }) => name),
  );

/**
 * The sign of a step, four columns wide. A replacement shows whether it creates or deletes first. `action`: the part
 * of the step in progress.
 */
export function signOf(step: Step, createFirst: CreateFirst, action: Action = step.action): Span {
  const { symbol, tone } = words[action];
  const shown = action === "replace" && createFirst.has(step.kind) ? "+/-" : symbol;
  return { text: `${shown.padStart(3)} `, tone };
}

/** `3 to create, 1 to update`. */
export const countPlanned = (counts: ActionCounts): string => listCounts(counts, ({ verb }) => `to ${verb}`);

/** `3 created, 1 updated`. */
export const countDone = (counts: ActionCounts): string => listCounts(counts, ({ done }) => done);

function listCounts(counts: ActionCounts, phrase: (words: ActionStyle) => string): string {
  return Object.entries(words)
    .flatMap(([action, one]) => {
      const count = action === "no-op" ? 0 : (counts[action as Action] ?? 0);
      return count > 0 ? [`${formatNumber(count)} ${phrase(one)}`] : [];
    })
    .join(", ");
}
