import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { type CommandRunner, examples } from "../command.ts";
import { type ExitCode, UsageError } from "../exit-code.ts";
import { addApplyingOptions, addCopyingOptions, addPlanningOptions } from "../options.ts";
import { type RunOptions, runAndReport, type Task } from "../run-and-report.ts";
import type { Session } from "../session.ts";

/** Declares `apply`. */
export function addApplyCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("apply")
    .argument("[dir|planfile...]", "project directory, plan saved with plan --out, or both")
    .description("Apply the plan");
  addPlanningOptions(addCopyingOptions(addApplyingOptions(command)))
    .option("--plan-sha256 <digest>", "expected SHA-256 of the plan file; refuse any other")
    .option("--adopt", "adopt existing objects that match new resources, one match each")
    .addHelpText(
      "after",
      examples(
        "cozeform apply",
        "cozeform apply --emulator --auto-approve",
        "cozeform apply infra prod.plan.json -e prod --confirm-environment prod",
        "cozeform apply --target Bot.support --format json --auto-approve",
      ),
    )
    .action((paths: readonly string[], _options, self: Command) =>
      start<ApplyOptions>(self, "changes", (session, options) => runApply(session, paths, options)),
    );
}

type ApplyOptions = RunOptions & { readonly planSha256?: string };

async function runApply(
  session: Session,
  paths: readonly string[],
  options: ApplyOptions,
): Promise<ExitCode> {
  const task = await findTask(session, paths);
  const chosen = [
    ...(options.target ? ["--target"] : []),
    ...(options.adopt ? ["--adopt"] : []),
    ...(options.refresh === "full" ? ["--refresh"] : []),
  ];
  if (task.planFile !== undefined && chosen.length > 0) {
    throw new UsageError(
      `a saved plan is applied as it is, without ${chosen.join(", ")}`,
      "give these options to the plan command",
    );
  }
  const { planSha256 } = options;
  if (planSha256 !== undefined && task.planFile === undefined) {
    throw new UsageError(
      "--plan-sha256 is of a plan file, and there is none",
      "name one that plan --out wrote",
    );
  }
  return runAndReport(session, { ...task, planSha256 }, options);
}

/** Sorts the arguments into a directory and a plan file. */
async function findTask(session: Session, paths: readonly string[]): Promise<Task> {
  const directories: string[] = [];
  const files: string[] = [];
  for (const path of paths) {
    const full = session.path(path);
    const found = await stat(full).catch(() => undefined);
    if (!found)
      throw new UsageError(
        `there is no ${path}`,
        "give a project's directory, or a plan saved with plan --out",
      );
    (found.isDirectory() ? directories : files).push(full);
  }
  const [directory = session.path("."), secondDirectory] = directories;
  const [planFile, secondFile] = files;
  if (secondDirectory !== undefined || secondFile !== undefined) {
    throw new UsageError("apply takes one directory and one plan file at most", "run it once for each");
  }
  return { command: "apply", directory, planFile };
}
