import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { CommonOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** Runs a command's action with the options that were given to it; each command declares which these are. */
export type Start = <Options extends object>(
  command: Command,
  action: (session: Session, options: CommonOptions & Options) => Promise<ExitCode>,
) => Promise<void>;
