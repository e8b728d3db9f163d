import { createEmulator, type Listening } from "../emulator/index.ts";
import type { Host } from "./session.ts";

export interface EmulatorCommandOptions {
  /** 0, or absent: any free port. */
  readonly port?: number;
  /** The world is kept here between runs; only in memory when absent. */
  readonly file?: string;
  /** Made up when absent. */
  readonly token?: string;
}

/** Serves the embedded emulator on loopback until closed. */
export async function serveEmulator(
  host: Host,
  options: EmulatorCommandOptions,
): Promise<Listening & { readonly token: string }> {
  const { port, ...given } = options;
  const now = () => host.clock.now();
  const emulator = createEmulator({ ...given, now, random: () => host.random(), fetch: host.fetch });
  return { ...(await emulator.listen(port)), token: emulator.token };
}
