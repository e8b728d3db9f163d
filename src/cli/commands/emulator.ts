import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { serveEmulator } from "../../commands/emulator.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit-code.ts";
import type { Session } from "../session.ts";
import type { Start } from "../start.ts";

interface EmulatorOptions {
  readonly port: number;
  readonly file?: string;
  readonly token?: string;
}

/** Declares `emulator`: a server until Ctrl-C. */
export function addEmulatorCommand(program: Command, start: Start): void {
  program
    .command("emulator")
    .description("serve the embedded Coze emulator on 127.0.0.1 until Ctrl-C")
    .option("--port <number>", "port to listen on; 0 takes a free one", parsePort, 0)
    .option("--file <file>", "keep the emulator's world in a file; in memory without it")
    .option("--token <token>", "the token it accepts; made up without it")
    .addHelpText(
      "after",
      examples(
        "cozeform emulator --port 8787 --file world.json --token pat_local",
        "COZE_API_TOKEN=pat_local cozeform plan --endpoint http://127.0.0.1:8787",
      ),
    )
    .action((_options, self: Command) =>
      start<EmulatorOptions>(self, (session, options) => runEmulator(session, options)),
    );
}

async function runEmulator(session: Session, { port, file, token }: EmulatorOptions): Promise<ExitCode> {
  const serving = await serveEmulator(session.host(), {
    port,
    ...(file === undefined ? {} : { file: session.path(file) }),
    ...(token === undefined ? {} : { token }),
  });
  session.print(`Coze emulator at ${serving.url}, token ${serving.token}\n`);
  session.log.info("Ctrl-C ends it.");
  await new Promise<void>((resolve) => session.interruption.finishFirst(resolve, () => "Interrupted."));
  await serving.close();
  return ExitCode.done;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("Write a port, 0 to 65535.");
  return port;
}
