import { parseAddress } from "../core/address.ts";
import { formatPath } from "../core/spec-walk.ts";
import { noteLostCall } from "../kind/lost-call.ts";
import { changesAnything, countActions, type Plan, type PlannedCalls, type Step } from "../plan/plan.ts";
import { type CreateFirst, countPlanned, createFirstOf, signOf, styleOf } from "./action-style.ts";
import { printableLine } from "./escape-control.ts";
import { type ChangeDrawing, drawChanges, drawFields } from "./field-changes.ts";
import { groupSteps, type StepGroup } from "./group-steps.ts";
import { createPresenter, type KindFacts, type Presenter } from "./step-view.ts";
import {
  type Drawing,
  indent,
  type Line,
  paintLines,
  plain,
  type Span,
  shorten,
  wrapLine,
} from "./styled-text.ts";
import { formatDuration, formatNumber, plural, quote } from "./values.ts";

/** How a plan is drawn. */
export interface PlanDrawing extends Drawing {
  /** The kinds of the plan's steps decide which fields are secret. */
  readonly kinds: readonly KindFacts[];
  /** The API calls of the plan and of its apply. */
  readonly calls?: PlannedCalls | undefined;
  /** Show similar steps one by one and long texts in full. */
  readonly full?: boolean | undefined;
  /** The plan is a promotion between these environments; without `from`, a rollback. */
  readonly promotes?: { readonly from?: string | undefined; readonly to: string } | undefined;
  /** The environment, endpoint and credentials of the plan. */
  readonly access?: PlanAccess | undefined;
  /** The plan is a destroy of this state, or of targets in it. */
  readonly destroys?: { readonly state: string; readonly targeted: boolean } | undefined;
}

/** The endpoint and credentials of a plan; `source` describes where a token or key is, never its value. */
interface PlanAccess {
  readonly environment: string;
  /** Undefined for the embedded emulator. */
  readonly endpoint?: string | undefined;
  /** The first one serves every kind that no other one names. */
  readonly credentials: readonly { readonly kinds: readonly string[]; readonly source: string }[];
}

/** A plan as text: each step with its reason and changes, and totals at the end. */
export function renderPlan(plan: Plan, options: PlanDrawing): string {
  const { kinds, calls, full = false, color, width } = options;
  const steps = plan.steps.filter(changesAnything);
  const presenter = createPresenter(kinds, plan.steps);
  const drawing: StepDrawing = { color, width, full, presenter, createFirst: createFirstOf(kinds) };
  const groups = full
    ? steps.map((step) => ({ steps: [step], sameChanges: true }) as const)
    : groupSteps(steps);
  const blocks = [
    ...groups.map((group) => drawGroup(group, drawing)),
    ...plan.steps.filter(isNoted).map((step) => drawNoted(step, width)),
  ];
  const total = steps.length > 0 ? describeChanges(steps, calls) : describeNothing(plan, options);
  const heading = [
    ...(options.access ? [...headAccess(options.access, width), []] : []),
    ...(options.promotes && steps.length > 0 ? [headPromotion(options.promotes), []] : []),
  ];
  return paintLines([...heading, ...spread(blocks), ...wrapLine(total, width)], color);
}

/** A reviewer should see first which token goes to which endpoint. */
function headAccess({ environment, endpoint, credentials }: PlanAccess, width: number): readonly Line[] {
  const signs = credentials.map(
    ({ kinds, source }) => `${kinds.length > 0 ? `${kinds.join(" and ")} with ` : "with "}${source}`,
  );
  const place = endpoint === undefined ? "on the embedded emulator" : `at ${endpoint}, ${signs.join("; ")}`;
  return wrapLine(
    [
      { text: `Environment ${printableLine(environment)}`, tone: "strong" },
      { text: ` ${printableLine(place)}` },
    ],
    width,
    4,
  );
}

const headPromotion = ({ from, to }: NonNullable<PlanDrawing["promotes"]>): Line =>
  plain(
    printableLine(
      from === undefined
        ? `Back to what ${to} had before its last promotion:`
        : `Promotion from ${from} to ${to}; callers see it once all is ready:`,
    ),
  );

/** A step without changes that has notes. */
const isNoted = (step: Step): boolean => !changesAnything(step) && step.notes.length > 0;

function drawNoted(step: Step, width: number): readonly Line[] {
  const head: Line = [{ text: "    " }, { text: printableLine(step.address), tone: "strong" }];
  const notes = drawRemarks(step, width - 6);
  return [head, ...notes.map((line): Line => [{ text: "      " }, ...line])];
}

