import {
  type Argument,
  Command as CommanderCommand,
  type HelpConfiguration,
  type Option,
  type ParseOptionsResult,
} from "commander";
import { explain, say } from "../messages/text.ts";
import { UsageError } from "./exit-code.ts";

/** A command whose help can end with examples, and whose options take no other option for their value. */
export class Command extends CommanderCommand {
  override createCommand(name?: string): Command {
    return new Command(name);
  }

  /** Throws {@link UsageError} for an option whose value would be another option. */
  override parseOptions(args: string[]): ParseOptionsResult {
    for (let index = 0; index < args.length && args[index] !== "--"; index += 1) {
      const option = this.options.find(({ short, long }) => [short, long].includes(args[index]));
      if (!option?.required) continue;
      index += 1;
      const other = args[index] ?? "";
      if (!/^(?:--|-[a-z]|--[a-z].*)$/isu.test(other)) continue;
      const values = { option: option.long ?? option.flags, other: other.replace(/=.*/su, "") };
      throw new UsageError(explain("cli/value-is-option", values));
    }
    return super.parseOptions(args);
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
