import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";

/** Declares `init`. */
export function addInitCommand(program: Command, start: CommandRunner): void {
  program
    .command("init [dir]")
    .description(say("cli-help/init"))
    .option("--cdktf", say("cli-help/option-cdktf"))
    .examples("cozeform init", "cozeform init support-desk", "cozeform init --cdktf desk")
    .action(start("changes", async () => (await import("../actions/init.ts")).runInit));
}
