import type { Command } from "commander";
import { type AuthCheck, type CredentialCheck, checkAuth } from "../../commands/auth.ts";
import { excerpt } from "../../core/excerpt.ts";
import { writeJson } from "../../core/json-text.ts";
import { printableLine } from "../../report/escape-control.ts";
import { describeFailure } from "../../report/events.ts";
import { type Drawing, type Line, paintLines, plain, wrapLine } from "../../report/styled-text.ts";
import { plural } from "../../report/values.ts";
import { type CommandRunner, examples } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { type CommonOptions, formatOption, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface AuthOptions extends CommonOptions {
  readonly format: "text" | "json";
}

/** Declares `auth` and its subcommand. */
export function addAuthCommand(program: Command, start: CommandRunner): void {
  const auth = program
    .command("auth")
    .description("Inspect the credentials of an environment")
    .addHelpText("after", examples("cozeform auth check", "cozeform auth check infra -e prod"));
  auth
    .command("check [dir]")
    .description("Check each token or key: its type, whether it works, and what it may read; changes nothing")
    .addOption(formatOption())
    .addHelpText(
      "after",
      examples(
        "cozeform auth check",
        "cozeform auth check infra -e prod --format json",
        "COZE_API_TOKEN=pat_… cozeform auth check --endpoint https://api.coze.com",
      ),
    )
    .action((dir: string | undefined, _options, self: Command) =>
      start<AuthOptions>(self, "reads", (session, options) => runCheck(session, dir, options)),
    );
}

async function runCheck(session: Session, dir: string | undefined, options: AuthOptions): Promise<ExitCode> {
  session.interruption.stopAtOnce("Interrupted: nothing was changed.");
  const check = await checkAuth(session.host(), projectOptions(session.path(dir), options));
  if (options.format === "json") session.print(`${writeJson(check, 2)}\n`);
  else session.print(renderAuthCheck(check, session.drawing));
  return check.good ? ExitCode.done : ExitCode.failed;
}

/** The check of an environment's credentials as text for people. */
export function renderAuthCheck(check: AuthCheck, { color, width }: Drawing): string {
  const { environment, endpoint, site, credentials, calls } = check;
  const place = site === undefined ? "" : ` (${site})`;
  const lines: readonly Line[] = [
    plain(`Environment ${printableLine(environment)} at ${printableLine(endpoint)}${place}`),
    ...credentials.flatMap((one) => [[], ...describeCredential(one)]),
    [],
    plain(`Made ${plural(calls, "API call")}; permissions to write are never tried.`),
  ];
  return paintLines(
    lines.flatMap((line) => wrapLine(line, width, 4)),
    color,
  );
}

function describeCredential(check: CredentialCheck): readonly Line[] {
  const { name, sort, source, kinds, works, failure, elsewhere, workspaces, permissions, untold } = check;
  const named = (result: string) => permissions.filter((one) => one.result === result).map((one) => one.name);
  const [allowed, refused] = [named("allowed"), named("refused")];
  const purpose = kinds.length === 0 ? "" : `, for ${kinds.join(", ")}`;
  return [
    [
      { text: printableLine(name), tone: "strong" },
      { text: printableLine(`: ${sort}, from ${source}${purpose}`) },
    ],
    works ? [{ text: "  works", tone: "success" }] : [{ text: "  doesn't work", tone: "error" }],
    ...(failure ? [plain(`  ${describeFailure(failure)}`)] : []),
    ...describeMove(failure?.hint, elsewhere),
    ...(workspaces ? describeWorkspaces(workspaces) : []),
    ...(allowed.length > 0 ? [plain(`  allowed: ${allowed.join(", ")}`)] : []),
    ...(refused.length > 0
      ? [
          [{ text: "  refused: ", tone: "error" }, ...plain(refused.join(", "))] as const,
          plain("    grant these where the token or app was made; that takes some seconds to count"),
        ]
      : []),
    ...untold.map(({ kind, because }) => plain(printableLine(`  not known of ${kind}: ${because}`))),
  ];
}

function describeMove(hint: string | undefined, elsewhere: string | undefined): readonly Line[] {
  const move =
    elsewhere === undefined
      ? hint
      : `it belongs to ${new URL(elsewhere).host}; in cozeform.yaml, set endpoint: ${elsewhere}`;
  return move === undefined ? [] : [[{ text: "  hint: ", tone: "adopt" }, ...plain(printableLine(move))]];
}

const describeWorkspaces = ({
  count,
  meant,
}: NonNullable<CredentialCheck["workspaces"]>): readonly Line[] => [
  plain(`  sees ${plural(count, "workspace")}`),
  ...meant.map(({ id, name, role }) =>
    plain(printableLine(`    ${excerpt(`${name} (${id}): ${role}`, 300)}`)),
  ),
];
