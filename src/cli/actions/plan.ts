import { planAgainst } from "../../commands/compare-environments.ts";
import { plan } from "../../commands/plan.ts";
import { kinds } from "../../kinds/index.ts";
import { explain, say } from "../../messages/text.ts";
import { renderComparison } from "../../report/comparison.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { readWithStatus } from "../live-lines.ts";
import {
  type CommonOptions,
  type FormatOption,
  flagsOf,
  modesIn,
  type PlanningOptions,
  planOptions,
  publishingIn,
  refuseMixedModes,
} from "../options.ts";
import { showPlan } from "../plan-report.ts";
import { checkPlanFile, saveAndShow } from "../save-plan.ts";
import type { Session } from "../session.ts";

interface PlanOptions extends CommonOptions, PlanningOptions, FormatOption {
  readonly out?: string;
  readonly detailedExitcode?: boolean;
  readonly against?: string;
}

/** Runs `plan`, also against another environment. */
export async function runPlan(session: Session, options: PlanOptions, dir?: string): Promise<ExitCode> {
  const { against, out } = options;
  if (against !== undefined) return runComparison(session, { ...options, against }, dir);
  refuseMixedModes(options);
  const place = await session.project(dir);
  if (out !== undefined) await checkPlanFile(session, out, place.directory);
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const planned = await readWithStatus(session, options.format, (host) =>
    plan(host, planOptions(place, options)),
  );
  if (out === undefined) showPlan(session, planned, options);
  else saveAndShow(session, planned, { ...options, out });
  return options.detailedExitcode && planned.changes ? ExitCode.changes : ExitCode.done;
}

/** The options of `plan --against`. */
type ComparisonOptions = PlanOptions & { readonly against: string };

/** Compares two environments and prints the differences. */
async function runComparison(session: Session, options: ComparisonOptions, dir?: string): Promise<ExitCode> {
  refuseBeside(options);
  const place = await session.project(dir);
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const { against, format, full = false } = options;
  const found = await readWithStatus(session, format, (host) =>
    planAgainst(host, { ...planOptions(place, options), against }),
  );
  const warnings = renderDiagnostics(found.diagnostics, found.project.sources, session.errors);
  if (warnings) session.log.warn(warnings);
  if (format === "json") session.printJson(found.document);
  else {
    const { calls, comparison } = found;
    session.print(renderComparison(comparison, { ...session.drawing, kinds, calls, full }));
  }
  return options.detailedExitcode && found.differs ? ExitCode.changes : ExitCode.done;
}

/** Throws for options of an apply: a comparison has none. */
function refuseBeside(options: ComparisonOptions): void {
  const beside = [
    ...flagsOf(options, "out", "destroy", "adopt"),
    ...modesIn(options),
    ...publishingIn(options),
    ...(options.refresh === "none" ? ["--refresh=none"] : []),
  ];
  if (beside.length === 0) return;
  throw new UsageError(explain("cli/option-against-alone", { options: beside.join(", ") }));
}
