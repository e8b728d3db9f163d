import { Option } from "commander";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption, lockTimeoutOption, parseMost } from "../options.ts";

/** Declares `import`. */
export function addImportCommand(program: Command, start: CommandRunner): void {
  program
    .command("import")
    .argument("[address]", say("cli-help/argument-import-address"))
    .argument("[id]", say("cli-help/argument-import-id"))
    .argument("[dir]")
    .description(say("cli-help/import"))
    .addOption(new Option("-f, --file <file>", say("cli-help/option-file-import")))
    .addOption(new Option("--dir <dir>", say("cli-help/option-dir-project")))
    .option("--max-calls <number>", say("cli-help/option-max-calls"), parseMost)
    .addOption(lockTimeoutOption())
    .addOption(formatOption())
    .examples(
      "cozeform import Bot.support 7532000000000000001",
      "cozeform import Workspace.desk 7532000000000000002 infra -e prod",
      "cozeform import -f imports.txt",
    )
    .action(start("changes", async () => (await import("../actions/import.ts")).runImport));
}
