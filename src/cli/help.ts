import type { Argument, HelpConfiguration, Option } from "commander";
import { say } from "../messages/text.ts";

/** The examples at the end of a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\n${say("cli-help/heading-examples")}\n${lines.map((line) => `  ${line}`).join("\n")}`;

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
