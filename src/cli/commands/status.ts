import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { addPlanningOptions, formatOption } from "../options.ts";

/** Declares `status`. */
export function addStatusCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("status [dir]")
    .description(say("cli-help/status"))
    .addOption(formatOption())
    .option("--exit-code", say("cli-help/option-exit-code"));
  addPlanningOptions(command)
    .examples(
      "cozeform status",
      "cozeform status -e prod --exit-code",
      "cozeform status --target Bot.support --full",
      "cozeform status --format json",
    )
    .action(start("reads", async () => (await import("../actions/status.ts")).runStatus));
}
