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
  type Variant,
} from "../emulator/index.ts";
import { makeFolders } from "../files/guarded-writing.ts";
import { isProject } from "../manifest/project/discover-manifests.ts";
import { explain } from "../messages/text.ts";
import { locateWorld } from "../state/location.ts";
import { readEditFile } from "./edit-file.ts";
import type { Host } from "./host.ts";

export interface EmulatorCommandOptions {
  /** Any free port for 0 and by default. */
  readonly port?: number | undefined;
  /** The file that stores the world; by default it is in memory only. */
  readonly file?: string | undefined;
  /** A random token by default. */
  readonly token?: string | undefined;
  /** The OAuth apps that may sign in; `readAppFile` reads one. */
  readonly apps?: readonly AppOptions[] | undefined;
  /** The faults to inject; `readFaultFile` reads them. */
  readonly faults?: readonly FaultRule[] | undefined;
  /** How the service differs from its reference; by default not at all. */
  readonly variants?: readonly Variant[] | undefined;
  /** The limits on calls; none by default. */
  readonly limits?: LimitOptions | undefined;
  /** Called at each injected fault. */
  readonly onFault?: ((hit: FaultHit) => void) | undefined;
}

/** Serves the embedded emulator on loopback until closed. */
export async function serveEmulator(
  host: Host,
  options: EmulatorCommandOptions,
): Promise<Listening & { readonly token: string }> {
  const { port, variants = [], ...given } = options;
  const now = () => host.clock.now();
  const emulator = createEmulator({
    ...given,
    world: { variants },
    now,
    sleep: (ms) => host.clock.sleep(ms, host.signal),
    random: () => host.random(),
    fetch: host.fetch,
    keepRequests: 0,
  });
  return { ...(await emulator.listen(port)), token: emulator.token };
}

export interface EmulatorEditOptions {
  /** The project whose emulator world is edited. */
  readonly directory: string;
  /** The file of another world to edit. No emulator may be running with it. */
  readonly world?: string | undefined;
  /** The file of edits, and its name in messages. */
  readonly file: string;
  readonly fileName?: string | undefined;
}

/**
 * Makes the edits of a file, which people make in Coze's web page, in the world of a project's embedded emulator. Makes
 * all or none of them: throws {@link InvalidInput} with all problems of the file or of its edits in this world.
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
  makeFolders(path.dirname(place));
  await emulator.save();
  return done;
}

async function requireProject(directory: string): Promise<void> {
  if (await isProject(directory)) return;
  const problem = explain("commands/no-project", { directory });
  throw new InvalidInput([{ code: "no-project", severity: "error", ...problem }]);
}
