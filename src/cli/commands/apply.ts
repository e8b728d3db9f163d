import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import {
  addAnswers,
  addApplyingOptions,
  addCopyingOptions,
  addPlanModes,
  addPlanningOptions,
  addPublishingOptions,
} from "../options.ts";

/** Declares `apply`. */
export function addApplyCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("apply")
    .argument("[dir|planfile...]", say("cli-help/argument-apply"))
    .description(say("cli-help/apply"));
  const planning = addPlanningOptions(addPublishingOptions(addCopyingOptions(addApplyingOptions(command))));
  addAnswers(addPlanModes(planning))
    .option("--plan-sha256 <digest>", say("cli-help/option-plan-sha256"))
    .examples(
      "cozeform apply",
      "cozeform apply --emulator --auto-approve",
      "cozeform apply infra prod.plan.json -e prod --confirm-environment prod",
      "cozeform apply --replace Dataset.faq",
      "cozeform apply --target Bot.support --format json --auto-approve",
    )
    .action(start("changes", async () => (await import("../actions/apply.ts")).runApply));
}
