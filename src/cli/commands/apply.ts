import { stat } from "node:fs/promises";
import { explain, say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import { type ExitCode, UsageError } from "../exit-code.ts";
import type { Command } from "../help.ts";
import {
  addAnswers,
  addApplyingOptions,
  addCopyingOptions,
  addPlanningOptions,
  addPublishingOptions,
  answersIn,
  flagsOf,
} from "../options.ts";
import { type RunOptions, runAndReport, type Task } from "../run-and-report.ts";
import type { Session } from "../session.ts";

/** Declares `apply`. */
export function addApplyCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("apply")
    .argument("[dir|planfile...]", say("cli-help/argument-apply"))
    .description(say("cli-help/apply"));
  addAnswers(addPlanningOptions(addPublishingOptions(addCopyingOptions(addApplyingOptions(command)))))
    .option("--plan-sha256 <digest>", say("cli-help/option-plan-sha256"))
    .examples(
      "cozeform apply",
      "cozeform apply --emulator --auto-approve",
      "cozeform apply infra prod.plan.json -e prod --confirm-environment prod",
      "cozeform apply --target Bot.support --format json --auto-approve",
    )
    .action(start("changes", runApply));
}

type ApplyOptions = RunOptions & { readonly planSha256?: string };

async function runApply(
  session: Session,
  options: ApplyOptions,
  paths: readonly string[],
): Promise<ExitCode> {
  const task = await findTask(session, paths);
  const planning = [
    ...flagsOf(options, "target"),
    ...answersIn(options),
    ...(options.wait === false ? ["--no-wait"] : []),
    ...(options.retryRefused ? ["--retry-refused"] : []),
    ...(options.refresh === "full" ? ["--refresh"] : []),
  ];
  if (task.planFile !== undefined && planning.length > 0) {
    throw new UsageError(explain("cli/plan-file-options", { options: planning.join(", ") }));
  }
  const { planSha256 } = options;
  if (planSha256 !== undefined && task.planFile === undefined) {
    throw new UsageError(explain("cli/plan-sha256-alone"));
  }
  return runAndReport(session, { ...task, planSha256 }, options);
}

/** Sorts the arguments into a directory and a plan file. */
async function findTask(session: Session, paths: readonly string[]): Promise<Task> {
  const directories: string[] = [];
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(session.path(path)).catch(() => undefined);
    if (!found) throw new UsageError(explain("cli/apply-unknown-path", { path }));
    (found.isDirectory() ? directories : files).push(path);
  }
  const [directory, secondDirectory] = directories;
  const [planFile, secondFile] = files;
  if (secondDirectory !== undefined || secondFile !== undefined) {
    throw new UsageError(explain("cli/too-many-paths"));
  }
  return {
    command: "apply",
    place: await session.project(directory),
    planFile: planFile === undefined ? undefined : session.path(planFile),
  };
}
