import { formatPath } from "../core/spec-walk.ts";
import { noteLostCall } from "../kind/lost-call.ts";
import { say } from "../messages/text.ts";
import type { FieldChange } from "../plan/diff.ts";
import type { Refusal } from "../plan/guards/refusal.ts";
import { changesAnything, countActions, type Plan, type PlannedCalls, type Step } from "../plan/plan.ts";
import { type CreateFirst, countPlanned, createFirstOf, nameAction, signOf } from "./action-style.ts";
import { printableLine } from "./escape-control.ts";
import { type ChangeDrawing, drawChanges, drawFields } from "./field-changes.ts";
import { groupAlone, groupSteps, nameFamily, type StepGroup, sampleKeys } from "./group-steps.ts";
import { type AnswerWays, groupRefusals } from "./refusals.ts";
import { createPresenter, type KindFacts, type Presenter } from "./step-view.ts";
import {
  type Drawing,
  detailColumn,
  drawBlock,
  type Line,
  paintLines,
  plain,
  wrapLine,
} from "./styled-text.ts";
import { formatNumber, formatSeconds } from "./values.ts";

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
  /** How what is refused can be answered. */
  readonly ways?: AnswerWays | undefined;
  /** The plan only brings the state up to date. */
  readonly refreshes?: boolean | undefined;
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
  const groups = full ? steps.map(groupAlone) : groupSteps(steps, kinds);
  // Drawn one by one while they are painted: thousands of them take more memory than the plan.
  function* drawBlocks(): Iterable<readonly Line[]> {
    for (const group of groups) yield drawGroup(group, drawing);
    for (const step of plan.steps) if (isNoted(step)) yield drawNoted(step, width);
  }
  const total =
    steps.length === 0
      ? describeNothing(plan, options)
      : options.refreshes
        ? describeDrift(steps, calls)
        : describeChanges(steps, calls);
  const heading = [
    ...(options.access ? [...headAccess(options.access, width), []] : []),
    ...(options.promotes && steps.length > 0 ? [headPromotion(options.promotes), []] : []),
  ];
  const guards = [
    ...drawAnswered(plan.answered, width),
    ...drawRefusals(plan.refusals, { command: "plan", ...options.ways, together: plan.together }, width),
  ];
  return [
    paintLines(heading, color),
    paintLines(spread(drawBlocks()), color),
    paintLines([...wrapLine(total, width), ...guards], color),
  ].join("");
}

/** The most refusals of one guard that are named. */
const mostRefusals = 10;

/** What is refused, and how it can be answered; the commands each on one line, so that they can be pasted. */
function drawRefusals(refusals: Plan["refusals"], ways: AnswerWays, width: number): readonly Line[] {
  return groupRefusals(refusals, ways).flatMap(({ title, refusals: some, moves }) => [
    [],
    ...wrapLine([{ text: printableLine(title), tone: "warning" }], width),
    ...some.slice(0, mostRefusals).flatMap((one) => wrapLine(nameRefusal(one), width, 6)),
    ...(some.length > mostRefusals
      ? [plain(`    ${say("report/refused-more", { count: some.length - mostRefusals })}`)]
      : []),
    ...moves.map((move) => plain(`    ${printableLine(move)}`)),
  ]);
}

const nameRefusal = ({ addresses: [address], message }: Refusal): Line => [
  { text: "  ! ", tone: "warning" },
  { text: printableLine(address), tone: "strong" },
  { text: `  ${printableLine(message)}` },
];

/** What the answers of the plan allow. */
function drawAnswered(answered: Plan["answered"], width: number): readonly Line[] {
  if (answered.length === 0) return [];
  const lines = answered.map(
    ({ addresses: [address], message, options }): Line => [
      { text: "  i ", tone: "adopt" },
      { text: printableLine(options.join(" ")), tone: "strong" },
      { text: `  ${printableLine(say("report/answered", { address, message }))}` },
    ],
  );
  return [
    [],
    plain(say("report/answered-title")),
    ...lines.slice(0, mostRefusals).flatMap((line) => wrapLine(line, width, 6)),
    ...(lines.length > mostRefusals
      ? [plain(`    ${say("report/refused-more", { count: lines.length - mostRefusals })}`)]
      : []),
  ];
}

