import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { CommonOptions } from "./options.ts";
import type { Session } from "./session.ts";

/**
 * What a command does, which decides how it takes the loss of its output: one that only reads ends at once, one that
 * changes things finishes its work and then says so, and a server keeps on serving.
 */
export type Effect = "reads" | "changes" | "serves";

/**
 * Runs a command's action with the options that were given to it; each command declares which these are. Where its
 * effect depends on them, it is a function of them.
 */
export type CommandRunner = <Options extends object>(
  command: Command,
  effect: Effect | ((options: CommonOptions & Options) => Effect),
  action: (session: Session, options: CommonOptions & Options) => Promise<ExitCode>,
) => Promise<void>;

/** The end of a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
