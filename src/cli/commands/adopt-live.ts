import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption, parseMost } from "../options.ts";

/** Declares `adopt-live`. */
export function addAdoptLiveCommand(program: Command, start: CommandRunner): void {
  program
    .command("adopt-live")
    .argument("<address...>", say("cli-help/argument-adopt-live"))
    .description(say("cli-help/adopt-live"))
    .addOption(formatOption())
    .option("--published", say("cli-help/option-published"))
    .option("--max-calls <number>", say("cli-help/option-max-calls"), parseMost)
    .examples(
      "cozeform adopt-live Bot.support",
      "cozeform adopt-live -e prod Bot.support Bot.sales",
      "cozeform adopt-live --published Bot.support",
    )
    .action(start("changes", async () => (await import("../actions/adopt-live.ts")).runAdoptLive));
}
