import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import {
  addAnswers,
  addApplyingOptions,
  addCopyingOptions,
  addPublishingOptions,
  addReadingOptions,
} from "../options.ts";

/** Declares `rollback`. */
export function addRollbackCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("rollback")
    .argument("<address...>", say("cli-help/argument-rollback"))
    .description(say("cli-help/rollback"))
    .option("--to <version>", say("cli-help/option-to-version"))
    .option("--live-only", say("cli-help/option-live-only"));
  addAnswers(addReadingOptions(addPublishingOptions(addCopyingOptions(addApplyingOptions(command)))))
    .examples(
      "cozeform rollback Bot.support",
      "cozeform rollback -e prod Bot.support --to 3",
      "cozeform rollback -e prod Bot.support --live-only --auto-approve",
    )
    .action(start("changes", async () => (await import("../actions/rollback.ts")).runRollback));
}
