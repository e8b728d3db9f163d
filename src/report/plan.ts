import { changesAnything, countActions, type Plan, type PlannedCalls, type Step } from "../plan/plan.ts";
import { countPlanned, createFirstOf } from "./action-style.ts";
import { printableLine } from "./escape-control.ts";
import { foldSteps } from "./group-steps.ts";
import { createPresenter, type KindFacts } from "./step-view.ts";
import { drawFold, drawRemarks, type StepDrawing } from "./steps.ts";
import { type Drawing, type Line, paintLines, plain } from "./styled-text.ts";
import { formatDuration, plural } from "./values.ts";
import { wrapLine } from "./wrap.ts";

/** How a plan is drawn. */
export interface PlanDrawing extends Drawing {
  /** The kinds of the plan's steps: they tell which fields are secret. */
  readonly kinds: readonly KindFacts[];
  /** What the plan cost in calls, and what its apply will. */
  readonly calls?: PlannedCalls;
  /** Every step on its own and every text to its end, however many there are. */
  readonly full?: boolean;
  /** The plan is a promotion between these environments; without `from`, the way back. */
  readonly promotes?: { readonly from?: string; readonly to: string };
  /** The environment that the plan is for, where its calls go, and who makes them. */
  readonly access?: PlanAccess;
  /** The plan is one of removal: from which state, and whether of all that is in it. */
  readonly destroys?: { readonly state: string; readonly targeted: boolean };
}

/** Where a plan's calls go; `source` says where a token or key is, never what it is. */
interface PlanAccess {
  readonly environment: string;
  /** Undefined: the embedded emulator. */
  readonly endpoint?: string;
  /** The first is for every kind that no other names. */
  readonly credentials: readonly { readonly kinds: readonly string[]; readonly source: string }[];
}

/** A plan as people read it: each step with why and what changes, the totals at the end. */
export function renderPlan(plan: Plan, options: PlanDrawing): string {
  const { kinds, calls, full = false, color, width } = options;
  const steps = plan.steps.filter(changesAnything);
  const presenter = createPresenter(kinds, plan.steps);
  const drawing: StepDrawing = { color, width, full, presenter, createFirst: createFirstOf(kinds) };
  const folds = full
    ? steps.map((step) => ({ steps: [step], sameChanges: true }) as const)
    : foldSteps(steps);
  const blocks = [
    ...folds.map((fold) => drawFold(fold, drawing)),
    ...plan.steps.filter(isNoted).map((step) => drawNoted(step, width)),
  ];
  const total = steps.length > 0 ? describeChanges(steps, calls) : describeNothing(plan, options);
  const heading = [
    ...(options.access ? [...headAccess(options.access, width), []] : []),
    ...(options.promotes && steps.length > 0 ? [headPromotion(options.promotes), []] : []),
  ];
  return paintLines([...heading, ...spread(blocks), ...wrapLine(total, width)], color);
}

/** A reviewer sees at once whose token goes where. */
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

/** Nothing is done, but there is something to know. */
const isNoted = (step: Step): boolean => !changesAnything(step) && step.notes.length > 0;

function drawNoted(step: Step, width: number): readonly Line[] {
  const head: Line = [{ text: "    " }, { text: printableLine(step.address), tone: "strong" }];
  const notes = drawRemarks(step, width - 6);
  return [head, ...notes.map((line): Line => [{ text: "      " }, ...line])];
}

/** Blocks of one line stand together, others apart. */
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

/** How long an apply takes at the least; of Coze's own work nobody knows. */
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
