import type { Argument, Command, Option } from "commander";
import { say } from "../messages/text.ts";
import type { CommonOptions } from "./options.ts";

/** A candidate for the next word, with its description. */
export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** The source of candidates that no command declares. */
export interface CandidateSources {
  /** The addresses of the state; with `fromManifests`, those of the manifests too. */
  addresses(
    directory: string | undefined,
    options: Partial<CommonOptions>,
    fromManifests: boolean,
  ): Promise<readonly string[]>;
  environments(directory: string | undefined): Promise<readonly string[]>;
  /** The arguments of `schema`. */
  schemas(): Promise<readonly string[]>;
}

/**
 * The candidates for the last of the words, which may be empty or incomplete. None leaves it to the shell, which
 * completes file names.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  sources: CandidateSources,
): Promise<readonly Candidate[]> {
  // Bash splits --option=value at the equals sign.
  const given = words
    .map((word) => (word === "=" ? "" : word))
    .filter((word, index) => word !== "" || index === words.length - 1);
  const last = given.at(-1) ?? "";
  const before = readWords(program, given.slice(0, -1));
  const [, name, rest] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? [];
  const assigned = name === undefined ? undefined : findOption(before.command, name);
  if (assigned && rest !== undefined) {
    const values = await valuesOf(assigned, before, sources);
    return startingWith(values, rest).map((one) => ({ ...one, value: `${name}=${one.value}` }));
  }
  if (before.awaiting) return startingWith(await valuesOf(before.awaiting, before, sources), last);
  if (last.startsWith("-") && !before.literal) return startingWith(optionsOf(before.command), last);
  const commands = before.arguments.length === 0 ? commandsOf(before.command) : [];
  const argument =
    before.command.registeredArguments[before.arguments.length] ?? lastVariadic(before.command);
  const values = argument ? await argumentsOf(argument, before, sources) : [];
  return startingWith([...commands, ...values], last);
}

/** The parsed words before the last one. */
interface Given {
  readonly command: Command;
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, string | true>>;
  /** The option that the next word is the value of. */
  readonly awaiting: Option | undefined;
  /** After `--` no word is an option. */
  readonly literal: boolean;
}

function readWords(program: Command, words: readonly string[]): Given {
  let command = program;
  let awaiting: Option | undefined;
  let literal = false;
  const given: string[] = [];
  const options: Record<string, string | true> = {};
  for (const word of words) {
    if (awaiting) {
      options[awaiting.attributeName()] = word;
      awaiting = undefined;
    } else if (word === "--" && !literal) {
      literal = true;
    } else if (word.startsWith("-") && !literal) {
      const [flag = "", value] = word.split(/=(.*)/s);
      const option = findOption(command, flag);
      if (option?.required && value === undefined) awaiting = option;
      else if (option) options[option.attributeName()] = value ?? true;
    } else {
      const next: Command | undefined = given.length === 0 ? findCommand(command, word) : undefined;
      if (next) command = next;
      else given.push(word);
    }
  }
  return { command, arguments: given, options, awaiting, literal };
}

const isShown = (command: Command): boolean => !command.name().startsWith("_");

const findCommand = (command: Command, name: string): Command | undefined =>
  command.commands.find((one) => one.name() === name && isShown(one));

const lastVariadic = (command: Command): Argument | undefined =>
  command.registeredArguments.at(-1)?.variadic ? command.registeredArguments.at(-1) : undefined;

/** The options of a command and of its parents. */
const allOptions = (command: Command): readonly Option[] => [
  ...command.options.filter(({ hidden }) => !hidden),
  ...(command.parent ? allOptions(command.parent) : []),
];

const findOption = (command: Command, flag: string): Option | undefined =>
  allOptions(command).find(({ long, short }) => long === flag || short === flag);

const optionsOf = (command: Command): readonly Candidate[] =>
  [
    ...allOptions(command).map(({ long, description }) => ({ value: long ?? "", description })),
    { value: "--help", description: say("cli-help/option-help") },
  ].filter(({ value }) => value !== "");

const commandsOf = (command: Command): readonly Candidate[] =>
  command.commands.filter(isShown).map((one) => ({ value: one.name(), description: one.description() }));

async function valuesOf(
  option: Option,
  given: Given,
  sources: CandidateSources,
): Promise<readonly Candidate[]> {
  if (option.argChoices) return option.argChoices.map((value) => ({ value }));
  if (option.flags.includes("<environment>") || /environment$/i.test(option.attributeName()))
    return asCandidates(sources.environments(directoryOf(given)));
  if (option.flags.includes("<address>")) return addressesOf(given, sources, true);
  return [];
}

async function argumentsOf(
  argument: Argument,
  given: Given,
  sources: CandidateSources,
): Promise<readonly Candidate[]> {
  if (argument.argChoices) return argument.argChoices.map((value) => ({ value }));
  switch (argument.name()) {
    case "address":
    case "from":
      return addressesOf(given, sources, false);
    case "to":
      return addressesOf(given, sources, true);
    case "kind":
      return asCandidates(sources.schemas());
    default:
      return [];
  }
}

const addressesOf = (
  given: Given,
  sources: CandidateSources,
  fromManifests: boolean,
): Promise<readonly Candidate[]> => {
  const { environment, endpoint, emulator } = given.options;
  const place = { environment: textOf(environment), endpoint: textOf(endpoint), emulator: emulator === true };
  return asCandidates(sources.addresses(directoryOf(given), place, fromManifests));
};

const textOf = (value: string | true | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** The project directory on the line so far, if there is one: `--dir`, or the argument `[dir]`. */
function directoryOf({ command, options, arguments: [first] }: Given): string | undefined {
  if (typeof options.dir === "string") return options.dir;
  return command.registeredArguments[0]?.name().startsWith("dir") ? first : undefined;
}

const asCandidates = async (values: Promise<readonly string[]>): Promise<readonly Candidate[]> =>
  (await values).map((value) => ({ value }));

const startingWith = (candidates: readonly Candidate[], start: string): readonly Candidate[] =>
  candidates.filter(({ value }) => value.startsWith(start));
