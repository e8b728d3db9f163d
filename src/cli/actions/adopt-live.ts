import { adoptLive } from "../../commands/adopt-live.ts";
import { formatPath } from "../../core/spec-walk.ts";
import { say } from "../../messages/text.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { printableLine } from "../../report/escape-control.ts";
import { sortArguments } from "../address-arguments.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { readWithStatus } from "../live-lines.ts";
import { type CommonOptions, type FormatOption, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface AdoptLiveOptions extends CommonOptions, FormatOption {
  readonly published?: boolean;
  readonly maxCalls?: number;
}

/** Writes what was edited at Coze back into manifests. */
export async function runAdoptLive(
  session: Session,
  options: AdoptLiveOptions,
  words: readonly string[],
): Promise<ExitCode> {
  const { addresses, directory } = await sortArguments(session, words);
  if (addresses.length === 0) {
    throw new UsageError({ message: say("cli/missing-argument", { argument: "address" }) });
  }
  const place = await session.project(directory);
  const { published, maxCalls, format } = options;
  const chosen = { targets: addresses, published, maxCalls };
  const { edits, diagnostics, calls } = await readWithStatus(session, format, (host) =>
    adoptLive(host, { ...projectOptions(place, options), ...chosen }),
  );
  const warnings = renderDiagnostics(diagnostics, new Map(), session.errors);
  if (warnings) session.log.warn(warnings);
  const listed = edits.map(({ address, path, file }) => ({ address, path: formatPath(path), file }));
  if (format === "json") session.printJson({ edits: listed, calls });
  else {
    const lines = listed.map((one) => printableLine(say("cli/adopted-live", one)));
    const made = { count: edits.length, calls: say("report/api-calls", { count: calls }) };
    session.print(`${[...lines, say("cli/adopted-live-total", made)].join("\n")}\n`);
  }
  return ExitCode.done;
}
