import { say } from "../../messages/text.ts";
import type { CommandRunner, Effect } from "../command.ts";
import type { Command } from "../help.ts";
import {
  addAnswers,
  addApplyingOptions,
  addCopyingOptions,
  addPublishingOptions,
  addReadingOptions,
} from "../options.ts";

/** Declares `promote`. */
export function addPromoteCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("promote")
    .argument("[address...]", say("cli-help/argument-promote"))
    .description(say("cli-help/promote"))
    .option("--from <environment>", say("cli-help/option-from"))
    .option("--to <environment>", say("cli-help/option-to"))
    .option("--draft", say("cli-help/option-draft"))
    .option("--check", say("cli-help/option-check"))
    .option("--rollback", say("cli-help/option-rollback"))
    .option("--retire", say("cli-help/option-retire"))
    .option("--out <file>", say("cli-help/option-out-promotion"));
  addAnswers(addReadingOptions(addPublishingOptions(addCopyingOptions(addApplyingOptions(command)))))
    .examples(
      "cozeform promote --from dev --to prod",
      "cozeform promote --from dev --to prod --check Bot.support",
      "cozeform promote --from dev --to prod --out release.json",
      "cozeform apply release.json",
      "cozeform promote --rollback --to prod",
      "cozeform promote --retire --to prod",
    )
    .action(start(effectOf, async () => (await import("../actions/promote.ts")).runPromote));
}

/** With --out it only reads. */
const effectOf = ({ out }: { readonly out?: string }): Effect => (out === undefined ? "changes" : "reads");
