import { type AuthCheck, type CredentialCheck, checkAuth } from "../../commands/auth.ts";
import { excerpt } from "../../core/excerpt.ts";
import { explain, say } from "../../messages/text.ts";
import { printableLine } from "../../report/escape-control.ts";
import { describeFailure } from "../../report/events.ts";
import { type Drawing, type Line, paintLines, plain, wrapLine } from "../../report/styled-text.ts";
import { drawHint, renderError } from "../error-report.ts";
import { ExitCode } from "../exit-code.ts";
import type { Problem } from "../json-errors.ts";
import { type CommonOptions, type FormatOption, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

/** Runs `auth check`. */
export async function runCheck(
  session: Session,
  options: CommonOptions & FormatOption,
  dir?: string,
): Promise<ExitCode> {
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const check = await checkAuth(session.host(), projectOptions(await session.project(dir), options));
  const exitCode = check.good ? ExitCode.done : ExitCode.failed;
  if (options.format === "text") session.print(renderAuthCheck(check, session.drawing));
  else if (check.good) session.printJson(check);
  else tellFailure(session, check, exitCode);
  return exitCode;
}

/** Tells programs what a failed check found, with its problems like those of all commands. */
function tellFailure(session: Session, check: AuthCheck, exitCode: ExitCode): void {
  const problems = check.credentials.flatMap(listProblems);
  const names = [...new Set(problems.map(({ credential }) => credential))].join(", ");
  const message = printableLine(say("cli/auth-failed", { credentials: names }));
  session.log.error(renderError({ message }, session.errors));
  session.writeErrors(problems, exitCode, check);
}

function listProblems(check: CredentialCheck): readonly (Problem & { readonly credential: string })[] {
  const { name: credential, failure, permissions } = check;
  const severity = "error" as const;
  if (failure) {
    const { code, type, message, operation, logid } = failure;
    const hint = hintOf(check);
    return [{ severity, code: code ?? type, message, hint, operation, logid, credential }];
  }
  const refused = permissions.filter(({ result }) => result !== "allowed").map(({ name }) => name);
  if (refused.length === 0) return [];
  const text = explain("cli/auth-permissions-missing", { permissions: refused.join(", ") });
  return [{ severity, code: "permission", ...text, credential }];
}

/** The next move for a credential that doesn't work. */
const hintOf = ({ elsewhere, failure }: CredentialCheck): string | undefined =>
  elsewhere === undefined
    ? failure?.hint
    : say("cli/auth-wrong-endpoint", { host: new URL(elsewhere).host, endpoint: elsewhere });

/** The check of an environment's credentials as text for people. */
export function renderAuthCheck(check: AuthCheck, { color, width }: Drawing): string {
  const { environment, endpoint, site, credentials, calls } = check;
  const head =
    site === undefined
      ? say("cli/auth-environment", { environment, endpoint })
      : say("cli/auth-environment-site", { environment, endpoint, site });
  const lines: readonly Line[] = [
    plain(printableLine(head)),
    ...credentials.flatMap((one) => [[], ...describeCredential(one)]),
    [],
    plain(say("cli/auth-calls", { count: calls })),
  ];
  return paintLines(
    lines.flatMap((line) => wrapLine(line, width, 4)),
    color,
  );
}

function describeCredential(check: CredentialCheck): readonly Line[] {
  const { name, sort, source, kinds, works, failure, workspaces, permissions, untold } = check;
  const origin =
    kinds.length === 0
      ? say("cli/auth-source", { sort, source })
      : say("cli/auth-source-kinds", { sort, source, kinds: kinds.join(", ") });
  const hint = hintOf(check);
  return [
    [{ text: printableLine(name), tone: "strong" }, { text: printableLine(`: ${origin}`) }],
    works
      ? [{ text: `  ${say("cli/auth-works")}`, tone: "success" }]
      : [{ text: `  ${say("cli/auth-fails")}`, tone: "error" }],
    ...(failure ? [plain(`  ${describeFailure(failure)}`)] : []),
    ...(hint === undefined ? [] : [drawHint(hint)]),
    ...describeWorkspaces(workspaces),
    ...describePermissions(permissions),
    ...untold.map(({ kind, because: reason }) =>
      plain(printableLine(`  ${say("cli/auth-unknown", { kind, reason })}`)),
    ),
  ];
}

function describePermissions(permissions: CredentialCheck["permissions"]): readonly Line[] {
  const named = (result: string): string =>
    permissions.flatMap((one) => (one.result === result ? [one.name] : [])).join(", ");
  const [allowed, refused] = [named("allowed"), named("refused")];
  const { message, hint } = explain("cli/auth-permissions-refused");
  return [
    ...(allowed ? [plain(`  ${say("cli/auth-permissions-allowed", { permissions: allowed })}`)] : []),
    ...(refused
      ? [[{ text: `  ${message} `, tone: "error" }, { text: refused }] as const, plain(`    ${hint}`)]
      : []),
  ];
}

function describeWorkspaces(workspaces: CredentialCheck["workspaces"]): readonly Line[] {
  if (!workspaces) return [];
  const { count, meant } = workspaces;
  const lines = meant.map(({ id, name, role }) => `    ${excerpt(`${name} (${id}): ${role}`, 300)}`);
  return [`  ${say("cli/auth-workspaces", { count })}`, ...lines].map((line) => plain(printableLine(line)));
}
