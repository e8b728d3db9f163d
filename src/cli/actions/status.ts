import { status } from "../../commands/status.ts";
import { kinds } from "../../kinds/index.ts";
import { say } from "../../messages/text.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { renderStatus } from "../../report/status.ts";
import { ExitCode } from "../exit-code.ts";
import { readWithStatus } from "../live-lines.ts";
import { type CommonOptions, type FormatOption, type PlanningOptions, planOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface StatusOptions extends CommonOptions, FormatOption, PlanningOptions {
  readonly exitCode?: boolean;
  readonly refresh: "auto" | "full";
}

/** Compares manifests, drafts and publications, and prints who is ahead. */
export async function runStatus(session: Session, options: StatusOptions, dir?: string): Promise<ExitCode> {
  const place = await session.project(dir);
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const { refresh, format, full } = options;
  const found = await readWithStatus(session, format, (host) =>
    status(host, { ...planOptions(place, options), refresh }),
  );
  const warnings = renderDiagnostics(found.diagnostics, found.project.sources, session.errors);
  if (warnings) session.log.warn(warnings);
  if (format === "json") session.printJson(found.document);
  else {
    const { calls, steps, resources } = found;
    session.print(renderStatus(resources, { ...session.drawing, kinds, steps, calls, full }));
  }
  return options.exitCode && found.differs ? ExitCode.changes : ExitCode.done;
}
