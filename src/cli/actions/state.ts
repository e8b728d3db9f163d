import { relative } from "node:path";
import { type ProjectOptions, readProject } from "../../commands/project.ts";
import { listState, moveState, removeState, showState } from "../../commands/state.ts";
import { type Address, addressMatches, parseAddress } from "../../core/address.ts";
import { shellQuote } from "../../core/command-line.ts";
import { explain, say } from "../../messages/text.ts";
import { printableLine } from "../../report/escape-control.ts";
import { renderEntries, renderEntry } from "../../report/state.ts";
import { sortArguments } from "../address-arguments.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { lockOptions } from "../lock-waiting.ts";
import { type CommonOptions, type FormatOption, type LockingOptions, projectOptions } from "../options.ts";
import { nameState } from "../plan-report.ts";
import type { Session } from "../session.ts";

/** Options of all state commands. */
export interface StateOptions extends CommonOptions, FormatOption {
  readonly dir?: string;
}

/** The project of a state command. Throws {@link UsageError} when its directory is given twice. */
export async function stateProject(
  session: Session,
  options: StateOptions,
  word: string | undefined,
): Promise<ProjectOptions> {
  const { dir = word } = options;
  if (word !== undefined && dir !== word) {
    const message = say("cli/two-directories", { word, dir: dir ?? "" });
    throw new UsageError({ message, hint: say("common/remove-one") });
  }
  return projectOptions(await session.project(dir), options);
}

/** The addresses and the project that the arguments name. */
async function readWords(session: Session, options: StateOptions, words: readonly (string | undefined)[]) {
  const given = words.filter((word) => word !== undefined);
  const { addresses, directory } = await sortArguments(session, given);
  return { addresses, project: await stateProject(session, options, directory) };
}

/** Runs `state list`. */
export async function runList(session: Session, options: StateOptions, dir?: string): Promise<ExitCode> {
  const project = await stateProject(session, options, dir);
  const entries = await listState(session.host(), project);
  if (entries.length === 0) session.log.info(printableLine(await describeEmpty(session, project)));
  if (options.format === "text") session.print(renderEntries(entries, session.drawing));
  else session.printJson(entries.map(({ address, entry }) => ({ address, ...entry })));
  return ExitCode.done;
}

/** Runs `state show`. */
export async function runShow(
  session: Session,
  options: StateOptions,
  ...words: readonly (string | undefined)[]
): Promise<ExitCode> {
  const { addresses, project } = await readWords(session, options, words);
  const [address = missing("address")] = addresses;
  if (addresses.length > 1) throw new UsageError(explain("cli/state-show-one"));
  await checkFamilies(session, project, [address]);
  const entry = await showState(session.host(), project, address);
  if (options.format === "text") session.print(renderEntry(address, entry, session.drawing));
  else session.printJson({ address, ...entry });
  return ExitCode.done;
}

/** Runs `state mv`. */
export async function runMove(
  session: Session,
  options: StateOptions & LockingOptions,
  ...words: readonly (string | undefined)[]
): Promise<ExitCode> {
  const { addresses, project } = await readWords(session, options, words);
  const [from = missing("from"), to = missing("to"), more] = addresses;
  if (more !== undefined) throw new UsageError(explain("cli/state-mv-two"));
  // Several resources need several addresses, which the items of a for_each have.
  if (parseAddress(to)?.key !== undefined) await checkFamilies(session, project, [from]);
  const backup = await moveState(session.host(), { ...project, ...lockOptions(session, options) }, from, to);
  session.print(`${printableLine(say("cli/state-moved", { from, to }))}\n`);
  tellBackup(session, backup);
  return ExitCode.done;
}

/** Runs `state rm`. */
export async function runRemove(
  session: Session,
  options: StateOptions & LockingOptions,
  words: readonly string[],
): Promise<ExitCode> {
  const { addresses, project } = await readWords(session, options, words);
  if (addresses.length === 0) missing("address");
  await checkFamilies(session, project, addresses);
  const locking = lockOptions(session, options);
  const backup = await removeState(session.host(), { ...project, ...locking }, addresses);
  session.print(`${say("cli/state-removed", { count: addresses.length })}\n`);
  tellBackup(session, backup);
  return ExitCode.done;
}

function missing(argument: string): never {
  throw new UsageError({ message: say("cli/missing-argument", { argument }) });
}

/** Says where the state before a change is kept. */
export function tellBackup({ log, io }: Session, backup: string | undefined): void {
  if (backup === undefined) return;
  log.info(printableLine(say("cli/state-backup", { file: relative(io.cwd, backup) })));
}

/**
 * Says that the state is empty, and whether the environment's other state, for Coze or the emulator, isn't.
 */
async function describeEmpty(session: Session, project: ProjectOptions): Promise<string> {
  const { environmentName } = await readProject(session.host(), project);
  const other = { ...project, emulator: !project.emulator };
  const { length: count } = await listState(session.host(), other).catch(() => []);
  const state = nameState(environmentName, project);
  if (count === 0) return say("cli/state-empty", { state });
  return say(project.emulator ? "cli/state-empty-unlike-coze" : "cli/state-empty-unlike-emulator", {
    state,
    count,
  });
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
    const named = [...members.slice(0, mostNamed).map(shellQuote), ...(rest > 0 ? ["…"] : [])];
    const addresses = named.join(", ");
    throw new UsageError(explain("cli/state-several", { address, count: members.length, addresses }));
  }
}

const mostNamed = 8;
