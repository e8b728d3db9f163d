import { mkdir } from "node:fs/promises";
import path from "node:path";
import { InvalidInput } from "../core/diagnostic.ts";
import {
  type AppOptions,
  createEmulator,
  type EditDone,
  type FaultHit,
  type FaultRule,
  type LimitOptions,
  type Listening,
  playEdits,
} from "../emulator/index.ts";
import { isProject } from "../manifest/project/discover-manifests.ts";
import { locateWorld } from "../state/location.ts";
import { readEditFile } from "./edit-file.ts";
import type { Host } from "./host.ts";

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

export interface EmulatorEditOptions {
  /** The project whose world is edited: that of its runs with `emulator`. */
  readonly directory: string;
  /** The file of another world to edit, which no emulator may have open. */
  readonly world?: string;
  /** The file of edits, and what it is called in messages. */
  readonly file: string;
  readonly fileName?: string;
}

/**
 * Does once, in the world of a project's embedded emulator, what a file says that people do in Coze's web page. Throws
 * {@link InvalidInput} with all that is wrong in the file or for this world; nothing is changed then.
 */
export async function editEmulator(
  host: Host,
  { directory, world, file, fileName = file }: EmulatorEditOptions,
): Promise<readonly EditDone[]> {
  const { edits, refuse } = await readEditFile(file, fileName);
  if (world === undefined) await requireProject(directory);
  const place = world ?? locateWorld(directory);
  const emulator = createEmulator({
    file: place,
    now: () => host.clock.now(),
    random: () => host.random(),
    fetch: host.fetch,
  });
  const { done, problems } = playEdits(emulator.world, edits);
  if (problems.length > 0) throw refuse(problems);
  await mkdir(path.dirname(place), { recursive: true });
  await emulator.save();
  return done;
}

async function requireProject(directory: string): Promise<void> {
  if (await isProject(directory)) return;
  const message = `there is no cozeform.yaml in ${directory}`;
  const hint = "--dir names the project whose emulator is meant";
  throw new InvalidInput([{ code: "no-project", severity: "error", message, hint }]);
}
