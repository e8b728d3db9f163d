import { InvalidArgumentError, Option } from "commander";
import { type EditDone, type Variant, variantNames } from "../../emulator/index.ts";
import { say } from "../../messages/text.ts";
import { printableLine } from "../../report/escape-control.ts";
import type { CommandRunner } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import type { Command } from "../help.ts";
import { collect, type FormatOption, formatOption, parseMost } from "../options.ts";
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

/** Declares `emulator` and its subcommand. */
export function addEmulatorCommand(program: Command, start: CommandRunner): void {
  const emulator = program
    .command("emulator")
    .description(say("cli-help/emulator"))
    .option("--port <number>", say("cli-help/option-port"), parsePort, 0)
    .option("--file <file>", say("cli-help/option-file"))
    .option("--token <token>", say("cli-help/option-token"))
    .option("--oauth-app <file>", say("cli-help/option-oauth-app"), collect)
    .option("--faults <file>", say("cli-help/option-faults"))
    .addOption(variantOption())
    .option("--requests-per-second <number>", say("cli-help/option-requests-per-second"), parseRate)
    .option("--total-calls <number>", say("cli-help/option-total-calls"), parseMost)
    .examples(
      "cozeform emulator --port 8787 --file world.json --token pat_local",
      "COZE_API_TOKEN=pat_local cozeform plan --endpoint http://127.0.0.1:8787",
      "cozeform emulator --oauth-app app.yaml   # app_id, key_id, public_key: {file}",
      "cozeform emulator --faults examples/faults/bad-day.yaml",
    )
    .action(start("serves", runEmulator));
  emulator
    .command("edit <file>")
    .description(say("cli-help/emulator-edit"))
    .option("--dir <dir>", say("cli-help/option-dir-world"))
    .addOption(formatOption())
    .examples(
      "cozeform emulator edit by-hand.yaml",
      "cozeform emulator edit v2.yaml --dir infra",
      "cozeform emulator edit v2.yaml --file world.json",
    )
    .action(start("changes", runEdit));
}

/** Repeatable, and with commas. Its choices are for help and completion; each name is checked here. */
const variantOption = (): Option =>
  new Option("--variant <name>", say("cli-help/option-variant"))
    .choices(variantNames)
    .argParser<readonly Variant[]>((text, before = []) => [...before, ...text.split(",").map(parseVariant)]);

function parseVariant(text: string): Variant {
  const name = text.trim();
  const variant = variantNames.find((one) => one === name);
  if (!variant)
    throw new InvalidArgumentError(say("cli/allowed-choices", { choices: variantNames.join(", ") }));
  return variant;
}

interface EditOptions extends FormatOption {
  readonly dir?: string;
  /** The option of `emulator` itself. */
  readonly file?: string;
}

async function runEdit(session: Session, options: EditOptions, edits: string): Promise<ExitCode> {
  session.interruption.stopAtOnce();
  const { editEmulator } = await import("../../commands/emulator.ts");
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

async function runEmulator(session: Session, options: EmulatorOptions): Promise<ExitCode> {
  // Loaded here so that no other command waits for it.
  const { readAppFile } = await import("../../commands/app-file.ts");
  const { serveEmulator } = await import("../../commands/emulator.ts");
  const { readFaultFile } = await import("../../commands/fault-file.ts");
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

function parseRate(text: string): number {
  const rate = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || rate <= 0) throw new InvalidArgumentError(say("cli/write-rate"));
  return rate;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError(say("cli/write-port"));
  return port;
}
