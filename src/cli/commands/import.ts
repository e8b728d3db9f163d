import { relative } from "node:path";
import { Option } from "commander";
import { commandLine } from "../../core/command-line.ts";
import { explain, say } from "../../messages/text.ts";
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

interface ImportOptions extends CommonOptions, FormatOption {
  readonly file?: string;
  readonly dir?: string;
  readonly maxCalls?: number;
}

/** Declares `import`. */
export function addImportCommand(program: Command, start: CommandRunner): void {
  program
    .command("import")
    .argument("[address]", say("cli-help/argument-import-address"))
    .argument("[id]", say("cli-help/argument-import-id"))
    .argument("[dir]")
    .description(say("cli-help/import"))
    .addOption(new Option("-f, --file <file>", say("cli-help/option-file-import")))
    .addOption(new Option("--dir <dir>", say("cli-help/option-dir-project")))
    .option("--max-calls <number>", say("cli-help/option-max-calls"), parseMost)
    .addOption(formatOption())
    .examples(
      "cozeform import Bot.support 7532000000000000001",
      "cozeform import Workspace.desk 7532000000000000002 infra -e prod",
      "cozeform import -f imports.txt",
    )
    .action(start("changes", runImport));
}

async function runImport(
  session: Session,
  options: ImportOptions,
  ...words: readonly (string | undefined)[]
): Promise<ExitCode> {
  const [{ importObjects, readImportFile }, { renderImport }, { readWithStatus }] = await Promise.all([
    import("../../commands/import.ts"),
    import("../../report/import.ts"),
    import("../live-lines.ts"),
  ]);
  const given = words.filter((word) => word !== undefined);
  const { file, dir, format, maxCalls } = options;
  const [address, id, third] = file === undefined ? given : [undefined, undefined, ...given];
  const directory = dir ?? third;
  if (file !== undefined && given.length > 1) throw new UsageError(explain("cli/import-file-alone"));
  if (file === undefined && (address === undefined || id === undefined))
    throw new UsageError(explain("cli/import-needs"));
  if (dir !== undefined && third !== undefined && dir !== third)
    throw new UsageError({
      message: say("cli/two-directories", { word: third, dir }),
      hint: say("common/remove-one"),
    });
  const requests =
    file === undefined
      ? [{ address: address ?? "", id: id ?? "" }]
      : readImportFile(session.path(file), file);
  const place = await session.project(directory);
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const imported = await readWithStatus(session, format, (host) =>
    importObjects(host, { ...projectOptions(place, options), maxCalls }, requests),
  );
  if (format === "json") session.printJson(imported);
  else session.print(renderImport(imported, commandLine(["plan"]), session.drawing));
  const { backup } = imported;
  if (backup !== undefined)
    session.log.info(say("cli/state-backup", { file: relative(session.io.cwd, backup) }));
  return ExitCode.done;
}
