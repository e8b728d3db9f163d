import { showClock } from "../core/time.ts";
import type { ApplyResult } from "../engine/apply.ts";
import type { Tried } from "../engine/events.ts";
import { countActions, type Step } from "../plan/plan.ts";
import type { PhasedResult } from "../promote/phases.ts";
import { countDone, signOf } from "./action-style.ts";
import { drawFailedChecks } from "./checks.ts";
import { printableLine } from "./escape-control.ts";
import { drawFailures, type FailureDrawing } from "./failures.ts";
import { groupIncomplete, type IncompleteStep } from "./group-steps.ts";
import { drawSideProducts } from "./side-products.ts";
import { type Line, paintLines, plain, wrapLine } from "./styled-text.ts";
import { formatDuration, formatNumber, plural } from "./values.ts";

/** How a summary is drawn. */
export interface SummaryDrawing extends FailureDrawing {
  /** The API calls of the plan, which count toward `--max-calls`. */
  readonly planCalls?: number | undefined;
}

/** The summary of an apply: failed, skipped and pending steps, the totals, and the next move. */
export function renderSummary(result: ApplyResult | PhasedResult, drawing: SummaryDrawing): string {
  const { color, width, createFirst } = drawing;
  const { failed, skipped, pending, cameAlong = [] } = result;
  const working = pending.filter(({ until }) => until === undefined);
  const lost = pending.filter(({ until }) => until !== undefined);
  const checks = "checks" in result ? (result.checks ?? []) : [];
  const head = (step: Step, name: string, what: string): Line => [
    signOf(step, createFirst),
    { text: printableLine(name), tone: "strong" },
    { text: `  ${printableLine(what)}` },
  ];
  const drawIncomplete = (ends: readonly IncompleteStep[], many: (count: string, why: string) => string) =>
    groupIncomplete(ends).map(({ step, name, count, why }) =>
      head(step, name, count > 1 ? many(formatNumber(count), why) : why),
    );
  const blocks: readonly (readonly Line[])[] = [
    section("Failed", failed.length, drawFailures(failed, drawing)),
    section("Checks that didn't pass", countFailedChecks(checks), drawFailedChecks(checks, width)),
    section(
      "Skipped",
      skipped.length,
      drawIncomplete(
        skipped.map(({ step, because }) => ({ step, why: because })),
        (count, why) => `${count} skipped: ${why}`,
      ),
    ),
    section(
      "Still at work at Coze",
      working.length,
      drawIncomplete(
        working.map(({ step, detail }) => ({ step, why: detail })),
        (count) => `${count} still being processed at Coze`,
      ),
    ),
    section(
      "Copying calls that got no answer",
      lost.length,
      drawIncomplete(
        lost.map(({ step, detail }) => ({ step, why: detail })),
        (count, why) => `${count} pending: ${why}`,
      ),
    ),
    section("Came along, managed by nobody", cameAlong.length, drawSideProducts(cameAlong)),
    [
      ...wrapLine(describeDone(result, drawing), width),
      ...("switched" in result && result.switched !== true ? wrapLine(describeSwitched(result), width) : []),
      ...(countFailedChecks(checks) > 0 && !result.end ? [plain(afterFailedChecks)] : describeNext(result)),
    ],
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
  const lines = [
    describeDone(result, drawing),
    ...("switched" in result && result.switched !== true ? [describeSwitched(result)] : []),
    ...describeNext(result),
  ];
  return lines.map((line) => line.map(({ text }) => text).join("")).join(" ");
}

const countFailedChecks = (checks: readonly Tried[]): number => checks.filter(({ passed }) => !passed).length;

const afterFailedChecks =
  "Set right what was asked for, where it comes from, and promote again: what was copied isn't copied again.";

function describeSwitched({ switched, seen = [], unseen = [] }: PhasedResult): Line {
  if (switched === false) return plain(notSwitched);
  const name = (some: readonly string[]) => {
    const named = printableLine(some.slice(0, 5).join(", "));
    return some.length > 5 ? `${named} and ${formatNumber(some.length - 5)} more` : named;
  };
  return plain(
    `Switched in part: callers of ${name(seen)} get the new release, those of ${name(unseen)} still the old one. Running again switches the rest.`,
  );
}

const notSwitched = "Nothing was switched: callers get what they got before.";

function section(title: string, count: number, lines: readonly Line[]): readonly Line[] {
  if (count === 0) return [];
  const tone = title === "Failed" || title.startsWith("Checks") ? "error" : "strong";
  return [[{ text: `${title} (${formatNumber(count)}):`, tone }], ...lines];
}

function describeDone(
  { done, failed, skipped, pending, interrupted, calls, ms }: ApplyResult,
  { planCalls = 0 }: Pick<SummaryDrawing, "planCalls">,
): Line {
  const complete = failed.length + skipped.length + pending.length === 0 && !interrupted;
  const all = planCalls > 0 ? ` (${formatNumber(planCalls + calls)} with the plan's)` : "";
  const effort = ` in ${formatDuration(ms)} with ${plural(calls, "API call")}${all}.`;
  const counts = countDone(countActions(done)) || "nothing done";
  const others = [
    ...(failed.length > 0 ? [`${formatNumber(failed.length)} failed`] : []),
    ...(skipped.length > 0 ? [`${formatNumber(skipped.length)} skipped`] : []),
    ...(pending.length > 0 ? [`${formatNumber(pending.length)} still pending`] : []),
  ];
  const title = interrupted ? "Interrupted:" : complete ? "Done:" : "Not all done:";
  return [
    { text: title, tone: complete ? "success" : failed.length > 0 ? "error" : "warning" },
    { text: ` ${[counts, ...others].join(", ")}${effort}` },
  ];
}

function describeNext({ failed, skipped, pending, interrupted, end }: ApplyResult): readonly Line[] {
  if (end?.type === "out-of-calls") return [plain(`Everything done is remembered. Next: ${end.hint}.`)];
  if (failed.length > 0) return [plain("Everything done is remembered. Run again to continue.")];
  if (!interrupted && pending.length > 0 && pending.every(({ until }) => until !== undefined)) {
    const until = Math.max(...pending.map((one) => one.until ?? 0));
    return [plain(`Run again after ${showClock(until / 1000)} to continue.`)];
  }
  if (interrupted || skipped.length + pending.length > 0) return [plain("Run again to continue.")];
  return [];
}
