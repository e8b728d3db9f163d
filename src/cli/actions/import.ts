import { relative } from "node:path";
import { importObjects, readImportFile } from "../../commands/import.ts";
import { commandLine } from "../../core/command-line.ts";
import { explain, say } from "../../messages/text.ts";
import { renderImport } from "../../report/import.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { readWithStatus } from "../live-lines.ts";
import { lockOptions } from "../lock-waiting.ts";
import { type CommonOptions, type FormatOption, type LockingOptions, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface ImportOptions extends CommonOptions, FormatOption, LockingOptions {
  readonly file?: string;
  readonly dir?: string;
  readonly maxCalls?: number;
}

/** Runs `import`. */
export async function runImport(
  session: Session,
  options: ImportOptions,
  ...words: readonly (string | undefined)[]
): Promise<ExitCode> {
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
    importObjects(
      host,
      { ...projectOptions(place, options), ...lockOptions(session, options), maxCalls },
      requests,
    ),
  );
  if (format === "json") session.printJson(imported);
  else session.print(renderImport(imported, commandLine(["plan"]), session.drawing));
  const { backup } = imported;
  if (backup !== undefined)
    session.log.info(say("cli/state-backup", { file: relative(session.io.cwd, backup) }));
  return ExitCode.done;
}
