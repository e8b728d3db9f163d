import { type Command, Option } from "commander";
import { outputs } from "../../commands/outputs.ts";
import { printableLine } from "../../report/escape-control.ts";
import { type OutputFormat, outputFormats, renderOutputs } from "../../report/outputs.ts";
import { plural } from "../../report/values.ts";
import { type CommandRunner, examples } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { type CommonOptions, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

type OutputsOptions = CommonOptions & { readonly format: OutputFormat };

/** Declares `outputs`. */
export function addOutputsCommand(program: Command, start: CommandRunner): void {
  program
    .command("outputs [dir]")
    .description(
      "Print the ids and versions of an environment's objects for other programs; makes no API calls",
    )
    .addOption(new Option("--format <format>", "output format").choices([...outputFormats]).default("env"))
    .addHelpText(
      "after",
      examples("cozeform outputs -e prod > prod.env", "cozeform outputs -e prod --format ts > src/coze.ts"),
    )
    .action((dir: string | undefined, _options, command: Command) =>
      start<OutputsOptions>(command, "reads", (session, options) => runOutputs(session, dir, options)),
    );
}

async function runOutputs(
  session: Session,
  dir: string | undefined,
  options: OutputsOptions,
): Promise<ExitCode> {
  const made = await outputs(session.host(), projectOptions(session.path(dir), options));
  const { environment, missing } = made;
  session.print(renderOutputs(made.outputs, options.format, environment));
  if (made.outputs.length === 0) session.log.info(printableLine(`Nothing was made in ${environment} yet.`));
  if (missing.length > 0) {
    session.log.warn(
      `Left out: ${plural(missing.length, "resource")} without an id (${printableLine(missing.join(", "))}).`,
    );
  }
  return ExitCode.done;
}
