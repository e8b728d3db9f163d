import { stat } from "node:fs/promises";
import { type Address, parseAddress } from "../core/address.ts";
import { parseLabel } from "../core/labels.ts";
import { explain } from "../messages/text.ts";
import { UsageError } from "./exit-code.ts";
import type { Session } from "./session.ts";

/** The arguments of a command that takes addresses and, anywhere among them, the project's directory. */
export interface SortedArguments {
  /** Labels as they were written, too: `team=sales`. */
  readonly addresses: readonly Address[];
  /** As it was written; undefined when there is none. */
  readonly directory: string | undefined;
}

/** Sorts arguments into addresses and the project's directory. Throws {@link UsageError} for anything else. */
export async function sortArguments(session: Session, words: readonly string[]): Promise<SortedArguments> {
  const addresses = words.filter((word) => parseAddress(word) ?? parseLabel(word));
  const [directory, second] = words.filter((word) => !addresses.includes(word));
  if (second !== undefined) throw new UsageError(explain("cli/not-an-address", { word: second }));
  if (directory !== undefined && !(await isDirectory(session.path(directory)))) {
    throw new UsageError(explain("cli/not-a-directory", { word: directory }));
  }
  return { addresses, directory };
}

const isDirectory = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;
