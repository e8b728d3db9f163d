import type { Command } from "commander";
import { initProject } from "../../commands/init.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit-code.ts";
import type { Start } from "../start.ts";

/** Declares `init`: a starter project. */
export function addInitCommand(program: Command, start: Start): void {
  program
    .command("init [dir]")
    .description("write a working project with one of each kind, explained by comments")
    .addHelpText("after", examples("cozeform init", "cozeform init support-desk"))
    .action((dir: string | undefined, _options, command: Command) =>
      start(command, async (session) => {
        const files = await initProject(session.path(dir));
        const list = files.map((file) => `  ${file}\n`).join("");
        const place = dir === undefined ? "" : ` ${dir}`;
        const head = (dir ?? ".").replace(/\/*$/, "/");
        session.print(`Wrote ${head}\n${list}Try it without an account: cozeform plan${place} --emulator\n`);
        return ExitCode.done;
      }),
    );
}
