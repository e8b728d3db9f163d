import { Command, type OutputConfiguration } from "commander";
import { version } from "../core/version.ts";
import { type CommandRunner, examples } from "./command.ts";
import { addApplyCommand } from "./commands/apply.ts";
import { addAuthCommand } from "./commands/auth.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addDestroyCommand } from "./commands/destroy.ts";
import { addEmulatorCommand } from "./commands/emulator.ts";
import { addInitCommand } from "./commands/init.ts";
import { addOutputsCommand } from "./commands/outputs.ts";
import { addPlanCommand } from "./commands/plan.ts";
import { addPromoteCommand } from "./commands/promote.ts";
import { addSchemaCommand } from "./commands/schema.ts";
import { addStateCommand } from "./commands/state.ts";
import { addTerraformCommand } from "./commands/terraform.ts";
import { addValidateCommand } from "./commands/validate.ts";
import { ExitCode } from "./exit-code.ts";
import { addCommonOptions } from "./options.ts";

/** Declares all commands with commander. */
export function buildProgram(
  start: CommandRunner,
  output: OutputConfiguration,
  bold: (text: string) => string,
): Command {
  const program = new Command("cozeform")
    .description(
      "Infrastructure as code for Coze: plan and apply workspaces, members, bots, datasets and callbacks.",
    )
    .version(version, "--version", "print the version")
    .exitOverride()
    .configureOutput(output)
    .configureHelp({ showGlobalOptions: true, styleTitle: bold })
    .helpOption("-h, --help", "show this help")
    .showHelpAfterError(false)
    .addHelpText(
      "after",
      examples(
        "cozeform init support-desk && cd support-desk",
        "cozeform plan --emulator",
        "cozeform apply -e prod",
      ),
    );
  addCommonOptions(program.optionsGroup("Common options:"));
  program.commandsGroup("Project:");
  addInitCommand(program, start);
  addValidateCommand(program, start);
  addPlanCommand(program, start);
  addApplyCommand(program, start);
  addDestroyCommand(program, start);
  addPromoteCommand(program, start);
  addOutputsCommand(program, start);
  addStateCommand(program, start);
  addAuthCommand(program, start);
  program.commandsGroup("Tools:");
  addSchemaCommand(program, start);
  addEmulatorCommand(program, start);
  addTerraformCommand(program, start);
  addCompletionCommand(program, start);
  addVersionCommand(program, start);
  return program.helpCommand("help [command]", "Show the help of a command");
}

/** Declares `version`. */
function addVersionCommand(program: Command, start: CommandRunner): void {
  program
    .command("version")
    .description("Print the version")
    .action((_options, self: Command) =>
      start(self, "reads", async (session) => {
        session.print(`${version}\n`);
        return ExitCode.done;
      }),
    );
}
