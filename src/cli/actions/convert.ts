import { convertExports } from "../../commands/convert.ts";
import { commandLine, pathWord } from "../../core/command-line.ts";
import { renderConversion } from "../../report/convert.ts";
import { ExitCode } from "../exit-code.ts";
import { problemOf } from "../json-errors.ts";
import { type CommonOptions, type FormatOption, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

interface ConvertOptions extends CommonOptions, FormatOption {
  readonly out?: string;
  readonly workspace?: string;
}

/** Runs `convert`. */
export async function runConvert(
  session: Session,
  options: ConvertOptions,
  names: readonly string[],
): Promise<ExitCode> {
  const { out = ".", workspace, format } = options;
  const files = names.map((name) => ({ name, location: session.path(name) }));
  const directory = session.path(out);
  const converted = await convertExports(session.host(), {
    ...projectOptions({ directory }, options),
    ...{ files, out: directory, workspace },
  });
  const next = commandLine(["plan", ...(out === "." ? [] : [pathWord(out)])]);
  if (format === "json")
    session.printJson({ ...converted, diagnostics: converted.diagnostics.map(problemOf) });
  else session.print(renderConversion(converted, next, session.drawing));
  return ExitCode.done;
}