/** A reviewer should see first which token goes to which endpoint. */
function headAccess({ environment, endpoint, credentials }: PlanAccess, width: number): readonly Line[] {
  const sources = credentials.map(({ kinds, source }) =>
    kinds.length > 0
      ? say("report/access-kinds", { kinds: kinds.join(", "), source })
      : say("report/access-all", { source }),
  );
  const place =
    endpoint === undefined
      ? say("report/access-emulator")
      : say("report/access-endpoint", { endpoint, credentials: sources.join("; ") });
  return wrapLine(
    [
      { text: printableLine(say("report/access-environment", { environment })), tone: "strong" },
      { text: ` ${printableLine(place)}` },
    ],
    width,
    4,
  );
}

const headPromotion = ({ from, to }: NonNullable<PlanDrawing["promotes"]>): Line =>
  plain(
    printableLine(
      from === undefined ? say("report/rollback", { to }) : say("report/promotion", { from, to }),
    ),
  );

/** A step without changes that has notes. */
const isNoted = (step: Step): boolean => !changesAnything(step) && step.notes.length > 0;

function drawNoted(step: Step, width: number): readonly Line[] {
  const head: Line = [{ text: "    " }, { text: printableLine(step.address), tone: "strong" }];
  return drawBlock(head, drawRemarks(step, width - detailColumn), width);
}

/** Separates blocks by blank lines, except consecutive blocks of one line. */
export function* spread(blocks: Iterable<readonly Line[]>): Iterable<Line> {
  let before: readonly Line[] | undefined;
  for (const block of blocks) {
    if (before && (block.length > 1 || before.length > 1)) yield [];
    yield* block;
    before = block;
  }
  if (before) yield [];
}

function describeChanges(steps: readonly Step[], calls: PlanDrawing["calls"]): Line {
  const counts = countPlanned(countActions(steps));
  const total = calls ? describeEffort(counts, steps, calls) : say("report/plan-total", { counts });
  return [{ text: say("report/plan-title"), tone: "strong" }, ...plain(` ${total}`)];
}

function describeDrift(steps: readonly Step[], calls: PlanDrawing["calls"]): Line {
  const { forget: gone = 0, refresh: changed = 0 } = countActions(steps);
  const counts = [
    ...(changed > 0 ? [say("report/planned-refresh", { count: changed })] : []),
    ...(gone > 0 ? [say("report/drift-gone", { count: gone })] : []),
  ].join(", ");
  const text = say("report/drift-total", { counts, made: formatNumber(calls?.made ?? 0) });
  return [{ text: say("report/drift-title"), tone: "strong" }, ...plain(` ${text}`)];
}

/** The API calls and the shortest duration of an apply. The duration of Coze's own work is unknown. */
function describeEffort(counts: string, steps: readonly Step[], calls: PlannedCalls): string {
  const { apply, seconds } = calls;
  const made = formatNumber(calls.made);
  if (apply === 0) return say("report/plan-total-no-calls", { counts, made });
  const values = { counts, made, calls: say("report/api-calls", { count: apply }) };
  const waits = steps.some((step) => step.calls.some(({ call }) => call === "settle"));
  if (seconds === 0)
    return say(waits ? "report/plan-total-calls-processing" : "report/plan-total-calls", values);
  const time = formatSeconds(seconds * 1000);
  return say(waits ? "report/plan-total-time-processing" : "report/plan-total-time", { ...values, time });
}

function describeNothing(plan: Plan, { calls, destroys, promotes, refreshes }: PlanDrawing): Line {
  if (destroys) {
    const { state, targeted } = destroys;
    const key = targeted ? "report/nothing-to-destroy-targets" : "report/nothing-to-destroy-empty";
    return describeSuccess(say("report/nothing-to-destroy"), say(key, { state }));
  }
  const resources = say("report/resources", { count: plan.steps.length });
  const counts = calls ? [resources, say("report/api-calls", { count: calls.made })].join(", ") : resources;
  if (refreshes) return describeSuccess(say("report/no-drift"), say("report/no-changes-drift", { counts }));
  return describeSuccess(say("report/no-changes"), describeAgreement(counts, promotes));
}

function describeAgreement(counts: string, promotes: PlanDrawing["promotes"]): string {
  if (!promotes) return say("report/no-changes-plan", { counts });
  const { from, to } = promotes;
  if (from === undefined) return say("report/no-changes-rollback", { counts });
  return say("report/no-changes-promotion", { from, to, counts });
}

const describeSuccess = (title: string, text: string): Line => [
  { text: title, tone: "success" },
  ...plain(` ${printableLine(text)}`),
];

