import { access, constants, lstat, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Planned } from "../commands/plan.ts";
import { writeJson } from "../core/json-text.ts";
import { describeReason } from "../core/system-error.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { refuseStray, sweepDrafts, UnfitPlace, writeFileGuarded } from "../files/guarded-writing.ts";
import { findWorkTree } from "../files/project-paths.ts";
import { largestPlan, readPlanDocument } from "../plan/plan-file.ts";
import { printableLine } from "../report/escape-control.ts";
import { ExitCode, UsageError } from "./exit-code.ts";
import type { CommonOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** A plan as the JSON text that is printed and saved. */
export const writeDocument = ({ document }: Planned): string => `${writeJson(document, 2)}\n`;

type Saving = Pick<CommonOptions, "emulator" | "endpoint"> & {
  readonly out: string;
  readonly directory: string | undefined;
};

/**
 * Saves a plan, shows it, and logs how to apply it. It is saved first, since the reader of the output may go away. A
 * plan that can't be saved is still shown before {@link UsageError} is thrown.
 */
export async function saveAndShow(
  session: Session,
  planned: Planned,
  options: Saving,
  show: () => void,
): Promise<void> {
  try {
    await save(session.path(options.out), writeDocument(planned));
  } finally {
    show();
  }
  const command = applyCommand(planned, options);
  session.log.info(printableLine(`Saved to ${options.out}; to do exactly this: ${command}`));
}

async function save(file: string, document: string): Promise<void> {
  try {
    sweepDrafts(dirname(file));
    writeFileGuarded(file, document);
  } catch (error) {
    const hint = "make room there, or choose another file for --out";
    throw new UsageError(`${file}: the plan can't be saved: ${describeReason(error)}`, hint, ExitCode.failed);
  }
}

/**
 * Throws {@link UsageError}, before any work is done, when the plan can't be saved or would replace another
 * file.
 */
export async function checkPlanFile(
  session: Session,
  out: string,
  directory: string | undefined,
): Promise<void> {
  const file = session.path(out);
  const folder = dirname(file);
  const hint = "choose another file for --out";
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`--out: there is no directory ${folder}`, hint);
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) throw new UsageError(`--out: nothing can be written to ${folder}`, hint);
  refuseBehindLink(folder, [session.io.cwd, session.path(directory)], hint);
  const there = await lstat(file).catch(() => undefined);
  if (!there) return;
  if (there.isSymbolicLink()) {
    throw new UsageError(`--out: ${out} is a link, and nothing is written through it`, hint);
  }
  if (!there.isFile()) throw new UsageError(`--out: ${out} isn't a file`, hint);
  // An empty file, as mktemp creates it, may be replaced.
  if (
    there.size > 0 &&
    "fault" in readPlanDocument(readFileGuarded(file, { most: largestPlan }).toString())
  ) {
    throw new UsageError(`--out: ${out} is there already, and isn't a plan`, hint);
  }
}

/** A link in the repository could lead `--out` out of it. */
function refuseBehindLink(folder: string, places: readonly string[], hint: string): void {
  try {
    for (const place of places) {
      refuseStray(folder, place);
      refuseStray(folder, findWorkTree(place) ?? place);
    }
  } catch (error) {
    throw error instanceof UnfitPlace ? new UsageError(`--out: ${error.message}`, hint) : error;
  }
}

/** The command that applies a saved plan. */
function applyCommand({ refused }: Planned, options: Saving): string {
  const lacking = [...new Set(refused.flatMap(({ lacks }) => lacks))].sort();
  const words = [
    ...(options.directory === undefined ? [] : [options.directory]),
    options.out,
    ...(options.emulator ? ["--emulator"] : []),
    ...(options.endpoint === undefined ? [] : ["--endpoint", options.endpoint]),
    ...lacking.map((permission) => `--${permission}`),
  ];
  return ["cozeform apply", ...words].join(" ");
}
