import type { Command } from "commander";
import { checkAuth } from "../../commands/auth.ts";
import { writeJson } from "../../core/json-text.ts";
import { renderAuthCheck } from "../auth-report.ts";
import type { CommandRunner } from "../command-runner.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit-code.ts";
import { type CommonOptions, formatOption, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface AuthOptions extends CommonOptions {
  readonly format: "text" | "json";
}

/** Declares `auth` and its own command. */
export function addAuthCommand(program: Command, start: CommandRunner): void {
  const auth = program
    .command("auth")
    .description("look at the tokens and keys that an environment signs in with")
    .addHelpText("after", examples("cozeform auth check", "cozeform auth check infra -e prod"));
  auth
    .command("check [dir]")
    .description("say which tokens these are, whether they work, and what they may read; changes nothing")
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
