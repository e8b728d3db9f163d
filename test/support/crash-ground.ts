import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { expect } from "@jest/globals";
import type { Applied, ApplyCommandOptions } from "../../src/commands/apply.ts";
import { createHost, type Host } from "../../src/commands/host.ts";
import type { PlanCommandOptions, Planned } from "../../src/commands/plan.ts";
import type { Emulator, EmulatorOptions, World } from "../../src/emulator/index.ts";
import type { Variant } from "../../src/emulator/world/variants.ts";
import type { Clock } from "../../src/engine/engine.ts";
import { describeState, stateFileOf } from "./crash-state.ts";
import { createStrictEmulator } from "./emulator.ts";
import { expectExchangesMatchOpenApi } from "./openapi-check.ts";
import { makeScratch } from "./scratch.ts";
import { drawVariants } from "./variants.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { describeWorld } from "./world.ts";

/** A command that a matrix disturbs, and what it is run on. */
export interface Scenario {
  /** Brings an empty project and an empty world to where the command begins. */
  prepare(site: Site): Promise<void>;
  /** Its first word, which the directory follows. */
  readonly command: string;
  readonly options: readonly string[];
  run(host: Host, options: ApplyCommandOptions): Promise<Applied>;
  /** What another run would do, unless it is meant to do more: then nothing. */
  plan?(host: Host, options: PlanCommandOptions): Promise<Planned>;
  /** Whose state it writes. */
  readonly environment: string;
  /** Whose states stay as they are, byte for byte. */
  readonly bystanders: readonly string[];
  /** Throws when callers see what they shouldn't, `now` being when the disturbed run has ended. */
  inspect?(now: Snapshot, before: Snapshot, after: Snapshot): void;
}

/** A world as data. */
export type Snapshot = ReturnType<World["snapshot"]>;

/** One call of a run: the `nth` of its operation since the process began, planning included. */
export interface Call {
  /** From 1, in the order of the undisturbed run; planning doesn't count. */
  readonly number: number;
  readonly operation: string;
  readonly nth: number;
  readonly writes: boolean;
}

/** A project and its world just before a scenario's command, and what the command does when nothing disturbs it. */
export interface Ground {
  readonly scenario: Scenario;
  /** Ways in which its Coze differs from the reference, drawn for the file of tests. */
  readonly variants: readonly Variant[];
  readonly directory: string;
  readonly world: Snapshot;
  /** The states of others, as text. */
  readonly bystanders: ReturnType<typeof describeBystanders>;
  /** Every call of the undisturbed run. */
  readonly calls: readonly Call[];
  /** How the undisturbed run ends. */
  readonly undisturbed: Ending;
}

/** What is there at the end, and how often each operation took effect on the way. */
interface Ending {
  readonly snapshot: Snapshot;
  readonly world: ReturnType<typeof describeWorld>;
  readonly state: ReturnType<typeof describeStateOf>;
  readonly effects: ReadonlyMap<string, number>;
}

/** A project and a world that one case may spoil. */
export interface Site {
  readonly scenario: Scenario;
  directory: string;
  readonly emulator: Emulator;
  /** Where the state believes Coze to be. */
  endpoint: string;
  /** The time of the world: the real one unless a clock is set. */
  clock: Clock | undefined;
}

const endpoint = "http://127.0.0.1";
const token = "pat_crash_matrix";

/** Brings a scenario to where its command begins, an hour ago, and runs that once undisturbed. */
export async function prepareGround(scenario: Scenario): Promise<Ground> {
  const directory = makeScratch();
  const clock = createVirtualClock(Date.now() - 3_600_000);
  const variants = drawVariants(`${basename(expect.getState().testPath ?? "")} ${scenario.command}`);
  const first = openSite({ scenario, variants, directory, clock });
  await scenario.prepare(first);
  const world = first.emulator.world.snapshot();
  const bystanders = describeBystanders(first);

  const effects = new Map<string, number>();
  const site = copySite({ scenario, variants, directory, world }, clock, {
    after: ({ operation }, { ok }) => void (ok && count(effects, operation)),
  });
  let planning = 0;
  await runUndisturbed(site, scenario.run, async () => {
    planning = site.emulator.requests.length;
    return true;
  });
  expectExchangesMatchOpenApi(site.emulator.requests);
  const seen = new Map<string, number>();
  const calls = site.emulator.requests.map(({ operation = "", writes }, index) => {
    return { number: index + 1 - planning, operation, nth: count(seen, operation), writes };
  });
  const undisturbed = {
    snapshot: site.emulator.world.snapshot(),
    world: describeWorld(site.emulator.world),
    state: describeStateOf(site),
    effects,
  };
  return { scenario, variants, directory, world, bystanders, calls: calls.slice(planning), undisturbed };
}

