import { Option } from "commander";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";
import { formatOption, lockTimeoutOption } from "../options.ts";

/** Declares `state` and its subcommands. */
export function addStateCommand(program: Command, start: CommandRunner): void {
  const state = program
    .command("state")
    .description(say("cli-help/state"))
    .examples(
      "cozeform state list infra -e prod",
      "cozeform state show Bot.support",
      "cozeform state mv Bot.support Bot.service",
      "cozeform state rm 'Document.faq[\"returns.md\"]'",
      "cozeform state migrate -e prod",
    );
  state
    .command("list [dir]")
    .description(say("cli-help/state-list"))
    .addOption(dirOption())
    .addOption(formatOption())
    .action(start("reads", async () => (await actions()).runList));
  state
    .command("show <address> [dir]")
    .description(say("cli-help/state-show"))
    .addOption(dirOption())
    .addOption(formatOption())
    .action(start("reads", async () => (await actions()).runShow));
  state
    .command("mv <from> <to> [dir]")
    .description(say("cli-help/state-mv"))
    .addOption(dirOption())
    .addOption(lockTimeoutOption())
    .action(start("changes", async () => (await actions()).runMove));
  state
    .command("rm")
    .argument("<address...>", say("cli-help/argument-state-rm"))
    .description(say("cli-help/state-rm"))
    .addOption(dirOption())
    .addOption(lockTimeoutOption())
    .action(start("changes", async () => (await actions()).runRemove));
  addTransferCommands(state, start);
}

/** Declares what moves whole states and releases their locks. */
function addTransferCommands(state: Command, start: CommandRunner): void {
  state
    .command("pull [dir]")
    .description(say("cli-help/state-pull"))
    .option("--version-id <id>", say("cli-help/option-version-id"))
    .addOption(dirOption())
    .action(start("reads", async () => (await transfers()).runPull));
  state
    .command("push")
    .argument("<file>", say("cli-help/argument-state-push"))
    .description(say("cli-help/state-push"))
    .option("--force", say("cli-help/option-state-force"))
    .addOption(dirOption())
    .addOption(lockTimeoutOption())
    .action(start("changes", async () => (await transfers()).runPush));
  state
    .command("migrate [dir]")
    .description(say("cli-help/state-migrate"))
    .option("--from <file>", say("cli-help/option-state-from"))
    .addOption(dirOption())
    .addOption(lockTimeoutOption())
    .addOption(formatOption())
    .action(start("changes", async () => (await transfers()).runMigrate));
  state
    .command("unlock")
    .argument("<id>", say("cli-help/argument-state-unlock"))
    .argument("[dir]")
    .description(say("cli-help/state-unlock"))
    .option("--force", say("cli-help/option-unlock-force"))
    .addOption(dirOption())
    .action(start("changes", async () => (await transfers()).runUnlock));
  state
    .command("versions [dir]")
    .description(say("cli-help/state-versions"))
    .addOption(dirOption())
    .addOption(formatOption())
    .action(start("reads", async () => (await transfers()).runVersions));
}

const dirOption = (): Option => new Option("--dir <dir>", say("cli-help/option-dir-project"));

const actions = () => import("../actions/state.ts");
const transfers = () => import("../actions/state-transfer.ts");
