import { relative } from "node:path";
import { rollbackRelease } from "../../commands/release-rollback.ts";
import { commandLine } from "../../core/command-line.ts";
import { explain, say } from "../../messages/text.ts";
import { printableLine } from "../../report/escape-control.ts";
import { type FileEdit, renderEdits } from "../../report/file-edits.ts";
import { sortArguments } from "../address-arguments.ts";
import { type ExitCode, UsageError } from "../exit-code.ts";
import { type RunOptions, runAndReport, type Task } from "../run-and-report.ts";
import type { Session } from "../session.ts";

interface RollbackOptions extends RunOptions {
  readonly to?: string;
  readonly liveOnly?: boolean;
}

/** Takes a resource back to an earlier release. */
export async function runRollback(
  session: Session,
  options: RollbackOptions,
  words: readonly string[],
): Promise<ExitCode> {
  const { addresses, directory } = await sortArguments(session, words);
  const [address, second] = addresses;
  if (address === undefined) {
    throw new UsageError({ message: say("cli/missing-argument", { argument: "address" }) });
  }
  if (second !== undefined) {
    throw new UsageError(explain("cli/rollback-one", { commandLine: commandLine(["rollback", address]) }));
  }
  const place = await session.project(directory);
  const { to, liveOnly, format } = options;
  let preface = (): void => {};
  let held: string | undefined;
  const run: Task["run"] = async (host, applying) => {
    const done = await rollbackRelease(host, { ...applying, address, to, liveOnly }, (files, { number }) => {
      const edits = [...files].map(
        ([file, { before, text }]): FileEdit => ({
          file: relative(session.io.cwd, file),
          before,
          after: text,
        }),
      );
      const release = String(number);
      preface = () => {
        if (format === "json") session.print(`${JSON.stringify(describeEdits(edits, address, number))}\n`);
        else
          session.print(`${renderEdits(edits, { release, liveOnly: liveOnly === true }, session.drawing)}\n`);
      };
    });
    const { result, planned } = done;
    if (liveOnly && (result || !planned.changes)) held = String(done.release.number);
    return done;
  };
  const task: Task = { command: "rollback", place, run, preface: () => preface() };
  const code = await runAndReport(session, task, { ...options, target: [address] });
  if (held !== undefined)
    session.log.info(printableLine(say("cli/rollback-held", { address, release: held })));
  return code;
}

const describeEdits = (edits: readonly FileEdit[], address: string, release: number) => ({
  type: "edits",
  address,
  release,
  files: edits.map(({ file, before, after }) => ({ file, before, after })),
});
