import { type ComparedEnvironments, planAgainst } from "../commands/compare-environments.ts";
import { writeJson } from "../core/json-text.ts";
import { kinds } from "../kinds/index.ts";
import { renderAgainst } from "../report/comparison.ts";
import { renderDiagnostics } from "../report/diagnostics.ts";
import { ExitCode } from "./exit-code.ts";
import { type CommonOptions, type PlanningOptions, planOptions } from "./options.ts";
import type { Session } from "./session.ts";
import { openStatusLine } from "./status-line.ts";
import { UsageError } from "./usage-error.ts";

/** The options of a plan that compares environments. */
export interface AgainstOptions extends CommonOptions, PlanningOptions {
  readonly against: string;
  readonly format: "text" | "json";
  readonly detailedExitcode?: boolean;
  readonly out?: string;
}

/** Tells what differs between two environments. */
export async function runAgainst(
  session: Session,
  dir: string | undefined,
  options: AgainstOptions,
): Promise<ExitCode> {
  refuseBeside(options);
  session.interruption.stopAtOnce("Interrupted: nothing was changed.");
  const found = await read(session, dir, options);
  const warnings = renderDiagnostics(found.diagnostics, found.project.sources, session.errors);
  if (warnings) session.log.warn(warnings);
  if (options.format === "json") session.print(`${writeJson(found.document, 2)}\n`);
  else {
    const { calls, comparison } = found;
    session.print(
      renderAgainst(comparison, { ...session.drawing, kinds, calls, full: options.full ?? false }),
    );
  }
  return options.detailedExitcode && found.differs ? ExitCode.changes : ExitCode.done;
}

/** Throws for options that are about an apply: of two environments there is none. */
function refuseBeside({ out, destroy, adopt, refresh }: AgainstOptions): void {
  const beside = [
    ...(out === undefined ? [] : ["--out"]),
    ...(destroy ? ["--destroy"] : []),
    ...(adopt ? ["--adopt"] : []),
    ...(refresh === "none" ? ["--refresh none"] : []),
  ];
  if (beside.length === 0) return;
  throw new UsageError(
    `--against goes without ${beside.join(", ")}`,
    "it reads two environments and tells what differs; nothing can be applied from that",
  );
}

async function read(
  session: Session,
  dir: string | undefined,
  options: AgainstOptions,
): Promise<ComparedEnvironments> {
  const reading = openStatusLine(session, options.format);
  try {
    const host = session.host({ onCall: reading.onCall });
    return await planAgainst(host, { ...planOptions(session.path(dir), options), against: options.against });
  } finally {
    reading.close();
  }
}
