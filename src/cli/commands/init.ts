import type { Command } from "commander";
import { ignoreFile, initProject, starterFiles } from "../../commands/init.ts";
import { say } from "../../messages/text.ts";
import { printable } from "../../report/escape-control.ts";
import { shellQuote } from "../../report/values.ts";
import type { CommandRunner } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { examples } from "../help.ts";
import type { CommonOptions } from "../options.ts";

/** Declares `init`. */
export function addInitCommand(program: Command, start: CommandRunner): void {
  program
    .command("init [dir]")
    .description(say("cli-help/init"))
    .option("--cdktf", say("cli-help/option-cdktf"))
    .addHelpText(
      "after",
      examples("cozeform init", "cozeform init support-desk", "cozeform init --cdktf desk"),
    )
    .action((dir: string | undefined, _options, command: Command) =>
      start<InitOptions>(command, "changes", async (session, { cdktf = false }) => {
        const files = await initProject(session.path(dir), { cdktf });
        const list = files.map((file) => `  ${file}\n`).join("");
        const head = (dir ?? ".").replace(/\/*$/, "/");
        const next = cdktf ? describeDeployment(dir) : describeTrial(dir);
        session.print(printable(`${say("cli/init-wrote", { directory: head })}\n${list}${next}\n`));
        if (!files.includes(ignoreFile)) session.log.warn(adviseOnIgnoring(cdktf));
        return ExitCode.done;
      }),
    );
}

function adviseOnIgnoring(cdktf: boolean): string {
  const { [ignoreFile]: text = "" } = starterFiles("", { cdktf });
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return say("cli/init-ignore-file", { file: ignoreFile, lines: lines.join(" ") });
}

type InitOptions = CommonOptions & { readonly cdktf?: boolean };

const describeTrial = (dir: string | undefined): string =>
  say("cli/init-try", {
    command: `cozeform plan${dir === undefined ? "" : ` ${shellQuote(dir)}`} --emulator`,
  });

const describeDeployment = (dir: string | undefined): string =>
  say("cli/next", {
    command: `cozeform terraform install
      ${dir === undefined ? "" : `cd ${shellQuote(dir)} && `}npm install
      COZE_API_TOKEN=… npx cdktf deploy --skip-provider-lock`,
  });
