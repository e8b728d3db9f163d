import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";

/** Declares `schema`. */
export function addSchemaCommand(program: Command, start: CommandRunner): void {
  program
    .command("schema [kind]")
    .description(say("cli-help/schema"))
    .option("--out <dir>", say("cli-help/option-out-schemas"))
    .examples(
      "cozeform schema > manifest.schema.json",
      "cozeform schema Bot",
      "cozeform schema --out schemas",
    )
    .action(start("reads", async () => (await import("../actions/schema.ts")).runSchema));
}
