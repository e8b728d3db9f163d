import type { OutputConfiguration } from "commander";
import { version } from "../core/version.ts";
import { say } from "../messages/text.ts";
import type { CommandRunner } from "./command.ts";
import { addAdoptLiveCommand } from "./commands/adopt-live.ts";
import { addApplyCommand } from "./commands/apply.ts";
import { addAuthCommand } from "./commands/auth.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addConvertCommand } from "./commands/convert.ts";
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

type Commands = Readonly<Record<string, (program: Command, start: CommandRunner) => void>>;

const projectCommands: Commands = {
  init: addInitCommand,
  validate: addValidateCommand,
  plan: addPlanCommand,
  apply: addApplyCommand,
  destroy: addDestroyCommand,
  promote: addPromoteCommand,
  status: addStatusCommand,
  "adopt-live": addAdoptLiveCommand,
  history: addHistoryCommand,
  rollback: addRollbackCommand,
  outputs: addOutputsCommand,
  import: addImportCommand,
  export: addExportCommand,
  convert: addConvertCommand,
  state: addStateCommand,
  auth: addAuthCommand,
};

const tools: Commands = {
  schema: addSchemaCommand,
  emulator: addEmulatorCommand,
  terraform: addTerraformCommand,
  completion: addCompletionCommand,
  version: addVersionCommand,
};

/** Declares the commands with commander: all, or the one alone that the `first` argument names. */
export function buildProgram(
  start: CommandRunner,
  output: OutputConfiguration,
  bold: (text: string) => string,
  first?: string,
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
  const wanted =
    first !== undefined && Object.hasOwn({ ...projectCommands, ...tools }, first) ? first : undefined;
  const add = (heading: "cli-help/heading-project" | "cli-help/heading-tools", commands: Commands) => {
    program.commandsGroup(say(heading));
    for (const [name, declare] of Object.entries(commands)) {
      if (wanted === undefined || name === wanted) declare(program, start);
    }
  };
  add("cli-help/heading-project", projectCommands);
  add("cli-help/heading-tools", tools);
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
