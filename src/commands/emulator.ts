import {
  type AppOptions,
  createEmulator,
  type FaultHit,
  type FaultRule,
  type LimitOptions,
  type Listening,
} from "../emulator/index.ts";
import type { Host } from "./session.ts";

export interface EmulatorCommandOptions {
  /** 0, or absent: any free port. */
  readonly port?: number;
  /** The world is kept here between runs; only in memory when absent. */
  readonly file?: string;
  /** Made up when absent. */
  readonly token?: string;
  /** OAuth apps that may sign in; {@link readAppFile} reads one. */
  readonly apps?: readonly AppOptions[];
  /** What goes wrong; {@link readFaultFile} reads such rules. */
  readonly faults?: readonly FaultRule[];
  /** How many calls it takes; as many as come without them. */
  readonly limits?: LimitOptions;
  /** Told of each fault as it strikes. */
  readonly onFault?: (hit: FaultHit) => void;
}

/** Serves the embedded emulator on loopback until closed. */
export async function serveEmulator(
  host: Host,
  options: EmulatorCommandOptions,
): Promise<Listening & { readonly token: string }> {
  const { port, ...given } = options;
  const now = () => host.clock.now();
  const emulator = createEmulator({
    ...given,
    now,
    sleep: (ms) => host.clock.sleep(ms, host.signal),
    random: () => host.random(),
    fetch: host.fetch,
  });
  return { ...(await emulator.listen(port)), token: emulator.token };
}
