import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ApplyCommandOptions, apply } from "../../src/commands/apply.ts";
import { plan } from "../../src/commands/plan.ts";
import { createHost, type Host } from "../../src/commands/session.ts";
import { createEmulator, type Emulator, type EmulatorOptions } from "../../src/emulator/index.ts";
import type { Clock } from "../../src/engine/engine.ts";
import { parseState } from "../../src/state/state.ts";
import { after, before, empty, seedLibrary } from "./crash-project.ts";
import { expectExchangesMatchOpenApi } from "./openapi-check.ts";
import { makeScratch } from "./scratch.ts";
import { type Files, failuresOf } from "./story.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { describeWorld, nameIds } from "./world.ts";

/** One call of an apply: the `nth` of its operation since the process began, planning included. */
export interface Call {
  /** From 1, in the order of the undisturbed apply; planning doesn't count. */
  readonly number: number;
  readonly operation: string;
  readonly nth: number;
  readonly writes: boolean;
}

/** A project with changes to apply to the world that it was applied to before. */
export interface Ground {
  readonly directory: string;
  readonly world: NonNullable<EmulatorOptions["from"]>;
  /** Every call of the undisturbed apply. */
  readonly calls: readonly Call[];
  /** How the undisturbed apply ends. */
  readonly undisturbed: Ending;
}

/** What is there at the end, and how often each operation took effect on the way. */
interface Ending {
  readonly world: ReturnType<typeof describeWorld>;
  readonly state: ReturnType<typeof describeState>;
  readonly effects: ReadonlyMap<string, number>;
}

/** A copy of a ground's project and world that one case may spoil. */
export interface Site {
  readonly directory: string;
  readonly emulator: Emulator;
  /** Where the state believes Coze to be. */
  endpoint: string;
  /** The time of the world: the real one unless a clock is set. */
  clock: Clock | undefined;
}

const permissions = new Set(["allow-ownership-transfer", "allow-orphans"] as const);

const endpoint = "http://127.0.0.1";
const token = "pat_crash_matrix";
const environment = { COZE_API_TOKEN: token };

/** Applies the first manifests, then the changes once undisturbed. The world's time is that of an hour ago. */
export async function prepareGround(): Promise<Ground> {
  const directory = makeScratch();
  const clock = createVirtualClock(Date.now() - 3_600_000);
  writeFiles(directory, empty);
  const first = openSite({ directory, clock });
  expectDone(await applyAt(first));
  seedLibrary(first.emulator.world);
  writeFiles(directory, before);
  expectDone(await applyAt(first));
  writeFiles(directory, after);
  const world = first.emulator.world.snapshot();

  const effects = new Map<string, number>();
  const site = copySite({ directory, world }, clock, {
    after: ({ operation }, { ok }) => void (ok && count(effects, operation)),
  });
  let planning = 0;
  const applied = await applyAt(site, async () => {
    planning = site.emulator.requests.length;
    return true;
  });
  expectDone(applied);
  expectExchangesMatchOpenApi(site.emulator.requests);
  const seen = new Map<string, number>();
  const calls = site.emulator.requests.map(({ operation = "", writes }, index) => {
    return { number: index + 1 - planning, operation, nth: count(seen, operation), writes };
  });
  const undisturbed = { world: describeWorld(site.emulator.world), state: describeState(site), effects };
  return { directory, world, calls: calls.slice(planning), undisturbed };
}

function expectDone(applied: Awaited<ReturnType<typeof applyAt>>): void {
  const failures = failuresOf(applied);
  if (failures.length > 0) throw new Error(`the apply failed undisturbed: ${failures.join("; ")}`);
}

/** Adds one; returns how many there are now. */
export function count(counts: Map<string, number>, name: string): number {
  const now = (counts.get(name) ?? 0) + 1;
  counts.set(name, now);
  return now;
}

function writeFiles(directory: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
  }
}

interface SiteParts extends Pick<EmulatorOptions, "hooks" | "from"> {
  readonly directory: string;
  readonly clock: Clock | undefined;
}

function openSite({ directory, clock, ...options }: SiteParts): Site {
  const time: Pick<Site, "clock"> = { clock };
  const emulator = createEmulator({
    ...options,
    token,
    now: () => time.clock?.now() ?? Date.now(),
    world: { processingMs: 200, copyMs: 200 },
    fetch: async () => {
      throw new TypeError("tests reach nothing beyond loopback");
    },
  });
  return Object.assign(time, { directory, endpoint, emulator });
}

/** A site of its own as the ground was before the changes. */
export function copySite(
  ground: Pick<Ground, "directory" | "world">,
  clock: Clock | undefined,
  hooks: NonNullable<EmulatorOptions["hooks"]>,
): Site {
  const directory = makeScratch();
  cpSync(ground.directory, directory, { recursive: true });
  return openSite({ directory, clock, hooks, from: ground.world });
}

/** Lets the state of a site believe that Coze is where the emulator's door is. */
export function moveSite(site: Site, url: string): void {
  const file = join(site.directory, ".cozeform", "dev.state.json");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(`"endpoint": "${site.endpoint}"`, `"endpoint": "${url}"`),
  );
  site.endpoint = url;
}

/** Applies in this process, on the site's clock. */
export const applyAt = (site: Site, approve: ApplyCommandOptions["approve"] = async () => true) =>
  apply(hostOf(site), { directory: site.directory, endpoint: site.endpoint, allow: permissions, approve });

/** Plans in this process, on the site's clock. */
export const planAt = (site: Site) =>
  plan(hostOf(site), { directory: site.directory, endpoint: site.endpoint });

function hostOf({ emulator, clock }: Site): Host {
  if (!clock) throw new Error("what runs in this process needs a clock that doesn't wait");
  return createHost({ env: environment, fetch: emulator.fetch, clock, random: () => 0.5 });
}

/** What is remembered, with ids as what they name, who may read it, and what lies beside it that shouldn't. */
export function describeState({ directory, emulator }: Site) {
  const folder = join(directory, ".cozeform");
  const file = join(folder, "dev.state.json");
  const { resources, files } = parseState(readFileSync(file), file);
  return {
    resources: nameIds(emulator.world)(resources),
    files: Object.keys(files).sort(),
    mode: (statSync(file).mode & 0o777).toString(8),
    leftover: ["dev.journal", "dev.lock"].filter((name) => existsSync(join(folder, name))),
  };
}
