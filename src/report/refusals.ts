import { type Address, addressMatches } from "../core/address.ts";
import { commandLine, repeatCommand } from "../core/command-line.ts";
import { groupBy } from "../core/group.ts";
import { type CommandLine, say } from "../messages/text.ts";
import type { Guard, Refusal } from "../plan/guards/refusal.ts";

/** What is refused by one guard: each thing in words, and the next moves for all of them. */
export interface RefusalGroup {
  readonly guard: Guard;
  readonly refusals: readonly [Refusal, ...Refusal[]];
  readonly title: string;
  /** Whole sentences, each with what to write, or a command that can be pasted. */
  readonly moves: readonly string[];
}

/** The command line that makes a plan: its words, and each option with its value. */
export interface PlanningWords {
  readonly words: readonly string[];
  readonly options: readonly (readonly string[])[];
  /** Null: they name the environment. */
  readonly environment?: null | undefined;
}

/** How the answers can be given. */
export interface AnswerWays {
  /** The command that is run again with more options. */
  readonly command: string;
  /** Everything that one command has to answer; what is refused by default. */
  readonly together?: readonly Refusal[] | undefined;
  /** The plan is saved: answers belong to the command that planned, of these words and options. */
  readonly saved?: PlanningWords | undefined;
  /** The run is in a CI whose machine keeps no files, and the state is a file. */
  readonly stateless?: boolean | undefined;
}

/** Refusals by their guards, in the order in which they have to be answered. */
export function groupRefusals(refusals: readonly Refusal[], ways: AnswerWays): readonly RefusalGroup[] {
  return [...groupBy(refusals, ({ guard }) => guard).values()].map((some): RefusalGroup => {
    const { guard } = some[0];
    return {
      guard,
      refusals: some,
      title: say(`report/refused-${guard}`),
      moves: movesFor(guard, some, { together: refusals, ...ways }),
    };
  });
}

/** The command that makes a manifest say what its resource is held at. */
const rollBackManifest = ({ addresses: [address], release = 1 }: Refusal) =>
  commandLine(["rollback", address], { after: ["--to", String(release)] });

type Some = readonly [Refusal, ...Refusal[]];

function movesFor(guard: Guard, refusals: Some, ways: AnswerWays): readonly string[] {
  switch (guard) {
    case "renamed":
      return movesForRenames(refusals, ways);
    case "exists":
      return movesForExisting(refusals, ways);
    case "held":
      return [
        say("report/answer-held-edit", { commandLine: rollBackManifest(refusals[0]) }),
        say("report/answer-held", { commandLine: answerAll(refusals, ways) }),
      ];
    case "removals":
      return [say("report/answer-removals", { commandLine: answerAll(refusals, ways) })];
    default:
      return [say("report/answer-allow", { commandLine: answerAll(refusals, ways) })];
  }
}

function movesForRenames(refusals: Some, ways: AnswerWays): readonly string[] {
  const moves = new Map(refusals.flatMap(({ move }) => (move ? [[JSON.stringify(move), move]] : [])));
  const pairs = [...moves.values()].map(({ from, to }) =>
    say("report/answer-move", { from: yamlWord(from), to: yamlWord(to) }),
  );
  const commands = [...moves.values()].map(({ from, to }) => commandLine(["state", "mv", from, to]));
  const [first] = commands;
  const names = [...moves.values()].map(({ from }) => from.slice(from.indexOf(".") + 1));
  const [name = ""] = names;
  const answerable = refusals.filter(({ options }) => options.length > 0);
  return [
    names.length === 1
      ? say("report/answer-moved-one", { moved: `[${pairs.join(", ")}]`, name: `[${yamlWord(name)}]` })
      : say("report/answer-moved", { moved: `[${pairs.join(", ")}]` }),
    ...(first && commands.length === 1 ? [say("report/answer-state-mv", { commandLine: first })] : []),
    ...(isNotEmpty(answerable)
      ? [say("report/answer-not-renamed", { commandLine: answerAll(answerable, ways) })]
      : []),
  ];
}

function movesForExisting(refusals: Some, ways: AnswerWays): readonly string[] {
  const known = refusals.filter(({ remembered }) => remembered).map(({ addresses: [address] }) => address);
  const unknown = refusals.filter(({ remembered }) => !remembered);
  const [several] = unknown.filter(({ ids }) => ids.length > 1);
  const adoptable = refusals.filter(isAdoptable);
  const other = refusals.filter(({ options }) => options.length > 0);
  const lost = refusals.some(({ stateMissing }) => stateMissing);
  if (lost && ways.stateless) return [say("report/answer-state-missing-ci")];
  return [
    ...(lost ? [say("report/answer-state-missing")] : []),
    ...(known.length > 0
      ? [say("report/answer-forget", { commandLine: commandLine(["state", "rm", ...known]) })]
      : []),
    ...(adoptable.length > 0
      ? [say("report/answer-adopt", { commandLine: answerAll(adoptable, ways, ["--adopt"]) })]
      : []),
    ...(several ? [say("report/answer-import", { commandLine: importOne(several) })] : []),
    ...(isNotEmpty(other) ? [say("report/answer-duplicate", { commandLine: answerAll(other, ways) })] : []),
  ];
}

const importOne = ({ addresses: [address], ids: [id = "ID"] }: Refusal) =>
  commandLine(["import", address, id]);

const isNotEmpty = (refusals: readonly Refusal[]): refusals is Some => refusals.length > 0;

const isAdoptable = ({ ids, remembered }: Refusal): boolean => ids.length === 1 && !remembered;

/**
 * The command that says yes to some refusals of one guard, and to all that is refused besides: with less it would be
 * refused again. What exists is taken over where that is possible, since it can be undone.
 */
function answerAll(refusals: readonly Refusal[], ways: AnswerWays, own?: readonly string[]): CommandLine {
  const guard = refusals[0]?.guard;
  const { together = refusals } = ways;
  const counted = together.find((one) => one.guard === "removals");
  const mine = guard === "removals" && counted ? [counted] : refusals;
  const others = together.filter((one) => one.guard !== guard);
  const existing = others.filter((one) => one.guard === "exists");
  const adopts = existing.length > 0 && existing.every(isAdoptable);
  const rest = adopts ? others.filter((one) => !existing.includes(one)) : others;
  const options = [...(own ?? joinOptions(mine)), ...(adopts ? ["--adopt"] : []), ...joinOptions(rest)];
  return again(options, ways);
}

function again(options: readonly string[], { command, saved }: AnswerWays): CommandLine {
  if (!saved) return repeatCommand(command, ...options);
  // Of answers with a number the new one counts.
  const kept = saved.options.filter(
    ([flag = ""]) => flag !== "--confirm-removals" || !options.includes(flag),
  );
  const { words, environment } = saved;
  return commandLine(words, { environment, after: ["--out", "FILE", ...kept.flat(), ...options] });
}

/** The options of several refusals, each once. An answer for a whole `for_each` covers those for its items. */
function joinOptions(refusals: readonly Refusal[]): readonly string[] {
  const distinct = new Map(refusals.map(({ options }) => [options.join(" "), options]));
  const values = [...distinct.values()].map(([, value]) => value);
  const isCovered = (value: Address | undefined) =>
    value !== undefined &&
    values.some((one) => one !== undefined && one !== value && addressMatches(one, value));
  return [...distinct.values()].filter(([, value]) => !isCovered(value)).flat();
}

/** An address as YAML takes it. */
const yamlWord = (address: Address): string =>
  /^[\w.-]+$/u.test(address) ? address : `'${address.replaceAll("'", "''")}'`;
