import { validate } from "../../commands/project.ts";
import type { OnlineFacts } from "../../commands/validate-online.ts";
import { type Diagnostic, InvalidInput, isError } from "../../core/diagnostic.ts";
import { say } from "../../messages/text.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { printableLine } from "../../report/escape-control.ts";
import { renderBriefly } from "../error-report.ts";
import { ExitCode } from "../exit-code.ts";
import { type Problem, problemOf } from "../json-errors.ts";
import { type CommonOptions, type FormatOption, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface ValidateOptions extends CommonOptions, FormatOption {
  readonly online?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly maxCalls?: number | undefined;
}

/** Runs `validate`. */
export async function runValidate(
  session: Session,
  options: ValidateOptions,
  dir?: string,
): Promise<ExitCode> {
  if (options.online) session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const checked = await validateProject(session, options, dir);
  const { diagnostics, sources, online } = checked;
  const exitCode = chooseExitCode(diagnostics, options);
  const brief = options.format === "json";
  const facts = online ? { online } : {};
  if (exitCode !== ExitCode.done) {
    const text = brief
      ? renderBriefly(diagnostics, session.errors)
      : renderDiagnostics(diagnostics, sources, session.errors);
    session.log.error(text);
    if (online && !brief) session.log.info(describeCalls(online));
    session.writeErrors(diagnostics.map(describe), exitCode, { valid: false, ...facts });
    return exitCode;
  }
  const { count, environmentName: environment } = checked;
  if (brief) {
    const problems = diagnostics.map(describe);
    session.printJson({ valid: true, environment, resources: count, ...facts, diagnostics: problems });
    return exitCode;
  }
  const text = renderDiagnostics(diagnostics, sources, session.errors);
  if (text) session.log.warn(text);
  const lines = [say("cli/valid", { count, environment }), ...(online ? describeOnline(online) : [])];
  session.print(lines.map((line) => `${printableLine(line)}\n`).join(""));
  return exitCode;
}

const describe = (diagnostic: Diagnostic): Problem => {
  const { severity, code, ...rest } = problemOf(diagnostic);
  return { severity, code, rule: diagnostic.code, ...rest };
};

/** Codes of problems that are about tokens, while the input may be right. */
const aboutAccess: ReadonlySet<string> = new Set(["signed-out", "permission"]);

function chooseExitCode(diagnostics: readonly Diagnostic[], { strict }: ValidateOptions): ExitCode {
  const failing = strict ? diagnostics : diagnostics.filter(isError);
  if (failing.length === 0) return ExitCode.done;
  return failing.every(({ code }) => aboutAccess.has(code)) ? ExitCode.failed : ExitCode.invalid;
}

const describeCalls = ({ calls }: OnlineFacts): string => say("cli/valid-online-calls", { count: calls });

function describeOnline(online: OnlineFacts): readonly string[] {
  const { found, plan, unchecked } = online;
  return [
    say("cli/valid-online", { count: found }),
    ...(plan === undefined
      ? []
      : [say(plan === "free" ? "cli/valid-plan-free" : "cli/valid-plan", { plan })]),
    ...unchecked.map((what) => say("cli/valid-unchecked", { what })),
    describeCalls(online),
  ];
}

interface CheckedProject {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  readonly count: number;
  readonly environmentName: string;
  readonly online?: OnlineFacts | undefined;
}

/** What `validate` finds, or what keeps the project from being read. */
async function validateProject(
  session: Session,
  options: ValidateOptions,
  dir: string | undefined,
): Promise<CheckedProject> {
  try {
    const given = projectOptions(await session.project(dir), options);
    if (!options.online) {
      const project = await validate(session.host(), given);
      return { ...project, count: project.resources.length };
    }
    const { maxCalls } = options;
    // What calls Coze is loaded only where it is called.
    const { validateOnline } = await import("../../commands/validate-online.ts");
    const { project, diagnostics, online } = await validateOnline(session.host(), { ...given, maxCalls });
    return { ...project, diagnostics, online, count: project.resources.length };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const { diagnostics, sources } = error;
    return { diagnostics, sources, count: 0, environmentName: "" };
  }
}
