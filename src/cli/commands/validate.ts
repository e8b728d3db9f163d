import { validate } from "../../commands/project.ts";
import { isError } from "../../core/diagnostic.ts";
import { say } from "../../messages/text.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { printableLine } from "../../report/escape-control.ts";
import type { CommandRunner } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import type { Command } from "../help.ts";
import { type CommonOptions, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

/** Declares `validate`. */
export function addValidateCommand(program: Command, start: CommandRunner): void {
  program
    .command("validate [dir]")
    .description(say("cli-help/validate"))
    .examples("cozeform validate", "cozeform validate infra -e prod --var suffix=-eu")
    .action(start("reads", runValidate));
}

async function runValidate(session: Session, options: CommonOptions, dir?: string): Promise<ExitCode> {
  const project = await validate(session.host(), projectOptions(await session.project(dir), options));
  const { diagnostics, sources, resources, environmentName } = project;
  const text = renderDiagnostics(diagnostics, sources, session.errors);
  if (diagnostics.some(isError)) {
    session.log.error(text);
    return ExitCode.invalid;
  }
  if (text) session.log.warn(text);
  const valid = say("cli/valid", { count: resources.length, environment: environmentName });
  session.print(`${printableLine(valid)}\n`);
  return ExitCode.done;
}
