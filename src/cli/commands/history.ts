import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption, parseMost } from "../options.ts";

/** Declares `history`. */
export function addHistoryCommand(program: Command, start: CommandRunner): void {
  program
    .command("history")
    .argument("<address...>", say("cli-help/argument-history"))
    .description(say("cli-help/history"))
    .addOption(formatOption())
    .option("--max-calls <number>", say("cli-help/option-max-calls"), parseMost)
    .examples("cozeform history Bot.support", "cozeform history -e prod Bot.support --format json")
    .action(start("reads", async () => (await import("../actions/history.ts")).runHistory));
}
