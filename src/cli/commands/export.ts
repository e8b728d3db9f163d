import { Option } from "commander";
import { commandLine, pathWord } from "../../core/command-line.ts";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import type { Command } from "../help.ts";
import {
  type CommonOptions,
  type FormatOption,
  formatOption,
  parseMost,
  projectOptions,
} from "../options.ts";
import type { Session } from "../session.ts";

interface ExportOptions extends CommonOptions, FormatOption {
  readonly workspace?: readonly string[];
  readonly out?: string;
  readonly kind?: readonly string[];
  readonly folder?: readonly string[];
  readonly match?: readonly string[];
  readonly force?: boolean;
  readonly maxCalls?: number;
}

/** Declares `export`. */
export function addExportCommand(program: Command, start: CommandRunner): void {
  program
    .command("export")
    .description(say("cli-help/export"))
    .addOption(new Option("-w, --workspace <workspace...>", say("cli-help/option-workspace")))
    .addOption(new Option("-o, --out <dir>", say("cli-help/option-out-export")))
    .addOption(new Option("--kind <kind...>", say("cli-help/option-kind")))
    .addOption(new Option("--folder <folder...>", say("cli-help/option-folder")))
    .addOption(new Option("--match <pattern...>", say("cli-help/option-match")))
    .option("--force", say("cli-help/option-force"))
    .option("--max-calls <number>", say("cli-help/option-max-calls"), parseMost)
    .addOption(formatOption())
    .examples(
      "cozeform export -w 客服空间 -o desk",
      "cozeform export -w 7532000000000000001 -o desk --kind Bot --match '售后*'",
    )
    .action(start("changes", runExport));
}

async function runExport(session: Session, options: ExportOptions): Promise<ExitCode> {
  const { workspace: workspaces = [], out, kind: kinds, folder: folders, match, force, maxCalls } = options;
  if (workspaces.length === 0) throw missing("-w");
  if (out === undefined) throw missing("-o");
  const [{ exportWorkspaces }, { exportJson, renderExport }, { readWithStatus }] = await Promise.all([
    import("../../commands/export.ts"),
    import("../../report/export.ts"),
    import("../live-lines.ts"),
  ]);
  const place = await session.project(undefined);
  session.interruption.stopAtOnce(say("cli/interrupted-export"));
  const chosen = { workspaces, out: session.path(out), kinds, folders, match, force, maxCalls };
  const exported = await readWithStatus(session, options.format, (host) =>
    exportWorkspaces(host, { ...projectOptions({ directory: place.directory }, options), ...chosen }),
  );
  const next = commandLine(["plan", pathWord(out)]);
  if (options.format === "json") session.printJson(exportJson(exported));
  else session.print(renderExport(exported, out, next, session.drawing));
  return exported.diagnostics.length > 0 ? ExitCode.failed : ExitCode.done;
}

const missing = (option: string): UsageError =>
  new UsageError({ message: say("cli/export-needs", { option }), hint: say("cli/export-needs.hint") });
