import { Option } from "commander";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption } from "../options.ts";

/** Declares `convert`. */
export function addConvertCommand(program: Command, start: CommandRunner): void {
  program
    .command("convert <file...>")
    .description(say("cli-help/convert"))
    .addOption(new Option("-o, --out <dir>", say("cli-help/option-out-convert")))
    .addOption(new Option("-w, --workspace <workspace>", say("cli-help/option-workspace-convert")))
    .addOption(formatOption())
    .examples(
      "cozeform convert support.yml -o desk",
      "cozeform convert dify/*.yml fastgpt.json -o desk -w 7532000000000000001",
    )
    .action(start("changes", async () => (await import("../actions/convert.ts")).runConvert));
}
