import { type Argument, Command as CommanderCommand, type HelpConfiguration, type Option } from "commander";
import { say } from "../messages/text.ts";

/** A command whose help can end with examples. */
export class Command extends CommanderCommand {
  override createCommand(name?: string): Command {
    return new Command(name);
  }

  /** Adds command lines to the end of the help. */
  examples(...lines: readonly string[]): this {
    const list = lines.map((line) => `  ${line}`).join("\n");
    return this.addHelpText("after", `\n${say("cli-help/heading-examples")}\n${list}`);
  }
}

/** How help is drawn; commander's own texts come from the catalogue too. */
export function helpConfiguration(bold: (text: string) => string): HelpConfiguration {
  const headings: { readonly [title: string]: string } = {
    "Usage:": say("cli-help/heading-usage"),
    "Arguments:": say("cli-help/heading-arguments"),
    "Options:": say("cli-help/heading-options"),
    "Global Options:": say("cli-help/heading-common-options"),
    "Commands:": say("cli-help/heading-commands"),
  };
  return {
    showGlobalOptions: true,
    styleTitle: (title) => bold(headings[title] ?? title),
    optionDescription: describeItem,
    argumentDescription: describeItem,
    subcommandDescription: (command) =>
      command.name() === "help" ? say("cli-help/help") : command.description(),
  };
}

function describeItem({ description, argChoices, defaultValue }: Option | Argument): string {
  const choices = argChoices?.map((choice) => JSON.stringify(choice)).join(", ");
  const value = JSON.stringify(defaultValue);
  if (choices === undefined) {
    return defaultValue === undefined ? description : say("cli-help/default", { description, value });
  }
  return defaultValue === undefined
    ? say("cli-help/choices", { description, choices })
    : say("cli-help/choices-default", { description, choices, value });
}
