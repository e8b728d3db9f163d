import { Option } from "commander";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption, lockTimeoutOption, parseMost } from "../options.ts";

/** Declares `export`. */
export function addExportCommand(program: Command, start: CommandRunner): void {
  program
    .command("export")
    .description(say("cli-help/export"))
    .addOption(new Option("-w, --workspace <workspace...>", say("cli-help/option-workspace")))
    .addOption(new Option("-o, --out <dir>", say("cli-help/option-out-export")))
    .addOption(new Option("--kind <kind...>", say("cli-help/option-kind")))
    .addOption(new Option("--folder <folder...>", say("cli-help/option-folder")))
    .addOption(new Option("--match <pattern...>", say("cli-help/option-match")))
    .option("--markdown", say("cli-help/option-markdown"))
    .option("--force", say("cli-help/option-force"))
    .option("--max-calls <number>", say("cli-help/option-max-calls"), parseMost)
    .addOption(lockTimeoutOption())
    .addOption(formatOption())
    .examples(
      "cozeform export -w 客服空间 -o desk",
      "cozeform export -w 7532000000000000001 -o desk --kind Bot --match '售后*'",
    )
    .action(start("changes", async () => (await import("../actions/export.ts")).runExport));
}
