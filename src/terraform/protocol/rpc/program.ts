import { Console } from "node:console";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { say } from "../../../messages/text.ts";
import type { Provider } from "./gen/tfplugin6_pb.js";
import type { Implementation } from "./methods.ts";
import { logLine, type ProcessHost, serveProvider } from "./serve.ts";

/** Makes a process a provider: all that it says, hears and ends by is a host's from now on. */
export function runProvider(
  program: NodeJS.Process,
  implementation: () => Promise<Implementation<typeof Provider>>,
): void {
  // The first line of stdout is the handshake, whatever a library has to say.
  globalThis.console = new Console(program.stderr);
  // What interrupts a terminal's job reaches every process of it. Terraform says itself what is to stop, and a provider
  // that ended by itself would forget what it has just made.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) program.on(signal, () => {});
  // The host that read them is gone.
  program.stdout.on("error", () => program.exit(1));
  program.stderr.on("error", () => {});

  const logFault = (message: string, error: unknown) => {
    const name = error instanceof Error ? error.name : typeof error;
    program.stderr.write(logLine("error", message, Date.now(), { error: name }));
  };
  // Other calls may be on their way, and what they make has to get into the state.
  program.on("uncaughtException", (error) => logFault(say("terraform-functions/log-uncaught"), error));

  serveProvider(implementation, outsideOf(program)).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    program.stderr.write(say("terraform-functions/no-start", { reason }));
    program.exit(1);
  });
}

const outsideOf = (program: NodeJS.Process): ProcessHost => ({
  env: program.env,
  platform: program.platform,
  temporaryFolder: tmpdir(),
  mark: randomBytes(6).toString("hex"),
  now: Date.now,
  stdout: program.stdout,
  stderr: program.stderr,
  parent: () => program.ppid,
  everySecond: (act) => setInterval(act, 1000),
  exit: (code) => program.exit(code),
});
