import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption, parseMost } from "../options.ts";

/** Declares `validate`. */
export function addValidateCommand(program: Command, start: CommandRunner): void {
  program
    .command("validate [dir]")
    .description(say("cli-help/validate"))
    .addOption(formatOption())
    .option("--online", say("cli-help/option-online"))
    .option("--strict", say("cli-help/option-strict"))
    .option("--max-calls <number>", say("cli-help/option-max-calls"), parseMost)
    .examples(
      "cozeform validate",
      "cozeform validate infra -e prod --var suffix=-eu",
      "cozeform validate --online --strict",
      "cozeform validate --format json",
    )
    .action(start("reads", async () => (await import("../actions/validate.ts")).runValidate));
}
