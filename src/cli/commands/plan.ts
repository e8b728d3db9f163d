import type { Command } from "commander";
import { type Planned, plan } from "../../commands/plan.ts";
import type { CommandRunner } from "../command-runner.ts";
import { runAgainst } from "../compare-environments.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit-code.ts";
import {
  addPlanningOptions,
  type CommonOptions,
  formatOption,
  type PlanningOptions,
  planOptions,
} from "../options.ts";
import { printPlan, warnOf } from "../plan-report.ts";
import { checkPlanFile, saveAndShow, writeDocument } from "../saved-plan.ts";
import type { Session } from "../session.ts";
import { openStatusLine } from "../status-line.ts";

interface PlanOptions extends CommonOptions, PlanningOptions {
  readonly out?: string;
  readonly format: "text" | "json";
  readonly detailedExitcode?: boolean;
  readonly against?: string;
}

/** Declares `plan`: what an apply would do. */
export function addPlanCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("plan [dir]")
    .description("show what an apply would create, update, replace and remove; changes nothing")
    .option("--out <file>", "save the plan: cozeform apply FILE does exactly that, or refuses")
    .addOption(formatOption())
    .option(
      "--detailed-exitcode",
      "exit with 2 when there are changes; with --against, when something differs that manifests don't want to",
    );
  addPlanningOptions(command, ["auto", "full", "none"])
    .option("--adopt", "take over live objects that new resources describe, one match each")
    .option("--destroy", "plan the removal of everything")
    .option(
      "--against <environment>",
      "show what differs from another environment, read live, instead of a plan",
    )
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
  if (against !== undefined) return runAgainst(session, dir, { ...options, against });
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
