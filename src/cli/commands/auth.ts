import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption } from "../options.ts";

/** Declares `auth` and its subcommand. */
export function addAuthCommand(program: Command, start: CommandRunner): void {
  const auth = program
    .command("auth")
    .description(say("cli-help/auth"))
    .examples("cozeform auth check", "cozeform auth check infra -e prod");
  auth
    .command("check [dir]")
    .description(say("cli-help/auth-check"))
    .addOption(formatOption())
    .examples(
      "cozeform auth check",
      "cozeform auth check infra -e prod --format json",
      "COZE_API_TOKEN=pat_… cozeform auth check --endpoint https://api.coze.com",
    )
    .action(start("reads", async () => (await import("../actions/auth.ts")).runCheck));
}
