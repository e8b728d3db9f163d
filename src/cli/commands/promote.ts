import { stat } from "node:fs/promises";
import type { Command } from "commander";
import type { Planned } from "../../commands/plan.ts";
import { type PromotionCommandOptions, planPromotion, promote, retire } from "../../commands/promote.ts";
import { rollback } from "../../commands/rollback.ts";
import { type Address, parseAddress } from "../../core/address.ts";
import { writeJson } from "../../core/json-text.ts";
import { renderRetired } from "../../report/state.ts";
import { ask, requireApproval } from "../approval.ts";
import { type CommandRunner, type Effect, examples } from "../command.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { openStatusLine } from "../live-lines.ts";
import {
  addApplyingOptions,
  addCopyingOptions,
  addReadingOptions,
  planOptions,
  projectOptions,
} from "../options.ts";
import { printPlan, warnOf } from "../plan-report.ts";
import { type RunOptions, runAndReport } from "../run-and-report.ts";
import { checkPlanFile, saveAndShow, writeDocument } from "../save-plan.ts";
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
    .argument(
      "[address...]",
      "only these resources and their dependencies; also accepts the project directory",
    )
    .description("Promote the published release of one environment to another")
    .option("--from <environment>", "source environment")
    .option("--to <environment>", "target environment (same as -e)")
    .option("--draft", "promote the drafts of bots instead of their published versions")
    .option("--check", "run the manifests' checks before the switch; calls to bots and workflows cost money")
    .option("--rollback", "roll back the last promotion")
    .option("--retire", "remove replaced copies that no rollback needs from the state; they stay at Coze")
    .option(
      "--out <file>",
      "save the plan without applying it; cozeform apply FILE applies exactly this plan",
    );
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
    if (addresses.length > 0) throw new UsageError("--retire takes no addresses", "leave them out");
    return runRetirement(session, directory, { ...placed, environment });
  }
  if (options.rollback) {
    refuseBeside(options, "--rollback");
    return runAndReport(
      session,
      {
        command: "promote",
        directory,
        run: (host, applying) => rollback(host, { ...applying, addresses }),
      },
      placed,
    );
  }
  const choice = { ...choiceOf(options), addresses };
  if (options.out !== undefined)
    return savePromotion(session, directory, { ...placed, out: options.out }, choice);
  return runAndReport(
    session,
    {
      command: "promote",
      directory,
      run: (host, applying) => promote(host, { ...applying, ...choice }),
    },
    placed,
  );
}

/** Sorts the arguments into addresses and the project's directory. */
async function readWords(
  session: Session,
  words: readonly string[],
): Promise<{ readonly directory: string; readonly addresses: readonly string[] }> {
  const addresses = words.filter((word) => parseAddress(word) !== undefined);
  const [directory, second] = words.filter((word) => !addresses.includes(word));
  if (second !== undefined) {
    throw new UsageError(
      `${second} is no address`,
      "write addresses as Kind.name, and one directory at most",
    );
  }
  const path = session.path(directory);
  if (directory !== undefined && !(await stat(path).catch(() => undefined))?.isDirectory()) {
    throw new UsageError(
      `${directory} is neither an address nor a directory`,
      "write addresses as Kind.name",
    );
  }
  return { directory: path, addresses };
}

function targetOf({ to, environment }: PromoteOptions): string | undefined {
  if (to !== undefined && environment !== undefined && to !== environment) {
    throw new UsageError(`--to says ${to} and -e ${environment}`, "say one of them");
  }
  return to ?? environment;
}

function choiceOf({ from, to, environment, draft, check }: PromoteOptions): PromotionCommandOptions {
  if (from === undefined || (to ?? environment) === undefined) {
    const missing = from === undefined ? "--from" : "--to";
    throw new UsageError(
      `promote needs ${missing}`,
      "say both: cozeform promote --from dev --to prod; or go back: cozeform promote --rollback --to prod",
    );
  }
  return { from, draft, check };
}

function refuseBeside(
  { from, draft, check, rollback: back, out, to, environment }: PromoteOptions,
  what: "--rollback" | "--retire",
): void {
  const beside = [
    ...(from === undefined ? [] : ["--from"]),
    ...(draft ? ["--draft"] : []),
    ...(check ? ["--check"] : []),
    ...(back && what === "--retire" ? ["--rollback"] : []),
    ...(out === undefined ? [] : ["--out"]),
  ];
  if (beside.length > 0) {
    const hint = `leave ${beside.join(" and ")} out: cozeform promote ${what} --to prod`;
    throw new UsageError(`${what} goes without ${beside.join(", ")}`, hint);
  }
  if ((to ?? environment) === undefined) {
    throw new UsageError(`${what} needs --to`, `say where: cozeform promote ${what} --to prod`);
  }
}

async function savePromotion(
  session: Session,
  directory: string,
  options: PromoteOptions & { readonly out: string },
  choice: PromotionCommandOptions,
): Promise<ExitCode> {
  await checkPlanFile(session, options.out, directory);
  session.interruption.stopAtOnce("Interrupted: nothing was changed.");
  const planned = await readAndPlan(session, directory, options, choice);
  const given = directory === session.path(".") ? undefined : directory;
  await saveAndShow(session, planned, { ...options, directory: given }, () => {
    warnOf(session, planned);
    if (options.format === "json") session.print(writeDocument(planned));
    else printPlan(session, planned, options);
  });
  return ExitCode.done;
}

async function readAndPlan(
  session: Session,
  directory: string,
  options: PromoteOptions,
  choice: PromotionCommandOptions,
): Promise<Planned> {
  const reading = openStatusLine(session, options.format);
  try {
    const host = session.host({ onCall: reading.onCall });
    return await planPromotion(host, { ...planOptions(directory, options), ...choice });
  } finally {
    reading.close();
  }
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
      return (await ask(session, "\nForget them? Only 'yes' is accepted: ")) === "yes";
    },
  });
  if (options.format === "json") session.print(`${writeJson(retired.map(toJson), 2)}\n`);
  else if (retired.length === 0) session.print(renderRetired(retired, options.environment, session.drawing));
  if (retired.length === 0 || done) return ExitCode.done;
  session.log.error("Not approved: nothing was changed.");
  return ExitCode.failed;
}

const toJson = ({ address, ids }: { readonly address: Address; readonly ids: readonly string[] }) => ({
  address,
  ids,
});
