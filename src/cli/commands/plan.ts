import type { Command } from "commander";
import writeFileAtomic from "write-file-atomic";
import { type Planned, plan } from "../../commands/plan.ts";
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
import type { Session } from "../session.ts";
import type { Start } from "../start.ts";

interface PlanOptions extends CommonOptions, PlanningOptions {
  readonly out?: string;
  readonly format: "text" | "json";
  readonly detailedExitcode?: boolean;
}

/** Declares `plan`: what an apply would do. */
export function addPlanCommand(program: Command, start: Start): void {
  const command = program
    .command("plan [dir]")
    .description("show what an apply would create, update, replace and remove; changes nothing")
    .option("--out <file>", "save the plan: cozeform apply FILE does exactly that, or refuses")
    .addOption(formatOption())
    .option("--detailed-exitcode", "exit with 2 when there are changes");
  addPlanningOptions(command, ["auto", "full", "none"])
    .option("--adopt", "take over live objects that new resources describe, one match each")
    .option("--destroy", "plan the removal of everything")
    .addHelpText(
      "after",
      examples(
        "cozeform plan",
        "cozeform plan infra -e prod --out prod.plan.json",
        "cozeform plan --target Bot.support --target 'Document.faq[\"returns.md\"]'",
        "cozeform plan --emulator",
      ),
    )
    .action((dir: string | undefined, _options, self: Command) =>
      start<PlanOptions>(self, (session, options) => runPlan(session, dir, options)),
    );
}

async function runPlan(session: Session, dir: string | undefined, options: PlanOptions): Promise<ExitCode> {
  const planned = await plan(session.host(), planOptions(session.path(dir), options));
  warnOf(session, planned);
  const document = `${JSON.stringify(planned.document, null, 2)}\n`;
  if (options.format === "json") session.print(document);
  else printPlan(session, planned, options);
  if (options.out !== undefined) {
    await writeFileAtomic(session.path(options.out), document, { mode: 0o600 });
    session.log.info(`Saved to ${options.out}; to do exactly this: ${applyCommand(planned, dir, options)}`);
  }
  return options.detailedExitcode && planned.changes ? ExitCode.changes : ExitCode.done;
}

/** The command that applies a saved plan. */
function applyCommand({ refused }: Planned, dir: string | undefined, options: PlanOptions): string {
  const lacking = [...new Set(refused.flatMap(({ lacks }) => lacks))].sort();
  const words = [
    ...(dir === undefined ? [] : [dir]),
    options.out,
    ...(options.emulator ? ["--emulator"] : []),
    ...(options.endpoint === undefined ? [] : ["--endpoint", options.endpoint]),
    ...lacking.map((permission) => `--${permission}`),
  ];
  return ["cozeform apply", ...words].join(" ");
}
