import type { Command } from "commander";
import { type ComparedEnvironments, planAgainst } from "../../commands/compare-environments.ts";
import { type Planned, plan } from "../../commands/plan.ts";
import { writeJson } from "../../core/json-text.ts";
import { kinds } from "../../kinds/index.ts";
import { renderComparison } from "../../report/comparison.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { type CommandRunner, examples } from "../command.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { openStatusLine } from "../live-lines.ts";
import {
  addPlanningOptions,
  type CommonOptions,
  formatOption,
  type PlanningOptions,
  planOptions,
} from "../options.ts";
import { printPlan, warnOf } from "../plan-report.ts";
import { checkPlanFile, saveAndShow, writeDocument } from "../save-plan.ts";
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
    .description("Show what an apply would create, update, replace and delete; changes nothing")
    .option("--out <file>", "save the plan; cozeform apply FILE applies exactly this plan or refuses it")
    .addOption(formatOption())
    .option(
      "--detailed-exitcode",
      "exit with 2 when there are changes; with --against, when there are unexpected differences",
    );
  addPlanningOptions(command, ["auto", "full", "none"])
    .option("--adopt", "adopt existing objects that match new resources, one match each")
    .option("--destroy", "plan to delete everything")
    .option("--against <environment>", "compare with another environment, read live, instead of planning")
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
  session.interruption.stopAtOnce("Interrupted: nothing was changed.");
  const planned = await readAndPlan(session, dir, options);
  const show = (): void => {
    warnOf(session, planned);
    if (options.format === "json") session.print(writeDocument(planned));
    else printPlan(session, planned, options);
  };
  const { out } = options;
  if (out === undefined) show();
  else await saveAndShow(session, planned, { ...options, out, directory: dir }, show);
  return options.detailedExitcode && planned.changes ? ExitCode.changes : ExitCode.done;
}

async function readAndPlan(
  session: Session,
  dir: string | undefined,
  options: PlanOptions,
): Promise<Planned> {
  const reading = openStatusLine(session, options.format);
  try {
    return await plan(session.host({ onCall: reading.onCall }), planOptions(session.path(dir), options));
  } finally {
    reading.close();
  }
}

/** The options of `plan --against`. */
interface ComparisonOptions extends CommonOptions, PlanningOptions {
  readonly against: string;
  readonly format: "text" | "json";
  readonly detailedExitcode?: boolean;
  readonly out?: string;
}

/** Compares two environments and prints the differences. */
async function runComparison(
  session: Session,
  dir: string | undefined,
  options: ComparisonOptions,
): Promise<ExitCode> {
  refuseBeside(options);
  session.interruption.stopAtOnce("Interrupted: nothing was changed.");
  const found = await readAndCompare(session, dir, options);
  const warnings = renderDiagnostics(found.diagnostics, found.project.sources, session.errors);
  if (warnings) session.log.warn(warnings);
  if (options.format === "json") session.print(`${writeJson(found.document, 2)}\n`);
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
    ...(refresh === "none" ? ["--refresh none"] : []),
  ];
  if (beside.length === 0) return;
  throw new UsageError(
    `--against goes without ${beside.join(", ")}`,
    "it reads two environments and tells what differs; nothing can be applied from that",
  );
}

async function readAndCompare(
  session: Session,
  dir: string | undefined,
  options: ComparisonOptions,
): Promise<ComparedEnvironments> {
  const reading = openStatusLine(session, options.format);
  try {
    const host = session.host({ onCall: reading.onCall });
    return await planAgainst(host, { ...planOptions(session.path(dir), options), against: options.against });
  } finally {
    reading.close();
  }
}
