import { readAppFile } from "../../commands/app-file.ts";
import { editEmulator, serveEmulator } from "../../commands/emulator.ts";
import { readFaultFile } from "../../commands/fault-file.ts";
import type { EditDone, Variant } from "../../emulator/index.ts";
import { say } from "../../messages/text.ts";
import { printableLine } from "../../report/escape-control.ts";
import { ExitCode } from "../exit-code.ts";
import type { FormatOption } from "../options.ts";
import type { Session } from "../session.ts";

interface EmulatorOptions {
  readonly port: number;
  readonly file?: string;
  readonly token?: string;
  readonly oauthApp?: readonly string[];
  readonly faults?: string;
  readonly variant?: readonly Variant[];
  readonly requestsPerSecond?: number;
  readonly totalCalls?: number;
}

interface EditOptions extends FormatOption {
  readonly dir?: string;
  /** The option of `emulator` itself. */
  readonly file?: string;
}

/** Runs `emulator edit`. */
export async function runEdit(session: Session, options: EditOptions, edits: string): Promise<ExitCode> {
  session.interruption.stopAtOnce();
  const { dir, file, format } = options;
  const done = await editEmulator(session.host(), {
    directory: file === undefined ? (await session.project(dir)).directory : session.path(dir),
    world: file === undefined ? undefined : session.path(file),
    file: session.path(edits),
    fileName: edits,
  });
  if (format === "json") session.printJson(done);
  else session.print(done.map((one) => `${describeEdit(one)}\n`).join(""));
  return ExitCode.done;
}

function describeEdit({ what, id, did, note }: EditDone): string {
  const text =
    did.length > 0 ? say("cli/edited", { what, done: did.join(", ") }) : say("cli/edited-nothing", { what });
  const more = `${note === undefined ? "" : `; ${note}`}${id === undefined ? "" : `  (${id})`}`;
  return printableLine(text + more);
}

/** Runs `emulator` until it is interrupted. */
export async function runEmulator(session: Session, options: EmulatorOptions): Promise<ExitCode> {
  const { port, file, token, oauthApp = [], faults, requestsPerSecond: perSecond, totalCalls } = options;
  const { variant: variants } = options;
  const rules = faults === undefined ? [] : await readFaultFile(session.path(faults), faults);
  const apps = await Promise.all(oauthApp.map((app) => readAppFile(session.path(app), app)));
  const serving = await serveEmulator(session.host(), {
    port,
    file: file === undefined ? undefined : session.path(file),
    token,
    apps,
    faults: rules,
    variants,
    limits: { perSecond, totalCalls },
    onFault: ({ rule: { fault }, method, path }) =>
      session.log.info(printableLine(say("cli/emulator-fault", { fault, method, path }))),
  });
  // A given token may be redacted: the client's environment often contains it too.
  const { url } = serving;
  const text =
    token === undefined
      ? say("cli/emulator-serving", { url, token: serving.token })
      : say("cli/emulator-serving-given-token", { url });
  session.print(`${text}\n`);
  session.log.info(say("cli/emulator-stop"));
  await new Promise<void>((resolve) => session.interruption.finishFirst(resolve));
  await serving.close();
  return ExitCode.done;
}
