import { Option } from "commander";
import { type ProjectOptions, readProject } from "../../commands/project.ts";
import { listState, moveState, removeState, showState } from "../../commands/state.ts";
import { type Address, addressMatches, parseAddress } from "../../core/address.ts";
import { explain, say } from "../../messages/text.ts";
import { printableLine } from "../../report/escape-control.ts";
import { renderEntries, renderEntry } from "../../report/state.ts";
import type { CommandRunner } from "../command.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import type { Command } from "../help.ts";
import { type CommonOptions, type FormatOption, formatOption, projectOptions } from "../options.ts";
import { nameState } from "../plan-report.ts";
import type { Session } from "../session.ts";

interface StateOptions extends CommonOptions, FormatOption {
  readonly dir?: string;
}

/** Declares `state` and its subcommands. */
export function addStateCommand(program: Command, start: CommandRunner): void {
  const state = program
    .command("state")
    .description(say("cli-help/state"))
    .examples(
      "cozeform state list",
      "cozeform state show Bot.support",
      "cozeform state mv Bot.support Bot.service",
      "cozeform state rm 'Document.faq[\"returns.md\"]'",
    );
  state
    .command("list")
    .description(say("cli-help/state-list"))
    .addOption(dirOption())
    .addOption(formatOption())
    .action(start("reads", runList));
  state
    .command("show <address>")
    .description(say("cli-help/state-show"))
    .addOption(dirOption())
    .addOption(formatOption())
    .action(start("reads", runShow));
  state
    .command("mv <from> <to>")
    .description(say("cli-help/state-mv"))
    .addOption(dirOption())
    .action(start("changes", runMove));
  state
    .command("rm <address...>")
    .description(say("cli-help/state-rm"))
    .addOption(dirOption())
    .action(start("changes", runRemove));
}

const dirOption = (): Option => new Option("--dir <dir>", say("cli-help/option-dir-project"));

const projectOf = async (session: Session, options: StateOptions): Promise<ProjectOptions> =>
  projectOptions(await session.project(options.dir), options);

async function runList(session: Session, options: StateOptions): Promise<ExitCode> {
  const project = await projectOf(session, options);
  const entries = await listState(session.host(), project);
  if (entries.length === 0) session.log.info(printableLine(await describeEmpty(session, project)));
  if (options.format === "text") session.print(renderEntries(entries, session.drawing));
  else session.printJson(entries.map(({ address, entry }) => ({ address, ...entry })));
  return ExitCode.done;
}

async function runShow(session: Session, options: StateOptions, address: string): Promise<ExitCode> {
  const project = await projectOf(session, options);
  await checkFamilies(session, project, [address]);
  const entry = await showState(session.host(), project, address);
  if (options.format === "text") session.print(renderEntry(address, entry, session.drawing));
  else session.printJson({ address, ...entry });
  return ExitCode.done;
}

async function runMove(session: Session, options: StateOptions, from: string, to: string): Promise<ExitCode> {
  const project = await projectOf(session, options);
  // Several resources need several addresses, which the items of a for_each have.
  if (parseAddress(to)?.key !== undefined) await checkFamilies(session, project, [from]);
  await moveState(session.host(), project, from, to);
  session.print(`${printableLine(say("cli/state-moved", { from, to }))}\n`);
  return ExitCode.done;
}

async function runRemove(
  session: Session,
  options: StateOptions,
  addresses: readonly string[],
): Promise<ExitCode> {
  const project = await projectOf(session, options);
  await checkFamilies(session, project, addresses);
  await removeState(session.host(), project, addresses);
  session.print(`${say("cli/state-removed", { count: addresses.length })}\n`);
  return ExitCode.done;
}

/**
 * Says that the state is empty, and whether the environment's other state, for Coze or the emulator, isn't.
 */
async function describeEmpty(session: Session, project: ProjectOptions): Promise<string> {
  const { emulator = false } = project;
  const { environmentName } = await readProject(session.host(), project);
  const other = { ...project, emulator: !emulator };
  const { length: count } = await listState(session.host(), other).catch(() => []);
  const state = nameState(environmentName, project);
  if (count === 0) return say("cli/state-empty", { state });
  return say(emulator ? "cli/state-empty-unlike-coze" : "cli/state-empty-unlike-emulator", { state, count });
}

/** Throws when an address names a whole `for_each` where a single resource is needed. */
async function checkFamilies(
  session: Session,
  project: ProjectOptions,
  addresses: readonly Address[],
): Promise<void> {
  const entries = await listState(session.host(), project);
  for (const address of addresses) {
    const members = entries.flatMap((one) => (addressMatches(address, one.address) ? [one.address] : []));
    if (members.length === 0 || members.includes(address)) continue;
    const rest = members.length - mostNamed;
    // Quoted, so that they can be pasted into a shell.
    const named = [...members.slice(0, mostNamed).map((one) => `'${one}'`), ...(rest > 0 ? ["…"] : [])];
    const addresses = named.join(", ");
    throw new UsageError(explain("cli/state-several", { address, count: members.length, addresses }));
  }
}

const mostNamed = 8;