/** Runs what is there to begin with; throws unless all of it went well. */
export async function runUndisturbed(
  site: Site,
  run: Scenario["run"],
  approve?: ApplyCommandOptions["approve"],
): Promise<void> {
  const { result } = await runAt(site, approve ? { approve } : {}, run);
  const failures = [...(result?.failed ?? []), ...(result?.pending ?? []), ...(result?.skipped ?? [])];
  if (!result || failures.length > 0) {
    const told = failures.map((one) => `${one.step.address} ${"failure" in one ? one.failure.message : ""}`);
    throw new Error(`it failed undisturbed: ${told.join("; ") || "there was nothing to do"}`);
  }
}

/** Adds one; returns how many there are now. */
export function count(counts: Map<string, number>, name: string): number {
  const now = (counts.get(name) ?? 0) + 1;
  counts.set(name, now);
  return now;
}

interface SiteParts extends Pick<EmulatorOptions, "hooks" | "from"> {
  readonly scenario: Scenario;
  readonly variants: readonly Variant[];
  readonly directory: string;
  readonly clock: Clock | undefined;
}

function openSite({ scenario, variants, directory, clock, ...options }: SiteParts): Site {
  const time: Pick<Site, "clock"> = { clock };
  const emulator = createStrictEmulator({
    ...options,
    token,
    now: () => Math.floor(time.clock?.now() ?? Date.now()),
    world: { processingMs: 200, copyMs: 200, variants },
    fetch: async () => {
      throw new TypeError("tests reach nothing beyond loopback");
    },
  });
  return Object.assign(time, { scenario, directory, endpoint, emulator });
}

/** A site of its own as the ground was before the command. */
export function copySite(
  ground: Pick<Ground, "scenario" | "variants" | "directory" | "world">,
  clock: Clock | undefined,
  hooks: NonNullable<EmulatorOptions["hooks"]>,
): Site {
  const directory = makeScratch();
  cpSync(ground.directory, directory, { recursive: true });
  const { scenario, variants, world } = ground;
  return openSite({ scenario, variants, directory, clock, hooks, from: world });
}

/** Lets the states of a site believe that Coze is where the emulator's door is. */
export function moveSite(site: Site, url: string): void {
  const { environment, bystanders } = site.scenario;
  for (const name of [environment, ...bystanders]) {
    const file = stateFileOf(site.directory, name);
    const moved = readFileSync(file, "utf8").replace(endpointWritten(site.endpoint), endpointWritten(url));
    writeFileSync(file, moved);
  }
  site.endpoint = url;
}

const endpointWritten = (url: string): string => `"endpoint": ${JSON.stringify(url)}`;

/** Runs a command in this process, on the site's clock; the scenario's unless another is given. */
export const runAt = (
  site: Site,
  options: Partial<ApplyCommandOptions> = {},
  run = site.scenario.run,
): Promise<Applied> => run(hostOf(site), { ...placeOf(site), approve: async () => true, ...options });

/** What another run of the scenario's command would do, in this process and on the site's clock. */
export const planAt = async (site: Site): Promise<Planned | undefined> =>
  site.scenario.plan?.(hostOf(site), placeOf(site));

const placeOf = ({ directory, endpoint, scenario: { environment } }: Site) => ({
  directory,
  endpoint,
  environment,
});

function hostOf({ emulator, clock }: Site): Host {
  if (!clock) throw new Error("what runs in this process needs a clock that doesn't wait");
  return createHost({ env: { COZE_API_TOKEN: token }, fetch: emulator.fetch, clock, random: () => 0.5 });
}

/** What the command has written into its state. */
export const describeStateOf = ({ directory, emulator, scenario }: Site) =>
  describeState(directory, scenario.environment, emulator.world);

/** The states that are to stay as they are, as they would be with Coze where it was first. */
export const describeBystanders = (site: Site): readonly string[] =>
  site.scenario.bystanders.map((name) =>
    readFileSync(stateFileOf(site.directory, name), "utf8").replace(
      endpointWritten(site.endpoint),
      endpointWritten(endpoint),
    ),
  );
