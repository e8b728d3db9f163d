import { retire } from "../commands/retire.ts";
import type { Address } from "../core/address.ts";
import { writeJson } from "../core/json-text.ts";
import { renderRetired } from "../report/retired.ts";
import { requireApproval } from "./approval.ts";
import { ExitCode } from "./exit-code.ts";
import { projectOptions } from "./options.ts";
import { ask } from "./question.ts";
import type { RunOptions } from "./run-and-report.ts";
import type { Session } from "./session.ts";

/** Shows what was replaced and isn't needed any more, and forgets it when that is approved. */
export async function runRetirement(
  session: Session,
  directory: string,
  options: RunOptions & { readonly environment: string },
): Promise<ExitCode> {
  requireApproval(session, { ...options, command: "promote" });
  const { retired, done } = await retire(session.host(), {
    ...projectOptions(directory, options),
    approve: async (found) => {
      if (options.format === "text")
        session.print(renderRetired(found, options.environment, session.drawing));
      if (options.autoApprove) return true;
      return (await ask(session, "\nForget them? Only 'yes' is accepted: ")) === "yes";
    },
  });
  if (options.format === "json") session.print(`${writeJson(retired.map(toJson), 2)}\n`);
  else if (retired.length === 0) session.print(renderRetired(retired, options.environment, session.drawing));
  if (retired.length === 0 || done) return ExitCode.done;
  session.log.error("Not approved: nothing was changed.");
  return ExitCode.failed;
}

const toJson = ({ address, ids }: { readonly address: Address; readonly ids: readonly string[] }) => ({
  address,
  ids,
});
