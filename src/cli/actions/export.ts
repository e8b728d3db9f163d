import { exportWorkspaces } from "../../commands/export.ts";
import { commandLine, pathWord } from "../../core/command-line.ts";
import { say } from "../../messages/text.ts";
import { exportJson, renderExport } from "../../report/export.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { readWithStatus } from "../live-lines.ts";
import { lockOptions } from "../lock-waiting.ts";
import { type CommonOptions, type FormatOption, type LockingOptions, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface ExportOptions extends CommonOptions, FormatOption, LockingOptions {
  readonly workspace?: readonly string[];
  readonly out?: string;
  readonly kind?: readonly string[];
  readonly folder?: readonly string[];
  readonly match?: readonly string[];
  readonly markdown?: boolean;
  readonly force?: boolean;
  readonly maxCalls?: number;
}

/** Runs `export`. */
export async function runExport(session: Session, options: ExportOptions): Promise<ExitCode> {
  const {
    workspace: workspaces = [],
    out,
    kind: kinds,
    folder: folders,
    match,
    markdown,
    force,
    maxCalls,
  } = options;
  if (workspaces.length === 0) throw missing("-w");
  if (out === undefined) throw missing("-o");
  const place = await session.project(undefined);
  session.interruption.stopAtOnce(say("cli/interrupted-export"));
  const chosen = {
    workspaces,
    out: session.path(out),
    kinds,
    folders,
    match,
    markdown,
    force,
    maxCalls,
    ...lockOptions(session, options),
  };
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
