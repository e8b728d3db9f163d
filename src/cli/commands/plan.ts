import type { Command } from "commander";
import { planAgainst } from "../../commands/compare-environments.ts";
import { plan } from "../../commands/plan.ts";
import { kinds } from "../../kinds/index.ts";
import { explain, say } from "../../messages/text.ts";
import { renderComparison } from "../../report/comparison.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import type { CommandRunner } from "../command.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { examples } from "../help.ts";
import { readWithStatus } from "../live-lines.ts";
import {
  addPlanningOptions,
  type CommonOptions,
  formatOption,
  type PlanningOptions,
  planOptions,
} from "../options.ts";
import { showPlan } from "../plan-report.ts";
import { checkPlanFile, saveAndShow } from "../save-plan.ts";
import type { Session } from "../session.ts";

interface PlanOptions extends CommonOptions, PlanningOptions {
  readonly out?: string;
  readonly format: "text" | "json";
  readonly detailedExitcode?: boolean;
  readonly against?: string;
}

/** Declares `plan`. */
export function addPlanCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("plan [dir]")
    .description(say("cli-help/plan"))
    .option("--out <file>", say("cli-help/option-out-plan"))
    .addOption(formatOption())
    .option("--detailed-exitcode", say("cli-help/option-detailed-exitcode"));
  addPlanningOptions(command, ["auto", "full", "none"])
    .option("--adopt", say("cli-help/option-adopt"))
    .option("--destroy", say("cli-help/option-destroy"))
    .option("--against <environment>", say("cli-help/option-against"))
    .addHelpText(
      "after",
      examples(
        "cozeform plan",
        "cozeform plan infra -e prod --out prod.plan.json",
        "cozeform plan --target Bot.support --target 'Document.faq[\"returns.md\"]'",
        "cozeform plan -e prod --against dev",
        "cozeform plan --emulator",
      ),
    )
    .action((dir: string | undefined, _options, self: Command) =>
      start<PlanOptions>(self, "reads", (session, options) => runPlan(session, dir, options)),
    );
}

async function runPlan(session: Session, dir: string | undefined, options: PlanOptions): Promise<ExitCode> {
  const { against } = options;
  if (against !== undefined) return runComparison(session, dir, { ...options, against });
  if (options.out !== undefined) await checkPlanFile(session, options.out, dir);
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const planned = await readWithStatus(session, options.format, (host) =>
    plan(host, planOptions(session.path(dir), options)),
  );
  const { out } = options;
  if (out === undefined) showPlan(session, planned, options);
  else await saveAndShow(session, planned, { ...options, out, directory: dir });
  return options.detailedExitcode && planned.changes ? ExitCode.changes : ExitCode.done;
}

/** The options of `plan --against`. */
type ComparisonOptions = PlanOptions & { readonly against: string };

/** Compares two environments and prints the differences. */
async function runComparison(
  session: Session,
  dir: string | undefined,
  options: ComparisonOptions,
): Promise<ExitCode> {
  refuseBeside(options);
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const { against, format } = options;
  const found = await readWithStatus(session, format, (host) =>
    planAgainst(host, { ...planOptions(session.path(dir), options), against }),
  );
  const warnings = renderDiagnostics(found.diagnostics, found.project.sources, session.errors);
  if (warnings) session.log.warn(warnings);
  if (format === "json") session.printJson(found.document);
  else {
    const { calls, comparison } = found;
    session.print(
      renderComparison(comparison, { ...session.drawing, kinds, calls, full: options.full ?? false }),
    );
  }
  return options.detailedExitcode && found.differs ? ExitCode.changes : ExitCode.done;
}

/** Throws for options of an apply: a comparison has none. */
function refuseBeside({ out, destroy, adopt, refresh }: ComparisonOptions): void {
  const beside = [
    ...(out === undefined ? [] : ["--out"]),
    ...(destroy ? ["--destroy"] : []),
    ...(adopt ? ["--adopt"] : []),
    ...(refresh === "none" ? ["--refresh=none"] : []),
  ];
  if (beside.length === 0) return;
  throw new UsageError(explain("cli/option-against-alone", { options: beside.join(", ") }));
}