/** Separates blocks by blank lines, except consecutive blocks of one line. */
export function spread(blocks: readonly (readonly Line[])[]): readonly Line[] {
  const lines = blocks.flatMap((block, index) => {
    const apart = block.length > 1 || (blocks[index - 1]?.length ?? 0) > 1;
    return index > 0 && apart ? [[], ...block] : block;
  });
  return blocks.length > 0 ? [...lines, []] : lines;
}

function describeChanges(steps: readonly Step[], calls: PlanDrawing["calls"]): Line {
  const effort = calls
    ? `; ${calls.apply > 0 ? `about ${plural(calls.apply, "API call")}` : "no API calls"} to apply${describeTime(steps, calls)} (this plan made ${calls.made})`
    : "";
  return [{ text: "Plan:", tone: "strong" }, { text: ` ${countPlanned(countActions(steps))}${effort}.` }];
}

/** The shortest duration of an apply. The duration of Coze's own work is unknown. */
function describeTime(steps: readonly Step[], { seconds }: PlannedCalls): string {
  const waits = steps.some(({ calls }) => calls.some(({ call }) => call === "settle"));
  const waiting = waits ? "waiting for Coze's own work" : "";
  if (seconds === 0) return waits ? `, and ${waiting}` : "";
  const time = seconds < 10 ? `${seconds}s` : formatDuration(seconds * 1000);
  return `, which take about ${time}${waits ? `, and ${waiting}` : ""}`;
}

function describeNothing(plan: Plan, { calls, destroys, promotes }: PlanDrawing): Line {
  if (destroys) {
    const { state, targeted } = destroys;
    const found = targeted
      ? `the state of ${state} holds none of the targets`
      : `the state of ${state} is empty`;
    return [{ text: "Nothing to destroy:", tone: "success" }, ...plain(printableLine(` ${found}.`))];
  }
  const made = calls ? `, ${plural(calls.made, "call")}` : "";
  if (promotes) {
    const { from, to } = promotes;
    const why = from === undefined ? "nothing is to be taken back" : `${to} is as ${from} has released it`;
    const found = plain(` ${printableLine(why)} (${plural(plan.steps.length, "resource")}${made}).`);
    return [{ text: "No changes:", tone: "success" }, ...found];
  }
  const found = plain(` Manifests and Coze agree (${plural(plan.steps.length, "resource")}${made}).`);
  return [{ text: "No changes.", tone: "success" }, ...found];
}

/** How the steps of a plan are drawn. */
interface StepDrawing extends ChangeDrawing {
  readonly presenter: Presenter;
  /** Kinds whose replacement creates the new object before it deletes the old one. */
  readonly createFirst: CreateFirst;
}

/** The column where the details of a step begin. */
const detailColumn = 6;

/** A step or several similar ones: action, address and reason, then changes, effects and notes. */
function drawGroup(group: StepGroup, drawing: StepDrawing): readonly Line[] {
  const [step] = group.steps;
  const head = group.steps.length > 1 ? describeMany(group) : describeOne(step);
  const line: Line = [signOf(step, drawing.createFirst), ...head];
  const inner = { ...drawing, width: drawing.width - detailColumn };
  const details = [
    ...(group.steps.length > 1 ? drawSimilar(group, inner) : drawDetails(step, inner)),
    ...drawRemarks(step, inner.width),
  ];
  return [
    ...wrapLine(line, drawing.width, detailColumn),
    ...details.map((detail) => indent(detail, detailColumn)),
  ];
}

function describeOne(step: Step): Line {
  const { tone, verb } = styleOf(step.action);
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

function describeMany({ steps }: StepGroup): Line {
  const [step] = steps;
  const { tone, verb } = styleOf(step.action);
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

function drawDetails(step: Step, drawing: StepDrawing): readonly Line[] {
  const { presenter } = drawing;
  const isNew = step.calls.some(({ call }) => call === "create") && step.changes.length === 0;
  if (isNew && step.action !== "replace") {
    return drawFields(presenter.spec(step.kind, step.spec ?? {}), drawing);
  }
  return drawChanges(presenter.changes(step.kind, step.changes), drawing);
}

function drawSimilar({ steps: [step], sameChanges }: StepGroup, drawing: StepDrawing): readonly Line[] {
  if (step.changes.length === 0) return [];
  if (sameChanges) return drawDetails(step, drawing);
  const paths = step.changes.map(({ path }) => formatPath(path)).join(", ");
  return wrapLine([{ text: `${printableLine(paths)}: other content in each` }], drawing.width, 2);
}

/** The effects and notes of a step. */
function drawRemarks(
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
