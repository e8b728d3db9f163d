import { access, constants, lstat, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Planned } from "../commands/plan.ts";
import { commandLine, pathWord } from "../core/command-line.ts";
import { writeJson } from "../core/json-output.ts";
import { describeReason } from "../core/system-error.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { refuseStray, sweepDrafts, UnfitPlace, writeFileGuarded } from "../files/guarded-writing.ts";
import { findWorkTree } from "../files/project-paths.ts";
import { type CommandLine, explain, say } from "../messages/text.ts";
import { largestPlan, readPlanDocument } from "../plan/plan-file.ts";
import { printableLine } from "../report/escape-control.ts";
import { ExitCode, UsageError } from "./exit-code.ts";
import { type PlanShowing, showPlan } from "./plan-report.ts";
import type { Session } from "./session.ts";

interface Saving extends PlanShowing {
  readonly out: string;
}

/**
 * Saves a plan, shows it, and logs how to apply it. It is saved first, since the reader of the output may go away. A
 * plan that can't be saved is still shown, unless as JSON, before {@link UsageError} is thrown.
 */
export function saveAndShow(session: Session, planned: Planned, options: Saving): void {
  try {
    save(session.path(options.out), planned);
  } catch (error) {
    // For programs standard output holds the error alone.
    if (options.format === "text") showPlan(session, planned, options);
    throw error;
  }
  showPlan(session, planned, options);
  const isRefused = planned.plan.refusals.length > 0;
  const saved = isRefused
    ? say("cli/saved-plan-refused", { file: options.out })
    : say("cli/saved-plan", { file: options.out, commandLine: applyCommand(options) });
  session.log.info(printableLine(saved));
}

function save(file: string, { document }: Planned): void {
  try {
    sweepDrafts(dirname(file));
    writeFileGuarded(file, `${writeJson(document, 2)}\n`);
  } catch (error) {
    const reason = describeReason(error);
    throw new UsageError(explain("cli/plan-unsaved", { file, reason }), ExitCode.failed);
  }
}

/**
 * Throws {@link UsageError}, before any work is done, when the plan can't be saved or would replace another
 * file.
 */
export async function checkPlanFile(session: Session, out: string, directory: string): Promise<void> {
  const file = session.path(out);
  const folder = dirname(file);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw refuseOut(say("cli/out-no-directory", { directory: folder }));
  await access(folder, constants.W_OK).catch(() => {
    throw refuseOut(say("cli/out-read-only", { directory: folder }));
  });
  refuseBehindLink(folder, [session.io.cwd, directory]);
  const there = await lstat(file).catch(() => undefined);
  if (!there) return;
  if (there.isSymbolicLink()) throw refuseOut(say("cli/out-is-link", { file: out }));
  if (!there.isFile()) throw refuseOut(say("cli/out-not-a-file", { file: out }));
  // An empty file, as mktemp creates it, may be replaced.
  if (
    there.size > 0 &&
    "fault" in readPlanDocument(readFileGuarded(file, { most: largestPlan }).toString())
  ) {
    throw refuseOut(say("cli/out-exists", { file: out }));
  }
}

const refuseOut = (message: string): UsageError =>
  new UsageError({ message, hint: say("cli/out-other-file") });

/** A link in the repository could lead `--out` out of it. */
function refuseBehindLink(folder: string, places: readonly string[]): void {
  try {
    for (const place of places) {
      refuseStray(folder, place);
      refuseStray(folder, findWorkTree(place) ?? place);
    }
  } catch (error) {
    throw error instanceof UnfitPlace ? refuseOut(say("cli/out-unfit", { reason: error.message })) : error;
  }
}

/** The command line that applies a saved plan, which knows its environment. */
const applyCommand = ({ out }: Saving): CommandLine =>
  commandLine(["apply"], { environment: null, after: [pathWord(out)] });
