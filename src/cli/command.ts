import type { ExitCode } from "./exit-code.ts";
import type { CommonOptions } from "./options.ts";
import type { Session } from "./session.ts";

/**
 * What a command does. It decides what happens when the command loses its output: one that only reads ends at once,
 * one that changes things finishes its work and then reports the loss, and a server keeps serving.
 */
export type Effect = "reads" | "changes" | "serves";

/** A command's action: its options and then its arguments, whose types each command declares. */
type Action<Options extends object, Words extends readonly unknown[]> = (
  session: Session,
  options: CommonOptions & Options,
  ...words: Words
) => Promise<ExitCode>;

/**
 * Makes commander's action of a command's. `effect` is a function when it depends on the options. `load`: imports the
 * action, with all that it needs, when the command is run; help and misuse don't wait for it.
 */
export type CommandRunner = <Options extends object, Words extends readonly unknown[]>(
  effect: Effect | ((options: CommonOptions & Options) => Effect),
  load: () => Promise<Action<Options, Words>>,
) => (...given: readonly unknown[]) => Promise<void>;
