import { validate } from "../../commands/project.ts";
import { type Diagnostic, InvalidInput, isError } from "../../core/diagnostic.ts";
import { say } from "../../messages/text.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { printableLine } from "../../report/escape-control.ts";
import { renderBriefly } from "../error-report.ts";
import { ExitCode } from "../exit-code.ts";
import { problemOf } from "../json-errors.ts";
import { type CommonOptions, type FormatOption, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

type ValidateOptions = CommonOptions & FormatOption;

/** Runs `validate`. */
export async function runValidate(
  session: Session,
  options: ValidateOptions,
  dir?: string,
): Promise<ExitCode> {
  const { diagnostics, sources, resources, environmentName } = await validateProject(session, options, dir);
  const brief = options.format === "json";
  if (diagnostics.some(isError)) {
    const text = brief
      ? renderBriefly(diagnostics, session.errors)
      : renderDiagnostics(diagnostics, sources, session.errors);
    session.log.error(text);
    session.writeErrors(diagnostics.map(problemOf), ExitCode.invalid, { valid: false });
    return ExitCode.invalid;
  }
  const count = resources.length;
  if (brief) {
    const problems = diagnostics.map(problemOf);
    session.printJson({ valid: true, environment: environmentName, resources: count, diagnostics: problems });
    return ExitCode.done;
  }
  const text = renderDiagnostics(diagnostics, sources, session.errors);
  if (text) session.log.warn(text);
  session.print(`${printableLine(say("cli/valid", { count, environment: environmentName }))}\n`);
  return ExitCode.done;
}

/** What `validate` finds, or what keeps the project from being read. */
async function validateProject(
  session: Session,
  options: ValidateOptions,
  dir: string | undefined,
): Promise<{
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  readonly resources: readonly unknown[];
  readonly environmentName: string;
}> {
  try {
    return await validate(session.host(), projectOptions(await session.project(dir), options));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const { diagnostics, sources } = error;
    return { diagnostics, sources, resources: [], environmentName: "" };
  }
}
