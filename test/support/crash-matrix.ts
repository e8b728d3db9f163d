import { rmSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { expect } from "@jest/globals";
import pLimit from "p-limit";
import type { Applied } from "../../src/commands/apply.ts";
import type { EmulatorOptions, Exchange } from "../../src/emulator/index.ts";
import {
  type Call,
  copySite,
  count,
  describeBystanders,
  describeStateOf,
  type Ground,
  moveSite,
  planAt,
  runAt,
  type Site,
} from "./crash-ground.ts";
import { startCozeform } from "./process.ts";
import { describeRerun, sampleOf } from "./sample.ts";
import { savedState } from "./saved-state.ts";
import { failuresOf, summarize } from "./story.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { describeWorld } from "./world.ts";

export type Moment = "before" | "after";
type Hooks = NonNullable<EmulatorOptions["hooks"]>;

/** What happens to a call in place of its answer. */
export type Disturbance = () => Response | undefined | Promise<Response | undefined>;

/**
 * Runs one case per call, several at a time; then throws what went wrong in which. `CRASH_CALL` chooses one call; without
 * it a sample has a call of each class, which are those of its operation unless more are given.
 */
export async function runMatrix(
  { variants }: Ground,
  calls: readonly Call[],
  width: number,
  runCase: (call: Call) => Promise<void>,
  classesOf: (call: Call) => readonly string[] = ({ operation }) => [operation],
): Promise<void> {
  const only = process.env.CRASH_CALL;
  const chosen =
    only === undefined
      ? sampleOf(calls, 0, classesOf)
      : calls.filter(({ number }) => number === Number(only));
  const failures = await pLimit(width).map(chosen, async (call) => {
    const { number, operation } = call;
    const alone = describeRerun(`CRASH_CALL=${number}`);
    try {
      await runCase(call);
      return [];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [`call ${number}, ${operation}; alone: ${alone}\n${reason}`];
    }
  });
  const told = failures.flat();
  if (told.length > 0)
    throw new Error(
      `${told.length} of ${chosen.length} cases; variants: ${variants.join(" ")}\n${told.slice(0, 12).join("\n\n")}`,
    );
}

/**
 * Disturbs each call of a run in this process, one a case, then runs the same again. A reading call is disturbed only
 * after its effect: it has none, so that before is the same.
 */
export async function disturbCalls(ground: Ground, moment: Moment, disturbance: Disturbance): Promise<void> {
  const calls = ground.calls.filter(({ writes }) => writes || moment === "after");
  await runMatrix(
    ground,
    calls,
    1,
    (call) => disturbCall(ground, call, moment, disturbance),
    ({ operation, number }) => [operation, waitsForLost(number) ? "waits" : "runs once more"],
  );
}

async function disturbCall(
  ground: Ground,
  call: Call,
  moment: Moment,
  disturbance: Disturbance,
): Promise<void> {
  const watch = createWatch(call, moment, disturbance);
  const site = copySite(ground, createVirtualClock(Date.now()), watch.hooks);
  const undone = describeUndone(await runAt(site));
  expect(watch.struck()).toBe(true);
  inspect(ground, site);
  // Without a plan, a run that has come to its end all the same isn't there to be run again.
  if (undone.length > 0 || ground.scenario.plan) await runAgainHere(site, call);
  await expectConvergence(ground, site, watch.effects);
}

/**
 * Kills a process of the command line at each call of its run, one a case, then runs the same again: here, or every so
 * often in another process. Calls overlap as they do for users: which others are in flight when it dies differs from run
 * to run.
 */
export async function killAtCalls(ground: Ground, moment: Moment, inProcessEvery: number): Promise<void> {
  const againAt = ({ number }: Call) => (number % inProcessEvery === 0 ? "process" : "here");
  await runMatrix(
    ground,
    ground.calls,
    5,
    (call) => killAtCall(ground, call, moment, againAt(call)),
    // Before its effect one reading call is like any other.
    (call) => [call.writes || moment === "after" ? call.operation : "reads", againAt(call)],
  );
}

async function killAtCall(
  ground: Ground,
  call: Call,
  moment: Moment,
  again: "here" | "process",
): Promise<void> {
  const watch = createWatch(call, moment, async () => {
    run.child.kill("SIGKILL");
    await run.ended;
    throw new Error("whoever asked is dead");
  });
  const site = copySite(ground, undefined, watch.hooks);
  const door = await site.emulator.listen();
  moveSite(site, door.url);
  const { command, options } = ground.scenario;
  const words = [command, site.directory, ...options, "--endpoint", door.url, "--auto-approve"];
  const start = () => startCozeform(words, { COZE_API_TOKEN: site.emulator.token });
  const run = start();
  try {
    const { code, output } = await run.ended;
    expect({ struck: watch.struck(), code, output }).toMatchObject({ struck: true, code: null });
    await watch.drained();
    inspect(ground, site);
    const inProcess = again === "process" && !isCopyOpen(site);
    if (inProcess) expect(await start().ended).toMatchObject({ code: 0 });
    site.clock = createVirtualClock(Date.now());
    if (!inProcess) await runAgainHere(site, call);
    await expectConvergence(ground, site, watch.effects);
  } finally {
    await door.close();
  }
}

/** Whether it takes ten minutes to know what came of a copy: then only a clock that doesn't wait will do. */
function isCopyOpen({ directory, scenario: { environment } }: Site): boolean {
  const { resources } = savedState({ directory, environment });
  return Object.values(resources).some(({ kind, status }) => kind === "Copy" && status === "unknown");
}

/** Hooks that disturb one call, count what took effect, and know of calls in flight. */
export function createWatch(target: Call, moment: Moment, disturbance: Disturbance) {
  const seen = { before: new Map<string, number>(), after: new Map<string, number>() };
  const effects = new Map<string, number>();
  let struck = false;
  let inFlight = 0;
  const strike = (at: Moment, { operation }: Exchange) => {
    const isTarget = count(seen[at], operation) === target.nth && operation === target.operation;
    if (at !== moment || !isTarget || struck) return undefined;
    struck = true;
    return disturbance();
  };
  const hooks: Hooks = {
    before(exchange) {
      inFlight += 1;
      return strike("before", exchange);
    },
    after(exchange, response) {
      inFlight -= 1;
      if (response.ok) count(effects, exchange.operation);
      return strike("after", exchange);
    },
  };
  return {
    hooks,
    effects,
    struck: () => struck,
    /** Resolves when what a dead process had sent has come to its end. */
    async drained(): Promise<void> {
      const dropped = moment === "before" ? 1 : 0;
      for (let quiet = 0; quiet < 20; quiet = inFlight > dropped ? 0 : quiet + 1) await turn();
    },
  };
}

const inspect = ({ scenario, world, undisturbed }: Ground, { emulator }: Site): void =>
  scenario.inspect?.(emulator.world.snapshot(), world, undisturbed.snapshot);

/**
 * Waits in one run for what a lost copying call may have made; or, every other time, runs once more when that can't appear
 * any more.
 */
async function runAgainHere(site: Site, { number }: Call): Promise<void> {
  const waitLost = waitsForLost(number);
  if (!waitLost && isCopyOpen(site)) {
    const { failed = [] } = (await runAt(site)).result ?? {};
    expect(failed.map(({ step, failure }) => `${step.address}: ${failure.message}`)).toEqual([]);
    await site.clock?.sleep(appearing);
  }
  expect(describeUndone(await runAt(site, { waitLost }))).toEqual([]);
}

const waitsForLost = (number: number): boolean => number % 2 === 0;

/** For how long what a lost copying call made may appear, milliseconds. */
const appearing = 600_000;

function describeUndone(applied: Applied): readonly string[] {
  const { pending = [], skipped = [] } = applied.result ?? {};
  return [...failuresOf(applied), ...[...pending, ...skipped].map(({ step }) => step.address)];
}

/** Everything is as after an undisturbed run, and another finds nothing to do. */
export async function expectConvergence(
  ground: Ground,
  site: Site,
  effects: ReadonlyMap<string, number>,
): Promise<void> {
  expect(describeWorld(site.emulator.world)).toEqual(ground.undisturbed.world);
  expect(describeStateOf(site)).toEqual(ground.undisturbed.state);
  expect(describeBystanders(site)).toEqual(ground.bystanders);
  expect(tooMany(effects, ground.undisturbed.effects)).toEqual([]);
  const { requests } = site.emulator;
  const made = requests.length;
  const planned = await planAt(site);
  if (planned) expect(summarize(planned)).toEqual([]);
  expect(requests.slice(made).filter(({ writes }) => writes)).toEqual([]);
  rmSync(site.directory, { recursive: true });
}

/** Creating operations that took effect more often than undisturbed. Of members Coze itself allows no second one. */
function tooMany(effects: ReadonlyMap<string, number>, most: ReadonlyMap<string, number>): readonly string[] {
  const creating = [...effects].filter(([name]) => /^(create_|copy_)/.test(name));
  return creating.flatMap(([name, times]) =>
    times > (most.get(name) ?? 0) ? [`${name}: ${times} times`] : [],
  );
}
