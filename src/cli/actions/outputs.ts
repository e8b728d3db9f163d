import { outputs } from "../../commands/outputs.ts";
import { say } from "../../messages/text.ts";
import { printableLine } from "../../report/escape-control.ts";
import type { OutputFormat } from "../../report/output-format.ts";
import { renderOutputs } from "../../report/outputs.ts";
import { ExitCode } from "../exit-code.ts";
import { type CommonOptions, projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

type OutputsOptions = CommonOptions & { readonly format: OutputFormat };

/** Runs `outputs`. */
export async function runOutputs(session: Session, options: OutputsOptions, dir?: string): Promise<ExitCode> {
  const made = await outputs(session.host(), projectOptions(await session.project(dir), options));
  const { environment, missing } = made;
  session.print(renderOutputs(made.outputs, options.format, environment));
  if (made.outputs.length === 0) session.log.info(printableLine(say("cli/outputs-none", { environment })));
  if (missing.length > 0) {
    const leftOut = { count: missing.length, addresses: missing.join(", ") };
    session.log.warn(printableLine(say("cli/outputs-left-out", leftOut)));
  }
  return ExitCode.done;
}
