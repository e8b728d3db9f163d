import { Option } from "commander";
import { say } from "../../messages/text.ts";
import { outputFormats } from "../../report/output-format.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";

/** Declares `outputs`. */
export function addOutputsCommand(program: Command, start: CommandRunner): void {
  program
    .command("outputs [dir]")
    .description(say("cli-help/outputs"))
    .addOption(
      new Option("--format <format>", say("cli-help/option-format"))
        .choices([...outputFormats])
        .default("env"),
    )
    .examples("cozeform outputs -e prod > prod.env", "cozeform outputs -e prod --format ts > src/coze.ts")
    .action(start("reads", async () => (await import("../actions/outputs.ts")).runOutputs));
}
