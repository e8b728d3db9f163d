import { AsyncLocalStorage } from "node:async_hooks";
import path from "node:path";
import type { CommandLine } from "../messages/text.ts";
import { escapeInvisible } from "./invisible-characters.ts";

/** How the user called cozeform: what a command line that is shown must repeat. */
export interface Invocation {
  /** All arguments. */
  readonly words: readonly string[];
  /** The project's directory as the user wrote it. */
  directory?: string | undefined;
  /** Options that choose the environment. */
  readonly environment: readonly string[];
  /** Options that choose whom to call, and as whom. */
  readonly access: readonly string[];
  /** Options that no state command needs. */
  readonly inputs: readonly string[];
}

/** The invocation of a process that has one, as the command has. */
let only: Invocation | undefined;

/** Those that run beside it. Before Node 24 such a store makes every promise of the process take twice the time. */
const others = new AsyncLocalStorage<Invocation>();

const currentInvocation = (): Invocation | undefined => others.getStore() ?? only;

/**
 * Runs something whose texts show command lines of the invocation, until it returns or its promise is settled. Elsewhere
 * they have no options, but for what runs outside of all invocations while there is one.
 */
export function withInvocation<Result>(invocation: Invocation, run: () => Result): Result {
  if (only !== undefined) return others.run(invocation, run);
  only = invocation;
  const end = () => {
    only = undefined;
  };
  try {
    const result = run();
    if (result instanceof Promise) return result.finally(end) as Result;
    end();
    return result;
  } catch (error) {
    end();
    throw error;
  }
}

/** The parts of a command line besides its words. */
export interface CommandParts {
  /** Another environment than the user's; null for words that name it already. */
  readonly environment?: string | null | undefined;
  /** Files and options that follow the project's directory. */
  readonly after?: readonly string[] | undefined;
}

/**
 * A command line of cozeform that can be pasted into a POSIX shell in the user's directory: with the project's directory
 * and the options of the user's own call, every word quoted. `words` begin with the command's name.
 */
export function commandLine(
  words: readonly string[],
  { environment, after = [] }: CommandParts = {},
): CommandLine {
  const given = currentInvocation();
  const isOffline = words[0] === "state" || words[0] === "outputs";
  const chosen = environment === undefined ? (given?.environment ?? []) : [];
  return quoteAll([
    ...words,
    ...(given?.directory === undefined ? [] : [pathWord(given.directory)]),
    ...after,
    ...(environment ? ["-e", environment] : chosen),
    ...(isOffline ? (given?.access ?? []).filter((word) => word === "--emulator") : (given?.access ?? [])),
    ...(isOffline ? [] : (given?.inputs ?? [])),
  ]);
}

/**
 * A command line of a command that takes a file of the project, and no project; `file` is relative to the project's
 * directory. It can be pasted where the user is.
 */
export function fileCommandLine(command: string, file: string, after: readonly string[]): CommandLine {
  const directory = currentInvocation()?.directory ?? ".";
  return quoteAll([command, pathWord(path.posix.join(directory, file)), ...after]);
}

/**
 * The user's own command line with more options; `command` where there is none. Of options that take a number only one
 * counts, so the user's own is left out.
 */
export function repeatCommand(command: string, ...options: readonly string[]): CommandLine {
  const numbered = options.filter(
    (option, index) => isFlag(option) && /^\d+$/u.test(options[index + 1] ?? ""),
  );
  const words = numbered.reduce(withoutOption, currentInvocation()?.words ?? [command]);
  const end = words.indexOf("--");
  const at = end < 0 ? words.length : end;
  return quoteAll([...words.slice(0, at), ...options, ...words.slice(at)]);
}

const isFlag = (word: string): boolean => word.startsWith("--");

/** Words without an option and its value. */
function withoutOption(words: readonly string[], option: string): readonly string[] {
  const end = words.indexOf("--");
  const isOption = (index: number): boolean => words[index] === option && (end < 0 || index < end);
  return words.filter(
    (word, index) => !(isOption(index) || isOption(index - 1) || word.startsWith(`${option}=`)),
  );
}

const quoteAll = (words: readonly string[]): CommandLine =>
  ["cozeform", ...words.map(shellQuote)].join(" ") as CommandLine;

/** A command line of a command that has no project, and takes no options of the user's own call. */
export const plainCommandLine = (words: readonly string[]): CommandLine => quoteAll(words);

/** A path that isn't taken for an option. */
export const pathWord = (word: string): string => (word.startsWith("-") ? `./${word}` : word);

/**
 * A word quoted for a POSIX shell where it needs quotes. Characters that can't be shown are written as octal escapes of
 * `printf`, so that the word survives being printed and pasted.
 */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/u.test(word)) return word;
  if (escapeInvisible(word) === word && !word.includes("\n")) return `'${escapeQuotes(word)}'`;
  const format = word.replaceAll("\\", "\\\\").replaceAll("%", "%%");
  const shown = [...format].map((one, index) =>
    isShown(one) && !(index === 0 && one === "-") ? one : [...Buffer.from(one)].map(octal).join(""),
  );
  return `"$(printf '${escapeQuotes(shown.join(""))}')"`;
}

const escapeQuotes = (text: string): string => text.replaceAll("'", "'\\''");

const isShown = (character: string): boolean =>
  character !== "\n" && escapeInvisible(character) === character;

const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, "0")}`;
