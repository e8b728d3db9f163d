import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { CommonOptions } from "./options.ts";
import type { Session } from "./session.ts";

/**
 * What a command does. It decides what happens when the command loses its output: one that only reads ends at once,
 * one that changes things finishes its work and then reports the loss, and a server keeps serving.
 */
export type Effect = "reads" | "changes" | "serves";

/**
 * Runs a command's action with its options, whose type each command declares. `effect` is a function when it depends
 * on the options.
 */
export type CommandRunner = <Options extends object>(
  command: Command,
  effect: Effect | ((options: CommonOptions & Options) => Effect),
  action: (session: Session, options: CommonOptions & Options) => Promise<ExitCode>,
) => Promise<void>;
