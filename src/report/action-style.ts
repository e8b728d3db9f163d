import { say } from "../messages/text.ts";
import type { Action, ActionCounts, Step } from "../plan/plan.ts";
import type { KindFacts } from "./step-view.ts";
import type { Drawing, Span, Tone } from "./styled-text.ts";

type Change = Exclude<Action, "no-op">;

const styles: Readonly<Record<Change, { readonly symbol: string; readonly tone: Tone }>> = {
  create: { symbol: "+", tone: "create" },
  update: { symbol: "~", tone: "update" },
  replace: { symbol: "-/+", tone: "replace" },
  delete: { symbol: "-", tone: "delete" },
  abandon: { symbol: "*", tone: "delete" },
  adopt: { symbol: ">", tone: "adopt" },
  retry: { symbol: "?", tone: "update" },
  forget: { symbol: "*", tone: "dim" },
  moved: { symbol: ">", tone: "adopt" },
  refresh: { symbol: "~", tone: "update" },
  undecided: { symbol: "?", tone: "warning" },
};

const styleOf = (action: Action) =>
  action === "no-op" ? ({ symbol: " ", tone: "dim" } as const) : styles[action];

/** The name of an action in its color; of several steps, with their count. */
export const nameAction = (action: Action, count = 1): { readonly text: string; readonly tone: Tone } => ({
  text:
    action !== "no-op" && count > 1
      ? say(`report/planned-${action}`, { count })
      : say(`report/action-${action}`),
  tone: styleOf(action).tone,
});

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
  const { symbol, tone } = styleOf(action);
  const shown = action === "replace" && createFirst.has(step.kind) ? "+/-" : symbol;
  return { text: `${shown.padStart(3)} `, tone };
}

/** `3 to create, 1 to update`. */
export const countPlanned = (counts: ActionCounts): string =>
  listCounts(counts, (action, count) => say(`report/planned-${action}`, { count }));

/** `3 created, 1 updated`. */
export const countDone = (counts: ActionCounts): string =>
  listCounts(counts, (action, count) => say(`report/done-${action}`, { count }));

const listCounts = (counts: ActionCounts, phrase: (action: Change, count: number) => string): string =>
  (Object.keys(styles) as Change[])
    .flatMap((action) => (counts[action] ? [phrase(action, counts[action])] : []))
    .join(", ");
