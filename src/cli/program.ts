import type { OutputConfiguration } from "commander";
import { version } from "../core/version.ts";
import { say } from "../messages/text.ts";
import type { CommandRunner } from "./command.ts";
import { addAdoptLiveCommand } from "./commands/adopt-live.ts";
import { addApplyCommand } from "./commands/apply.ts";
import { addAuthCommand } from "./commands/auth.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addDestroyCommand } from "./commands/destroy.ts";
import { addEmulatorCommand } from "./commands/emulator.ts";
import { addExportCommand } from "./commands/export.ts";
import { addHistoryCommand } from "./commands/history.ts";
import { addImportCommand } from "./commands/import.ts";
import { addInitCommand } from "./commands/init.ts";
import { addOutputsCommand } from "./commands/outputs.ts";
import { addPlanCommand } from "./commands/plan.ts";
import { addPromoteCommand } from "./commands/promote.ts";
import { addRollbackCommand } from "./commands/rollback.ts";
import { addSchemaCommand } from "./commands/schema.ts";
import { addStateCommand } from "./commands/state.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addTerraformCommand } from "./commands/terraform.ts";
import { addValidateCommand } from "./commands/validate.ts";
import { ExitCode } from "./exit-code.ts";
import { Command, helpConfiguration } from "./help.ts";
import { addCommonOptions } from "./options.ts";

/** Declares all commands with commander. */
export function buildProgram(
  start: CommandRunner,
  output: OutputConfiguration,
  bold: (text: string) => string,
): Command {
  const program = new Command("cozeform")
    .description(say("cli-help/cozeform"))
    .version(version, "--version", say("cli-help/option-version"))
    .exitOverride()
    .configureOutput(output)
    .configureHelp(helpConfiguration(bold))
    .helpOption("-h, --help", say("cli-help/option-help"))
    .showHelpAfterError(false)
    .examples(
      "cozeform init support-desk && cd support-desk",
      "cozeform plan --emulator",
      "cozeform apply -e prod",
    );
  addCommonOptions(program.optionsGroup(say("cli-help/heading-common-options")));
  program.commandsGroup(say("cli-help/heading-project"));
  addInitCommand(program, start);
  addValidateCommand(program, start);
  addPlanCommand(program, start);
  addApplyCommand(program, start);
  addDestroyCommand(program, start);
  addPromoteCommand(program, start);
  addStatusCommand(program, start);
  addAdoptLiveCommand(program, start);
  addHistoryCommand(program, start);
  addRollbackCommand(program, start);
  addOutputsCommand(program, start);
  addImportCommand(program, start);
  addExportCommand(program, start);
  addStateCommand(program, start);
  addAuthCommand(program, start);
  program.commandsGroup(say("cli-help/heading-tools"));
  addSchemaCommand(program, start);
  addEmulatorCommand(program, start);
  addTerraformCommand(program, start);
  addCompletionCommand(program, start);
  addVersionCommand(program, start);
  return program;
}

/** Declares `version`. */
function addVersionCommand(program: Command, start: CommandRunner): void {
  program
    .command("version")
    .description(say("cli-help/version"))
    .action(
      start("reads", async () => async (session) => {
        session.print(`${version}\n`);
        return ExitCode.done;
      }),
    );
}
