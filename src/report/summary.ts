import { showClock } from "../core/time.ts";
import type { ApplyResult } from "../engine/apply.ts";
import { say } from "../messages/text.ts";
import { countActions, type Step } from "../plan/plan.ts";
import type { PhasedResult } from "../promote/phases.ts";
import { countDone, signOf } from "./action-style.ts";
import { drawFailedChecks } from "./checks.ts";
import { printableLine } from "./escape-control.ts";
import { drawFailures, type FailureDrawing } from "./failures.ts";
import { groupIncomplete, type IncompleteStep } from "./group-steps.ts";
import { drawSideProducts } from "./side-products.ts";
import { type Line, paintLines, plain, wrapLine } from "./styled-text.ts";
import { formatDuration, formatNumber } from "./values.ts";

/** How a summary is drawn. */
export interface SummaryDrawing extends FailureDrawing {
  /** The API calls of the plan, which count toward `--max-calls`. */
  readonly planCalls?: number | undefined;
}

/** The summary of an apply: failed, skipped and pending steps, the totals, and the next move. */
export function renderSummary(result: ApplyResult | PhasedResult, drawing: SummaryDrawing): string {
  const { color, width, createFirst } = drawing;
  const { failed, skipped, pending, cameAlong = [] } = result;
  const waiting = pending.map(({ step, detail, until }) => ({ step, why: detail, until }));
  const working = waiting.filter(({ until }) => until === undefined);
  const lost = waiting.filter(({ until }) => until !== undefined);
  const checks = "checks" in result ? (result.checks ?? []) : [];
  const head = (step: Step, name: string, what: string): Line => [
    signOf(step, createFirst),
    { text: printableLine(name), tone: "strong" },
    { text: `  ${printableLine(what)}` },
  ];
  const drawIncomplete = (
    ends: readonly IncompleteStep[],
    key: "report/summary-skipped" | "report/summary-processing" | "report/summary-lost",
  ) =>
    groupIncomplete(ends).map(({ step, name, count, why }) =>
      head(step, name, count > 1 ? say(key, { count, reason: why }) : why),
    );
  const failedChecks = checks.filter(({ passed }) => !passed).length;
  const skips = skipped.map(({ step, because }) => ({ step, why: because }));
  const left = result.done.flatMap((step) =>
    step.leaves?.length ? [head(step, step.address, step.leaves.join(", "))] : [],
  );
  const blocks: readonly (readonly Line[])[] = [
    section("failed", failed.length, drawFailures(failed, drawing)),
    section("checks", failedChecks, drawFailedChecks(checks, width)),
    section("skipped", skips.length, drawIncomplete(skips, "report/summary-skipped")),
    section("processing", working.length, drawIncomplete(working, "report/summary-processing")),
    section("lost", lost.length, drawIncomplete(lost, "report/summary-lost")),
    section("left", left.length, left),
    section("side-products", cameAlong.length, drawSideProducts(cameAlong)),
    [
      describeDone(result, drawing),
      ...describeSwitched(result),
      ...(failedChecks > 0 && !result.end
        ? [plain(say("report/summary-failed-checks"))]
        : describeNext(result)),
    ].flatMap((line) => wrapLine(line, width)),
  ];
  const lines = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index > 0 ? [[], ...block] : block));
  return paintLines(
    lines.flatMap((line) => wrapLine(line, width, 6)),
    color,
  );
}

/** The result of an apply in one line without colors. */
export function renderOutcome(
  result: ApplyResult | PhasedResult,
  drawing: Pick<SummaryDrawing, "planCalls">,
): string {
  const lines = [describeDone(result, drawing), ...describeSwitched(result), ...describeNext(result)];
  return lines.map((line) => line.map(({ text }) => text).join("")).join(" ");
}

/** Which callers get the new release, unless all do or the apply has no switch. */
function describeSwitched(result: ApplyResult | PhasedResult): readonly Line[] {
  if (!("switched" in result) || result.switched === true) return [];
  if (result.switched === false) return [plain(say("report/summary-unswitched"))];
  const { seen = [], unseen = [] } = result;
  const name = (some: readonly string[]) => {
    const names = printableLine(some.slice(0, 5).join(", "));
    return some.length > 5 ? say("report/summary-names-more", { names, count: some.length - 5 }) : names;
  };
  return [plain(say("report/summary-partly-switched", { seen: name(seen), unseen: name(unseen) }))];
}

type Section = "failed" | "checks" | "skipped" | "processing" | "lost" | "left" | "side-products";

function section(name: Section, count: number, lines: readonly Line[]): readonly Line[] {
  if (count === 0) return [];
  const tone = name === "failed" || name === "checks" ? "error" : "strong";
  return [[{ text: say(`report/section-${name}`, { count }), tone }], ...lines];
}

function describeDone(
  result: ApplyResult | PhasedResult,
  { planCalls = 0 }: Pick<SummaryDrawing, "planCalls">,
): Line {
  const { done, failed, skipped, pending, interrupted, calls, ms } = result;
  const isSwitched = !("switched" in result) || result.switched === true;
  const complete = isSwitched && !interrupted && failed.length + skipped.length + pending.length === 0;
  const results = [
    countDone(countActions(done)) || say("report/summary-nothing"),
    ...(failed.length > 0 ? [say("report/failed", { count: failed.length })] : []),
    ...(skipped.length > 0 ? [say("report/summary-skipped-total", { count: skipped.length })] : []),
    ...(pending.length > 0 ? [say("report/summary-pending", { count: pending.length })] : []),
  ];
  const title = interrupted ? "interrupted" : complete ? "complete" : "incomplete";
  const values = { results: results.join(", "), time: formatDuration(ms), count: calls };
  const text =
    planCalls > 0
      ? say("report/summary-with-plan", { ...values, total: formatNumber(planCalls + calls) })
      : say("report/summary", values);
  return [
    {
      text: say(`report/summary-${title}`),
      tone: complete ? "success" : failed.length > 0 ? "error" : "warning",
    },
    ...plain(` ${text}`),
  ];
}

function describeNext({ failed, skipped, pending, interrupted, end }: ApplyResult): readonly Line[] {
  if (end?.type === "out-of-calls") return [plain(say("report/summary-next", { hint: end.hint ?? "" }))];
  if (failed.length > 0) return [plain(say("report/summary-next-again"))];
  if (!interrupted && pending.length > 0 && pending.every(({ until }) => until !== undefined)) {
    const until = Math.max(...pending.map((one) => one.until ?? 0));
    return [plain(say("report/summary-run-again-after", { time: showClock(until / 1000) }))];
  }
  if (interrupted || skipped.length + pending.length > 0) return [plain(say("report/summary-run-again"))];
  return [];
}
