import type { Location } from "../core/diagnostic.ts";
import type { Failure } from "../core/kind.ts";
import type { ApplyResult } from "../engine/apply.ts";
import { countActions, type Step } from "../plan/plan.ts";
import { countDone, type RunDrawing, signOf } from "./actions.ts";
import { drawSource, formatLocation } from "./diagnostics.ts";
import { describeFailure } from "./events-text.ts";
import { type End, foldEnds } from "./fold.ts";
import { indent, type Line, paintLines, plain } from "./line.ts";
import { printableLine } from "./printable.ts";
import { formatDuration, formatNumber, plural } from "./values.ts";
import { wrapLine } from "./wrap.ts";

/** How a summary is drawn; `sources`: the texts of manifests by file, whose lines are then shown to people. */
export interface SummaryDrawing extends RunDrawing {
  readonly sources?: ReadonlyMap<string, string>;
}

/** How an apply ended: what was done, what failed and where, what was skipped, what goes on at Coze, what to do next. */
export function renderSummary(result: ApplyResult, drawing: SummaryDrawing): string {
  const { color, width, createFirst } = drawing;
  const { failed, skipped, pending } = result;
  const head = (step: Step, name: string, what: string): Line => [
    signOf(step, createFirst),
    { text: printableLine(name), tone: "strong" },
    { text: `  ${printableLine(what)}` },
  ];
  const told = (ends: readonly End[], many: (count: string, why: string) => string) =>
    foldEnds(ends).map(({ step, name, count, why }) =>
      head(step, name, count > 1 ? many(formatNumber(count), why) : why),
    );
  const blocks: readonly (readonly Line[])[] = [
    section(
      "Failed",
      failed.length,
      failed.flatMap(({ step, failure }) => [
        head(step, step.address, describeFailure(failure)),
        ...describePlaces(step, failure, drawing),
        ...detail(failure.hint && `hint: ${printableLine(failure.hint)}`),
      ]),
    ),
    section(
      "Skipped",
      skipped.length,
      told(
        skipped.map(({ step, because }) => ({ step, why: because })),
        (count, why) => `${count} skipped: ${why}`,
      ),
    ),
    section(
      "Still at work at Coze",
      pending.length,
      told(
        pending.map(({ step, detail }) => ({ step, why: detail })),
        (count) => `${count} still being processed at Coze`,
      ),
    ),
    [...wrapLine(describeDone(result), width), ...describeNext(result)],
  ];
  const lines = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index > 0 ? [[], ...block] : block));
  return paintLines(
    lines.flatMap((line) => wrapLine(line, width, 6)),
    color,
  );
}

/** Where the manifests say what failed: the fields that are known to be the reason, else the whole resource. */
function describePlaces({ at }: Step, { fields = [] }: Failure, drawing: SummaryDrawing): readonly Line[] {
  const [only, ...others] = fields;
  if (!only) return detail(at ? formatManifest(at) : undefined);
  const places = fields.flatMap((one) => detail(`${printableLine(formatLocation(one.at))}  ${one.path}`));
  if (others.length > 0 || !drawing.sources) return places;
  const source = drawSource(only.at, drawing.sources, drawing.width - 4, "error");
  return [...places, ...source.map((line) => indent(line, 4))];
}

const formatManifest = ({ file, line }: Location): string => `${printableLine(file)}:${line}`;

function section(title: string, count: number, lines: readonly Line[]): readonly Line[] {
  if (count === 0) return [];
  const tone = title === "Failed" ? "error" : "strong";
  return [[{ text: `${title} (${formatNumber(count)}):`, tone }], ...lines];
}

const detail = (text: string | undefined): readonly Line[] => (text ? [indent(plain(text), 6)] : []);

function describeDone({ done, failed, skipped, pending, interrupted, calls, ms }: ApplyResult): Line {
  const complete = failed.length + skipped.length + pending.length === 0 && !interrupted;
  const effort = ` in ${formatDuration(ms)} with ${plural(calls, "API call")}.`;
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
  if (interrupted || skipped.length + pending.length > 0) return [plain("Run again to continue.")];
  return [];
}
