import { type Command, Option } from "commander";
import { readProject } from "../../commands/project.ts";
import { listState, moveState, removeState, showState } from "../../commands/state.ts";
import { type Address, addressMatches } from "../../core/address.ts";
import { writeJson } from "../../core/json-text.ts";
import { printableLine } from "../../report/escape-control.ts";
import { renderEntries, renderEntry } from "../../report/state.ts";
import { plural } from "../../report/values.ts";
import { type CommandRunner, examples } from "../command.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { type CommonOptions, formatOption, projectOptions } from "../options.ts";
import { nameState } from "../plan-report.ts";
import type { Session } from "../session.ts";

interface StateOptions {
  readonly dir?: string;
  readonly format: "text" | "json";
}

/** Declares `state` and its subcommands. */
export function addStateCommand(program: Command, start: CommandRunner): void {
  const state = program
    .command("state")
    .description("Inspect and correct the state")
    .addHelpText(
      "after",
      examples(
        "cozeform state list",
        "cozeform state show Bot.support",
        "cozeform state mv Bot.support Bot.service",
        "cozeform state rm 'Document.faq[\"returns.md\"]'",
      ),
    );
  addList(state, start);
  addShow(state, start);
  addMove(state, start);
  addRemove(state, start);
}

const dirOption = (): Option => new Option("--dir <dir>", "project directory");

function addList(state: Command, start: CommandRunner): void {
  state
    .command("list")
    .description("List the resources in the state with their ids")
    .addOption(dirOption())
    .addOption(formatOption())
    .action((_options, self: Command) =>
      start<StateOptions>(self, "reads", async (session, options) => {
        const entries = await listState(session.host(), projectOptions(session.path(options.dir), options));
        if (entries.length === 0) session.log.info(printableLine(await describeEmpty(session, options)));
        if (options.format === "text") session.print(renderEntries(entries, session.drawing));
        else session.print(toJson(entries.map(({ address, entry }) => ({ address, ...entry }))));
        return ExitCode.done;
      }),
    );
}

function addShow(state: Command, start: CommandRunner): void {
  state
    .command("show <address>")
    .description("Show the state of one resource")
    .addOption(dirOption())
    .addOption(formatOption())
    .action((address: string, _options, self: Command) =>
      start<StateOptions>(self, "reads", async (session, options) => {
        const project = projectOptions(session.path(options.dir), options);
        await checkFamilies(session, options, [address]);
        const entry = await showState(session.host(), project, address);
        if (options.format === "text") session.print(renderEntry(address, entry, session.drawing));
        else session.print(toJson({ address, ...entry }));
        return ExitCode.done;
      }),
    );
}

function addMove(state: Command, start: CommandRunner): void {
  state
    .command("mv <from> <to>")
    .description(
      "Move a resource to another address, for example after renaming its manifest; makes no API calls",
    )
    .addOption(dirOption())
    .action((from: string, to: string, _options, self: Command) =>
      start<StateOptions>(self, "changes", async (session, options) => {
        await checkFamilies(session, options, [from]);
        await moveState(session.host(), projectOptions(session.path(options.dir), options), from, to);
        session.print(`${printableLine(`${from} is now ${to}.`)}\n`);
        return ExitCode.done;
      }),
    );
}

function addRemove(state: Command, start: CommandRunner): void {
  state
    .command("rm <address...>")
    .description("Remove resources from the state; their objects stay at Coze")
    .addOption(dirOption())
    .action((addresses: readonly string[], _options, self: Command) =>
      start<StateOptions>(self, "changes", async (session, options) => {
        await checkFamilies(session, options, addresses);
        await removeState(session.host(), projectOptions(session.path(options.dir), options), addresses);
        session.print(`Forgot ${plural(addresses.length, "resource")}.\n`);
        return ExitCode.done;
      }),
    );
}

/**
 * Says that the state is empty, and whether the environment's other state, for Coze or the emulator, isn't.
 */
async function describeEmpty(session: Session, options: CommonOptions & StateOptions): Promise<string> {
  const { emulator, ...real } = options;
  const directory = session.path(options.dir);
  const { environmentName } = await readProject(session.host(), projectOptions(directory, options));
  const other = projectOptions(directory, emulator ? real : { ...options, emulator: true });
  const elsewhere = await listState(session.host(), other).catch(() => []);
  const empty = `The state of ${nameState(environmentName, options)} is empty.`;
  if (elsewhere.length === 0) return empty;
  const count = plural(elsewhere.length, "resource");
  return emulator
    ? `${empty} Without --emulator it has ${count}.`
    : `${empty} The emulator's has ${count}: add --emulator.`;
}

/** Throws when an address names a whole `for_each`: state commands take single resources. */
async function checkFamilies(
  session: Session,
  options: CommonOptions & StateOptions,
  addresses: readonly Address[],
): Promise<void> {
  const entries = await listState(session.host(), projectOptions(session.path(options.dir), options));
  for (const address of addresses) {
    const members = entries.flatMap((one) => (addressMatches(address, one.address) ? [one.address] : []));
    if (members.length === 0 || members.includes(address)) continue;
    const rest = members.length - mostNamed;
    // Quoted, so that they can be pasted into a shell.
    const named = [...members.slice(0, mostNamed).map((one) => `'${one}'`), ...(rest > 0 ? ["…"] : [])];
    throw new UsageError(
      `${address} stands for ${plural(members.length, "resource")} of one for_each`,
      `name one of them: ${named.join(", ")}`,
    );
  }
}

const mostNamed = 8;

const toJson = (value: unknown): string => `${writeJson(value, 2)}\n`;
