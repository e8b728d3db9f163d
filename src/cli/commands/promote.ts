import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { type PromotionCommandOptions, planPromotion, promote, retire } from "../../commands/promote.ts";
import { rollback } from "../../commands/rollback.ts";
import { parseAddress } from "../../core/address.ts";
import { explain, say } from "../../messages/text.ts";
import { renderRetired } from "../../report/state.ts";
import { ask, requireApproval } from "../approval.ts";
import type { CommandRunner, Effect } from "../command.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { examples } from "../help.ts";
import { readWithStatus } from "../live-lines.ts";
import {
  addApplyingOptions,
  addCopyingOptions,
  addReadingOptions,
  planOptions,
  projectOptions,
} from "../options.ts";
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

/** Declares `promote`. */
export function addPromoteCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("promote")
    .argument("[address...]", say("cli-help/argument-promote"))
    .description(say("cli-help/promote"))
    .option("--from <environment>", say("cli-help/option-from"))
    .option("--to <environment>", say("cli-help/option-to"))
    .option("--draft", say("cli-help/option-draft"))
    .option("--check", say("cli-help/option-check"))
    .option("--rollback", say("cli-help/option-rollback"))
    .option("--retire", say("cli-help/option-retire"))
    .option("--out <file>", say("cli-help/option-out-promotion"));
  addReadingOptions(addCopyingOptions(addApplyingOptions(command)))
    .addHelpText(
      "after",
      examples(
        "cozeform promote --from dev --to prod",
        "cozeform promote --from dev --to prod --check Bot.support",
        "cozeform promote --from dev --to prod --out release.json",
        "cozeform apply release.json",
        "cozeform promote --rollback --to prod",
        "cozeform promote --retire --to prod",
      ),
    )
    .action((words: readonly string[], _options, self: Command) =>
      start<PromoteOptions>(self, effectOf, (session, options) => runPromote(session, words, options)),
    );
}

/** With --out it only reads. */
const effectOf = ({ out }: PromoteOptions): Effect => (out === undefined ? "changes" : "reads");

async function runPromote(
  session: Session,
  words: readonly string[],
  options: PromoteOptions,
): Promise<ExitCode> {
  const { directory, addresses } = await readWords(session, words);
  const placed = { ...options, environment: targetOf(options) };
  if (options.retire) {
    refuseBeside(options, "--retire");
    const { environment = "" } = placed;
    if (addresses.length > 0) throw new UsageError(explain("cli/option-retire-addresses"));
    return runRetirement(session, directory, { ...placed, environment });
  }
  if (options.rollback) {
    refuseBeside(options, "--rollback");
    const run: Task["run"] = (host, applying) => rollback(host, { ...applying, addresses });
    return runAndReport(session, { command: "promote", directory, run }, placed);
  }
  const choice = { ...choiceOf(options), addresses };
  if (options.out !== undefined)
    return savePromotion(session, directory, { ...placed, out: options.out }, choice);
  const run: Task["run"] = (host, applying) => promote(host, { ...applying, ...choice });
  return runAndReport(session, { command: "promote", directory, run }, placed);
}

/** Sorts the arguments into addresses and the project's directory. */
async function readWords(
  session: Session,
  words: readonly string[],
): Promise<{ readonly directory: string; readonly addresses: readonly string[] }> {
  const addresses = words.filter((word) => parseAddress(word) !== undefined);
  const [directory, second] = words.filter((word) => !addresses.includes(word));
  if (second !== undefined) throw new UsageError(explain("cli/not-an-address", { word: second }));
  const path = session.path(directory);
  if (directory !== undefined && !(await stat(path).catch(() => undefined))?.isDirectory()) {
    throw new UsageError(explain("cli/not-a-directory", { word: directory }));
  }
  return { directory: path, addresses };
}

function targetOf({ to, environment }: PromoteOptions): string | undefined {
  if (to !== undefined && environment !== undefined && to !== environment) {
    const message = say("cli/option-to-environment", { to, environment });
    throw new UsageError({ message, hint: say("common/remove-one") });
  }
  return to ?? environment;
}

function choiceOf({ from, to, environment, draft, check }: PromoteOptions): PromotionCommandOptions {
  if (from === undefined || (to ?? environment) === undefined) {
    throw new UsageError(explain("cli/promote-needs", { option: from === undefined ? "--from" : "--to" }));
  }
  return { from, draft, check };
}

function refuseBeside(
  { from, draft, check, rollback: back, out, to, environment }: PromoteOptions,
  option: "--rollback" | "--retire",
): void {
  const beside = [
    ...(from === undefined ? [] : ["--from"]),
    ...(draft ? ["--draft"] : []),
    ...(check ? ["--check"] : []),
    ...(back && option === "--retire" ? ["--rollback"] : []),
    ...(out === undefined ? [] : ["--out"]),
  ];
  if (beside.length > 0) {
    throw new UsageError(explain("cli/option-promote-alone", { option, options: beside.join(", ") }));
  }
  if ((to ?? environment) === undefined) {
    throw new UsageError(explain("cli/option-promote-needs-to", { option }));
  }
}

async function savePromotion(
  session: Session,
  directory: string,
  options: PromoteOptions & { readonly out: string },
  choice: PromotionCommandOptions,
): Promise<ExitCode> {
  await checkPlanFile(session, options.out, directory);
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const planned = await readWithStatus(session, options.format, (host) =>
    planPromotion(host, { ...planOptions(directory, options), ...choice }),
  );
  const given = directory === session.path(".") ? undefined : directory;
  await saveAndShow(session, planned, { ...options, directory: given });
  return ExitCode.done;
}

/** Shows the replaced copies that nothing needs, and removes them from the state after approval. */
async function runRetirement(
  session: Session,
  directory: string,
  options: RunOptions & { readonly environment: string },
): Promise<ExitCode> {
  requireApproval(session, { ...options, command: "promote" });
  const { retired, done } = await retire(session.host(), {
    ...projectOptions(directory, options),
    approve: async (found) => {
      if (options.format === "text")
        session.print(renderRetired(found, options.environment, session.drawing));
      if (options.autoApprove) return true;
      return (await ask(session, say("cli/confirm-retire"))) === "yes";
    },
  });
  if (options.format === "json") session.printJson(retired.map(({ address, ids }) => ({ address, ids })));
  else if (retired.length === 0) session.print(renderRetired(retired, options.environment, session.drawing));
  if (retired.length === 0 || done) return ExitCode.done;
  session.log.error(say("cli/not-approved"));
  return ExitCode.failed;
}
