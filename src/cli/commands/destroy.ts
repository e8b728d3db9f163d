import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { addAnswers, addApplyingOptions, addPlanningOptions } from "../options.ts";

/** Declares `destroy`. */
export function addDestroyCommand(program: Command, start: CommandRunner): void {
  const command = program.command("destroy [dir]").description(say("cli-help/destroy"));
  addAnswers(addPlanningOptions(addApplyingOptions(command)), { creates: false })
    .examples("cozeform destroy -e dev", "cozeform destroy --target Dataset.faq", "cozeform plan --destroy")
    .action(start("changes", async () => (await import("../actions/destroy.ts")).runDestroy));
}
