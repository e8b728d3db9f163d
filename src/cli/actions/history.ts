import { history } from "../../commands/history.ts";
import { commandLine } from "../../core/command-line.ts";
import { isoTime } from "../../core/time.ts";
import { explain, say } from "../../messages/text.ts";
import { renderDiagnostics } from "../../report/diagnostics.ts";
import { renderHistory } from "../../report/history.ts";
import { sortArguments } from "../address-arguments.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import { readWithStatus } from "../live-lines.ts";
import { type CommonOptions, type FormatOption, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface HistoryOptions extends CommonOptions, FormatOption {
  readonly maxCalls?: number;
}

/** Prints the releases of a resource, the newest first. */
export async function runHistory(
  session: Session,
  options: HistoryOptions,
  words: readonly string[],
): Promise<ExitCode> {
  const { addresses, directory } = await sortArguments(session, words);
  const [address, second] = addresses;
  if (address === undefined) {
    throw new UsageError({ message: say("cli/missing-argument", { argument: "address" }) });
  }
  if (second !== undefined) {
    throw new UsageError(explain("cli/history-one", { commandLine: commandLine(["history", address]) }));
  }
  const place = await session.project(directory);
  const { maxCalls, format } = options;
  session.interruption.stopAtOnce(say("cli/interrupted-unchanged"));
  const found = await readWithStatus(session, format, (host) =>
    history(host, { ...projectOptions(place, options), maxCalls, address }),
  );
  const warnings = renderDiagnostics(found.diagnostics, new Map(), session.errors);
  if (warnings) session.log.warn(warnings);
  if (format === "text") session.print(renderHistory(found, session.drawing));
  else {
    const { items, hold, diagnostics: _said, hasReleases: _known, ...rest } = found;
    session.printJson({
      ...rest,
      ...(hold ? { hold: { release: hold.release, at: isoTime(hold.at) } } : {}),
      releases: items.map(({ at, ...item }) => ({
        ...item,
        ...(at === undefined ? {} : { at: isoTime(at) }),
      })),
    });
  }
  return ExitCode.done;
}
