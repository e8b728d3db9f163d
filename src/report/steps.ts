import { parseAddress } from "../core/address.ts";
import { formatPath } from "../core/spec-walk.ts";
import { noteLostCall } from "../kind/lost-creation.ts";
import type { Step } from "../plan/plan.ts";
import { type CreateFirst, signOf, wordsOf } from "./action-style.ts";
import { printableLine } from "./escape-control.ts";
import { type ChangeDrawing, drawChanges, drawFields } from "./field-changes.ts";
import type { Fold } from "./group-steps.ts";
import type { Presenter } from "./step-view.ts";
import { indent, type Line, type Span } from "./styled-text.ts";
import { formatNumber, quote } from "./values.ts";
import { shorten, wrapLine } from "./wrap.ts";

/** How steps are drawn. */
export interface StepDrawing extends ChangeDrawing {
  readonly presenter: Presenter;
  /** Kinds whose replacement is made before the old object goes. */
  readonly createFirst: CreateFirst;
}

/** Where what is said of a step begins. */
const detailColumn = 6;

/** A step, or several that are alike: what happens to what and why, then the changes, effects and notes. */
export function drawFold(fold: Fold, drawing: StepDrawing): readonly Line[] {
  const [step] = fold.steps;
  const head = fold.steps.length > 1 ? describeMany(fold) : describeOne(step);
  const line: Line = [signOf(step, drawing.createFirst), ...head];
  const inner = { ...drawing, width: drawing.width - detailColumn };
  const details = [
    ...(fold.steps.length > 1 ? drawAlike(fold, inner) : drawOwn(step, inner)),
    ...drawRemarks(step, inner.width),
  ];
  return [
    ...wrapLine(line, drawing.width, detailColumn),
    ...details.map((detail) => indent(detail, detailColumn)),
  ];
}

function describeOne(step: Step): Line {
  const { tone, verb } = wordsOf(step.action);
  const removed = step.action === "delete" ? step.removes.map(({ id }) => ` ${id}`).join(",") : "";
  return [
    { text: printableLine(step.address), tone: "strong" },
    { text: "  " },
    { text: verb + removed, tone },
    ...because(step),
  ];
}

const because = (step: Step): Line =>
  step.because.length > 0 ? [{ text: ` (${printableLine(step.because.join("; "))})`, tone: "dim" }] : [];

function describeMany({ steps }: Fold): Line {
  const [step] = steps;
  const { tone, verb } = wordsOf(step.action);
  const [address = ""] = step.address.split("[");
  const keys = steps.slice(0, 3).map((one) => shorten(quote(parseAddress(one.address)?.key ?? ""), 24));
  const sameReason = new Set(steps.map((one) => one.because.join())).size === 1;
  return [
    { text: `${printableLine(address)}[…]`, tone: "strong" },
    { text: "  " },
    { text: `${formatNumber(steps.length)} to ${verb}`, tone },
    ...(sameReason ? because(step) : []),
    { text: `: ${keys.join(", ")}, …` },
  ];
}

function drawOwn(step: Step, drawing: StepDrawing): readonly Line[] {
  const { presenter } = drawing;
  const isNew = step.calls.some(({ call }) => call === "create") && step.changes.length === 0;
  if (isNew && step.action !== "replace") {
    return drawFields(presenter.spec(step.kind, step.spec ?? {}), drawing);
  }
  return drawChanges(presenter.changes(step.kind, step.changes), drawing);
}

function drawAlike({ steps: [step], sameChanges }: Fold, drawing: StepDrawing): readonly Line[] {
  if (step.changes.length === 0) return [];
  if (sameChanges) return drawOwn(step, drawing);
  const paths = step.changes.map(({ path }) => formatPath(path)).join(", ");
  return wrapLine([{ text: `${printableLine(paths)}: other content in each` }], drawing.width, 2);
}

/** What a step brings beyond its fields, and what else to know. */
export function drawRemarks(
  step: Pick<Step, "effects" | "notes" | "lostCall" | "spec">,
  width: number,
): readonly Line[] {
  const effects = step.effects.map(({ text, needs }): Line => {
    const option: readonly Span[] = needs ? [{ text: `, needs --${needs}`, tone: "warning" }] : [];
    return [{ text: "! ", tone: "warning" }, { text: printableLine(text), tone: "update" }, ...option];
  });
  const notes = [...noteLostCall(step), ...step.notes].map(
    (note): Line => [{ text: "i ", tone: "adopt" }, { text: printableLine(note) }],
  );
  return [...effects, ...notes].flatMap((line) => wrapLine(line, width, 2));
}
