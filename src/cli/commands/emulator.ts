import { type Command, InvalidArgumentError } from "commander";
import { writeJson } from "../../core/json-text.ts";
import type { EditDone } from "../../emulator/index.ts";
import { printableLine } from "../../report/escape-control.ts";
import { type CommandRunner, examples } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { collect, formatOption, parseMost } from "../options.ts";
import type { Session } from "../session.ts";

interface EmulatorOptions {
  readonly port: number;
  readonly file?: string;
  readonly token?: string;
  readonly oauthApp?: readonly string[];
  readonly faults?: string;
  readonly requestsPerSecond?: number;
  readonly totalCalls?: number;
}

/** Declares `emulator` and its subcommand. */
export function addEmulatorCommand(program: Command, start: CommandRunner): void {
  const emulator = program
    .command("emulator")
    .description("Serve the embedded Coze emulator on 127.0.0.1 until Ctrl-C")
    .option("--port <number>", "port to listen on; 0: any free port", parsePort, 0)
    .option("--file <file>", "file that stores the emulator's world (default: in memory)")
    .option("--token <token>", "accepted token (default: a random one)")
    .option("--oauth-app <file>", "OAuth app that may sign in with JWTs; repeatable", collect)
    .option("--faults <file>", "inject the faults that this file describes")
    .option("--requests-per-second <number>", "rate limit; requests above it get HTTP 429", parseRate)
    .option("--total-calls <number>", "call quota; further calls fail, as on the free plan", parseMost)
    .addHelpText(
      "after",
      examples(
        "cozeform emulator --port 8787 --file world.json --token pat_local",
        "COZE_API_TOKEN=pat_local cozeform plan --endpoint http://127.0.0.1:8787",
        "cozeform emulator --oauth-app app.yaml   # app_id, key_id, public_key: {file}",
        "cozeform emulator --faults examples/faults/bad-day.yaml",
      ),
    )
    .action((_options, self: Command) =>
      start<EmulatorOptions>(self, "serves", (session, options) => runEmulator(session, options)),
    );
  emulator
    .command("edit <file>")
    .description("Make the changes to the emulator's world that people make in Coze's web page")
    .option("--dir <dir>", "project whose runs with --emulator use that world", ".")
    .addOption(formatOption())
    .addHelpText(
      "after",
      examples(
        "cozeform emulator edit by-hand.yaml",
        "cozeform emulator edit v2.yaml --dir infra",
        "cozeform emulator edit v2.yaml --file world.json",
      ),
    )
    .action((file: string, _options, self: Command) =>
      start<EditOptions>(self, "changes", (session, options) => runEdit(session, file, options)),
    );
}

interface EditOptions {
  readonly dir: string;
  /** The option of `emulator` itself. */
  readonly file?: string;
  readonly format: "text" | "json";
}

async function runEdit(session: Session, edits: string, options: EditOptions): Promise<ExitCode> {
  session.interruption.stopAtOnce("Interrupted.");
  const { editEmulator } = await import("../../commands/emulator.ts");
  const { dir, file, format } = options;
  const done = await editEmulator(session.host(), {
    directory: session.path(dir),
    world: file === undefined ? undefined : session.path(file),
    file: session.path(edits),
    fileName: edits,
  });
  if (format === "json") session.print(`${writeJson(done, 2)}\n`);
  else session.print(done.map((one) => `${describeEdit(one)}\n`).join(""));
  return ExitCode.done;
}

function describeEdit({ what, id, did, note }: EditDone): string {
  const said = did.length > 0 ? did.join(", ") : "nothing to do";
  const more = `${note === undefined ? "" : `; ${note}`}${id === undefined ? "" : `  (${id})`}`;
  return printableLine(`${what}: ${said}${more}`);
}

async function runEmulator(session: Session, options: EmulatorOptions): Promise<ExitCode> {
  // Loaded here so that no other command waits for it.
  const { readAppFile } = await import("../../commands/app-file.ts");
  const { serveEmulator } = await import("../../commands/emulator.ts");
  const { readFaultFile } = await import("../../commands/fault-file.ts");
  const { port, file, token, oauthApp = [], faults, requestsPerSecond: perSecond, totalCalls } = options;
  const rules = faults === undefined ? [] : await readFaultFile(session.path(faults), faults);
  const apps = await Promise.all(oauthApp.map((app) => readAppFile(session.path(app), app)));
  const serving = await serveEmulator(session.host(), {
    port,
    file: file === undefined ? undefined : session.path(file),
    token,
    apps,
    faults: rules,
    limits: { perSecond, totalCalls },
    onFault: ({ rule, method, path }) => session.log.info(printableLine(`${rule.fault}: ${method} ${path}`)),
  });
  // A given token may be redacted: the client's environment often contains it too.
  const said = token === undefined ? `token ${serving.token}` : "the token given";
  session.print(`Coze emulator at ${serving.url}, ${said}\n`);
  session.log.info("Ctrl-C ends it.");
  await new Promise<void>((resolve) => session.interruption.finishFirst(resolve, () => "Interrupted."));
  await serving.close();
  return ExitCode.done;
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || rate <= 0) throw new InvalidArgumentError("Write a number above 0.");
  return rate;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("Write a port, 0 to 65535.");
  return port;
}
