import { type PromotionCommandOptions, planPromotion, promote, retire } from "../../commands/promote.ts";
import { rollback } from "../../commands/rollback.ts";
import { commandLine } from "../../core/command-line.ts";
import { explain, say } from "../../messages/text.ts";
import { renderRetired } from "../../report/state.ts";
import { sortArguments } from "../address-arguments.ts";
import { ask, requireApproval } from "../approval.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { readWithStatus } from "../live-lines.ts";
import { lockOptions } from "../lock-waiting.ts";
import { flagsOf, type ProjectPlace, planOptions, projectOptions } from "../options.ts";
import { type RunOptions, runAndReport, type Task } from "../run-and-report.ts";
import { checkPlanFile, saveAndShow } from "../save-plan.ts";
import type { Session } from "../session.ts";

interface PromoteOptions extends RunOptions {
  readonly from?: string;
  readonly to?: string;
  readonly draft?: boolean;
  readonly check?: boolean;
  readonly rollback?: boolean;
  readonly retire?: boolean;
  readonly out?: string;
}

/** Runs `promote` and its modes. */
export async function runPromote(
  session: Session,
  options: PromoteOptions,
  words: readonly string[],
): Promise<ExitCode> {
  const { directory: word, addresses } = await sortArguments(session, words);
  const place = await session.project(word);
  const placed = { ...options, environment: targetOf(options) };
  if (options.retire) {
    checkBeside(options, "--retire");
    if (addresses.length > 0) throw new UsageError(explain("cli/option-retire-addresses"));
    return runRetirement(session, place, placed);
  }
  if (options.rollback) {
    checkBeside(options, "--rollback");
    const run: Task["run"] = (host, applying) => rollback(host, { ...applying, addresses });
    return runAndReport(session, { command: "promote", place, run }, placed);
  }
  const choice = { ...choiceOf(options), addresses };
  const { out } = options;
  if (out !== undefined) return savePromotion(session, place, { ...placed, out }, choice);
  const run: Task["run"] = (host, applying) => promote(host, { ...applying, ...choice });
  return runAndReport(session, { command: "promote", place, run }, placed);
}

function targetOf({ to, environment }: PromoteOptions): string | undefined {
  if (to !== undefined && environment !== undefined && to !== environment) {
    const message = say("cli/option-to-environment", { to, environment });
    throw new UsageError({ message, hint: say("common/remove-one") });
  }
  return to ?? environment;
}

function choiceOf({ from, to, environment, draft, check }: PromoteOptions): PromotionCommandOptions {
  if (from === undefined) throw new UsageError(explain("cli/promote-needs", { option: "--from" }));
  if ((to ?? environment) === undefined)
    throw new UsageError(explain("cli/promote-needs", { option: "--to" }));
  return { from, draft, check };
}

/** Throws for options that --rollback or --retire can't be combined with, and without a target environment. */
function checkBeside(options: PromoteOptions, option: "--rollback" | "--retire"): void {
  const beside = flagsOf(options, "from", "draft", "check", "rollback", "out").filter(
    (one) => one !== option,
  );
  const after = [option, "--to", targetOf(options) ?? "prod"];
  const line = commandLine(["promote"], { environment: null, after });
  if (beside.length > 0) {
    throw new UsageError(
      explain("cli/option-promote-alone", { option, options: beside.join(", "), commandLine: line }),
    );
  }
  if (targetOf(options) === undefined)
    throw new UsageError(explain("cli/option-promote-needs-to", { option, commandLine: line }));
}

async function savePromotion(
  session: Session,
  place: ProjectPlace,
  options: PromoteOptions & { readonly out: string },
  choice: PromotionCommandOptions,
): Promise<ExitCode> {
  await checkPlanFile(session, options.out, place.directory);
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const planned = await readWithStatus(session, options.format, (host) =>
    planPromotion(host, { ...planOptions(place, options), ...choice }),
  );
  saveAndShow(session, planned, options);
  return ExitCode.done;
}

/** Shows the replaced copies that nothing needs, and removes them from the state after approval. */
async function runRetirement(session: Session, place: ProjectPlace, options: RunOptions): Promise<ExitCode> {
  requireApproval(session, { ...options, command: "promote" });
  const { environment = "", format, autoApprove } = options;
  const { retired, done } = await retire(session.host(), {
    ...projectOptions(place, options),
    ...lockOptions(session, options),
    approve: async (found) => {
      if (format === "text") session.print(renderRetired(found, environment, session.drawing));
      return autoApprove || (await ask(session, say("cli/confirm-retire"))) === "yes";
    },
  });
  if (format === "json") session.printJson(retired.map(({ address, ids }) => ({ address, ids })));
  else if (retired.length === 0) session.print(renderRetired(retired, environment, session.drawing));
  if (retired.length === 0 || done) return ExitCode.done;
  session.log.error(say("cli/not-approved"));
  return ExitCode.failed;
}
