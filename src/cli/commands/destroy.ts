import type { Command } from "commander";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import { examples } from "../help.ts";
import { addApplyingOptions, addPlanningOptions } from "../options.ts";
import { type RunOptions, runAndReport } from "../run-and-report.ts";

/** Declares `destroy`. */
export function addDestroyCommand(program: Command, start: CommandRunner): void {
  const command = program.command("destroy [dir]").description(say("cli-help/destroy"));
  addPlanningOptions(addApplyingOptions(command))
    .addHelpText(
      "after",
      examples("cozeform destroy -e dev", "cozeform destroy --target Dataset.faq", "cozeform plan --destroy"),
    )
    .action((dir: string | undefined, _options, self: Command) =>
      start<RunOptions>(self, "changes", (session, options) =>
        runAndReport(session, { command: "destroy", directory: session.path(dir) }, options),
      ),
    );
}
