import { access, constants, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import writeFileAtomic from "write-file-atomic";
import { type Planned, plan } from "../../commands/plan.ts";
import { describeReason } from "../../core/system-error.ts";
import { readPlanDocument } from "../../plan/document.ts";
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
import { openReadingLine } from "../reading-line.ts";
import type { Session } from "../session.ts";
import type { Start } from "../start.ts";
import { UsageError } from "../usage-error.ts";

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
  if (options.out !== undefined) await checkOut(session, options.out);
  session.interruption.stopAtOnce("Interrupted: nothing was changed.");
  const planned = await readAndPlan(session, dir, options);
  warnOf(session, planned);
  const document = `${JSON.stringify(planned.document, null, 2)}\n`;
  if (options.format === "json") session.print(document);
  else printPlan(session, planned, options);
  if (options.out !== undefined) {
    await save(session.path(options.out), document);
    session.log.info(`Saved to ${options.out}; to do exactly this: ${applyCommand(planned, dir, options)}`);
  }
  return options.detailedExitcode && planned.changes ? ExitCode.changes : ExitCode.done;
}

async function save(file: string, document: string): Promise<void> {
  try {
    await writeFileAtomic(file, document, { mode: 0o600 });
  } catch (error) {
    const hint = "make room there, or choose another file for --out";
    throw new UsageError(`${file}: the plan can't be saved: ${describeReason(error)}`, hint, ExitCode.failed);
  }
}

async function readAndPlan(
  session: Session,
  dir: string | undefined,
  options: PlanOptions,
): Promise<Planned> {
  const reading = openReadingLine(session, options.format);
  try {
    return await plan(session.host({ onCall: reading.onCall }), planOptions(session.path(dir), options));
  } finally {
    reading.close();
  }
}

/** Throws, before any work is done, when a plan can't be saved there, or something else would be lost. */
async function checkOut(session: Session, out: string): Promise<void> {
  const file = session.path(out);
  const folder = dirname(file);
  const hint = "choose another file for --out";
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`--out: there is no directory ${folder}`, hint);
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) throw new UsageError(`--out: nothing can be written to ${folder}`, hint);
  const there = await stat(file).catch(() => undefined);
  if (!there) return;
  if (!there.isFile()) throw new UsageError(`--out: ${out} isn't a file`, hint);
  // What mktemp makes is empty, and nothing is lost with it.
  if (there.size > 0 && "fault" in readPlanDocument(await readFile(file, "utf8"))) {
    throw new UsageError(`--out: ${out} is there already, and isn't a plan`, hint);
  }
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
