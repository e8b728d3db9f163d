import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption } from "../options.ts";

/** Declares `validate`. */
export function addValidateCommand(program: Command, start: CommandRunner): void {
  program
    .command("validate [dir]")
    .description(say("cli-help/validate"))
    .addOption(formatOption())
    .examples(
      "cozeform validate",
      "cozeform validate infra -e prod --var suffix=-eu",
      "cozeform validate --format json",
    )
    .action(start("reads", async () => (await import("../actions/validate.ts")).runValidate));
}
