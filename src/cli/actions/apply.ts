import { stat } from "node:fs/promises";
import { explain } from "../../messages/text.ts";
import { type ExitCode, UsageError } from "../exit-code.ts";
import { answersIn, flagsOf, modesIn, publishingIn, refuseMixedModes } from "../options.ts";
import { type RunOptions, runAndReport, type Task } from "../run-and-report.ts";
import type { Session } from "../session.ts";

type ApplyOptions = RunOptions & { readonly planSha256?: string };

/** Runs `apply`: of a directory, or of a plan file. */
export async function runApply(
  session: Session,
  options: ApplyOptions,
  paths: readonly string[],
): Promise<ExitCode> {
  refuseMixedModes(options);
  const task = await findTask(session, paths);
  const planning = [
    ...flagsOf(options, "target"),
    ...answersIn(options),
    ...modesIn(options),
    ...publishingIn(options),
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