/** How the steps of a plan are drawn. */
interface StepDrawing extends ChangeDrawing {
  readonly presenter: Presenter;
  /** Kinds whose replacement creates the new object before it deletes the old one. */
  readonly createFirst: CreateFirst;
}

/** A step or several similar ones: action, address and reason, then changes, effects and notes. */
function drawGroup(group: StepGroup, drawing: StepDrawing): readonly Line[] {
  const [step] = group.steps;
  const head: Line = [signOf(step, drawing.createFirst), ...describeHead(group)];
  const inner = { ...drawing, width: drawing.width - detailColumn };
  const details = [
    ...(group.steps.length > 1 ? drawSimilar(group, inner) : drawDetails(step, inner)),
    ...drawRemarks(step, inner.width),
  ];
  return drawBlock(head, details, drawing.width);
}

/** The address, action and reason of a step, or of several similar ones. */
function describeHead({ steps, renames, changes }: StepGroup): Line {
  const [step] = steps;
  const isOne = steps.length === 1;
  const { text: named, tone } = nameAction(step.action, steps.length);
  const isRename = step.action === "update" && renames.length > 0 && changes.length === 0;
  const text = isRename ? say("report/planned-rename", { count: steps.length }) : named;
  const lost = isOne ? lostIds(step) : [];
  const from =
    isOne && step.movedFrom !== undefined ? [say("report/moved-from", { from: step.movedFrom })] : [];
  const removed = lost.length > 0 ? ` ${printableLine(lost.join(", "))}` : "";
  const [because, ...others] = new Set(steps.map((one) => [...from, ...one.because].join("; ")));
  return [
    { text: isOne ? printableLine(step.address) : nameFamily(step.address), tone: "strong" },
    { text: "  " },
    { text: text + removed, tone },
    ...(because && others.length === 0
      ? [{ text: ` (${printableLine(because)})`, tone: "dim" } as const]
      : []),
    ...(isOne || renames.length > 0 ? [] : plain(sampleKeys(steps))),
  ];
}

/** The ids of objects that go or are let go of; effects name the object that a replacement leaves behind. */
function lostIds({ action, spec, removes, leaves = [] }: Step): readonly string[] {
  const gone = removes.map(({ id }) => id);
  if (spec === undefined) return [...gone, ...leaves];
  return action === "replace" ? gone : [];
}

function drawDetails(step: Step, drawing: StepDrawing): readonly Line[] {
  const { presenter } = drawing;
  const isNew = step.calls.some(({ call }) => call === "create") && step.changes.length === 0;
  if (isNew && step.action !== "replace") {
    return drawFields(presenter.spec(step, step.spec ?? {}), drawing);
  }
  return drawChanges(presenter.changes(step, step.changes), drawing);
}

/** The most renames of one group that are shown. */
const mostRenames = 3;

function drawSimilar(group: StepGroup, drawing: StepDrawing): readonly Line[] {
  const { steps, renames, changes, sameChanges } = group;
  const [step] = steps;
  const draw = (some: readonly FieldChange[]) =>
    drawChanges(drawing.presenter.changes(step, some), drawing);
  const more = renames.length - mostRenames;
  return [
    ...renames.slice(0, mostRenames).flatMap((rename) => draw([rename])),
    ...(more > 0 ? [plain(say("report/and-more", { count: more }))] : []),
    ...(sameChanges ? draw(changes) : drawContents(changes, drawing.width)),
  ];
}

function drawContents(changes: readonly FieldChange[], width: number): readonly Line[] {
  const fields = changes.map(({ path }) => formatPath(path)).join(", ");
  return wrapLine(plain(printableLine(say("report/different-content", { fields }))), width, 2);
}

/** The effects and notes of a step. */
function drawRemarks(
  step: Pick<Step, "effects" | "notes" | "lostCall" | "spec">,
  width: number,
): readonly Line[] {
  const effects = step.effects.map(({ text, needs }): Line => {
    const option: Line = needs
      ? [{ text: "; " }, { text: say("report/needs", { option: needs }), tone: "warning" }]
      : [];
    return [{ text: "! ", tone: "warning" }, { text: printableLine(text), tone: "update" }, ...option];
  });
  const notes = [...noteLostCall(step), ...step.notes].map(
    (note): Line => [{ text: "i ", tone: "adopt" }, { text: printableLine(note) }],
  );
  return [...effects, ...notes].flatMap((line) => wrapLine(line, width, 2));
}
