import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import {
  addAnswers,
  addPlanModes,
  addPlanningOptions,
  addPublishingOptions,
  formatOption,
} from "../options.ts";

/** Declares `plan`. */
export function addPlanCommand(program: Command, start: CommandRunner): void {
  const command = program
    .command("plan [dir]")
    .description(say("cli-help/plan"))
    .option("--out <file>", say("cli-help/option-out-plan"))
    .addOption(formatOption())
    .option("--detailed-exitcode", say("cli-help/option-detailed-exitcode"));
  addAnswers(addPlanModes(addPlanningOptions(addPublishingOptions(command), ["auto", "full", "none"])))
    .option("--destroy", say("cli-help/option-destroy"))
    .option("--against <environment>", say("cli-help/option-against"))
    .examples(
      "cozeform plan",
      "cozeform plan infra -e prod --out prod.plan.json",
      "cozeform plan --target Bot.support --target 'Document.faq[\"returns.md\"]'",
      "cozeform plan -e prod --against dev",
      "cozeform plan -e prod --refresh-only --detailed-exitcode",
      "cozeform plan --replace Dataset.faq",
      "cozeform plan --emulator",
    )
    .action(start("reads", async () => (await import("../actions/plan.ts")).runPlan));
}
