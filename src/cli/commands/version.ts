import type { Command } from "commander";
import { version } from "../../core/version.ts";
import type { CommandRunner } from "../command-runner.ts";
import { ExitCode } from "../exit-code.ts";

/** Declares `version`. */
export function addVersionCommand(program: Command, start: CommandRunner): void {
  program
    .command("version")
    .description("print the version of cozeform")
    .action((_options, self: Command) =>
      start(self, "reads", async (session) => {
        session.print(`${version}\n`);
        return ExitCode.done;
      }),
    );
}
