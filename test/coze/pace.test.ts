import { describe, expect, test } from "@jest/globals";
import { type CozeClient, type CozeClientOptions, createCozeClient } from "../../src/coze/client.ts";
import type { Exchange } from "../../src/emulator/http/server.ts";
import { type LimitOptions, publishedLimits } from "../../src/emulator/index.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { createEventClock } from "../support/event-clock.ts";
import { collect } from "./answers.ts";

interface Race {
  /** What the emulator takes; it counts strictly. */
  readonly limits: LimitOptions;
  readonly options?: Partial<CozeClientOptions>;
  /** How long it takes until there is a token, milliseconds. */
  readonly tokenMs?: number;
  /** How long the n-th request is on its way, milliseconds. */
  readonly travel?: (count: number) => number;
  /** An answer in place of the emulator's. */
  readonly before?: (exchange: Exchange) => Response | undefined;
}

/** A client and an emulator on one clock, on which an answer takes 120 ms. */
function createRace({ limits, tokenMs = 0, options = {}, travel = () => 0, before = () => undefined }: Race) {
  const clock = createEventClock();
  const startedAt = clock.now();
  const arrivals: { readonly at: number; readonly status: number }[] = [];
  let sent = 0;
  const emulator = createStrictEmulator({ now: clock.now, limits, hooks: { before } });
  const tokenCame = clock.sleep(tokenMs);
  const client = createCozeClient({
    baseUrl: "http://127.0.0.1",
    token: async () => {
      await tokenCame;
      return emulator.token;
    },
    async fetch(request) {
      sent += 1;
      await clock.sleep(travel(sent));
      const at = clock.now() - startedAt;
      const response = await emulator.fetch(request);
      arrivals.push({ at, status: response.status });
      await clock.sleep(120);
      return response;
    },
    clock,
    random: () => 0.5,
    ...options,
  });
  return {
    client,
    clock,
    /** Ten workers make calls until all are made; returns what went wrong. */
    async callAll(calls: number, call: (index: number) => Promise<unknown>): Promise<readonly unknown[]> {
      const failures: unknown[] = [];
      let next = 0;
      const work = async () => {
        for (let index = next++; index < calls; index = next++) {
          await call(index).catch((error: unknown) => failures.push(error));
        }
      };
      await clock.run(Promise.all(Array.from({ length: 10 }, work)));
      return failures;
    },
    arrivals,
    refusals: () => refusedOf(arrivals),
    /** How many calls a second were let through, from the first to the last. */
    pace: () => (arrivals.length - 1 - refusedOf(arrivals)) / ((arrivals.at(-1)?.at ?? 0) / 1000),
    /** The most that arrived within a second, wherever it begins. */
    peak: () =>
      Math.max(
        ...arrivals.map(({ at }) => arrivals.filter((one) => one.at >= at && one.at < at + 1000).length),
      ),
  };
}

const refusedOf = (arrivals: readonly { readonly status: number }[]): number =>
  arrivals.filter(({ status }) => status === 429).length;

const image = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const callsOf = (client: CozeClient) => ({
  list: () => collect(client.workspaces.list()),
  upload: () => client.files.upload("a.png", image),
});

describe("calls are made at the pace that is allowed, and none is refused", () => {
  test.each([
    ["five a second", 5, 100],
    ["three a second", 3, 60],
    ["forty a second", 40, 240],
    ["one in two seconds", 0.5, 20],
  ])("%s of all operations", async (_what, perSecond, calls) => {
    const race = createRace({ limits: { perSecond }, options: { requestsPerSecond: perSecond } });
    const { list } = callsOf(race.client);
    expect(await race.callAll(calls, list)).toEqual([]);
    expect(race.refusals()).toBe(0);
    expect(race.peak()).toBeLessThanOrEqual(Math.max(1, perSecond));
    expect(race.pace() / perSecond).toBeGreaterThan(0.95);
  });

  test("ten uploads a second, which the reference allows", async () => {
    const race = createRace({ limits: publishedLimits, options: { requestsPerSecond: 100 } });
    const { upload } = callsOf(race.client);
    expect(await race.callAll(120, upload)).toEqual([]);
    expect(race.refusals()).toBe(0);
    expect(race.peak()).toBe(10);
    expect(race.pace() / 10).toBeGreaterThan(0.95);
  });

  test("as many of an operation as the environment says, and others beside it", async () => {
    const limits = { perSecond: 12, operations: { upload_files: 4 } };
    const race = createRace({
      limits,
      options: { requestsPerSecond: 12, operationsPerSecond: limits.operations },
    });
    const { list, upload } = callsOf(race.client);
    expect(await race.callAll(120, (index) => (index % 3 === 0 ? upload() : list()))).toEqual([]);
    expect(race.refusals()).toBe(0);
    expect(race.pace() / 12).toBeGreaterThan(0.95);
  });

  test("also when requests are on their way for times that differ by 25 ms", async () => {
    const travel = (count: number) => 40 + ((count * 7919) % 26);
    const race = createRace({ limits: { perSecond: 5 }, travel });
    const { list } = callsOf(race.client);
    expect(await race.callAll(100, list)).toEqual([]);
    expect(race.refusals()).toBe(0);
    expect(race.pace() / 5).toBeGreaterThan(0.95);
  });
});

test("a request that is on its way for a fifth of a second longer makes no later one too early", async () => {
  const travel = (count: number) => (count === 150 ? 240 : 40);
  const limits = { perSecond: 20 };
  const race = createRace({ limits, options: { requestsPerSecond: 20 }, travel });
  expect(await race.callAll(240, callsOf(race.client).list)).toEqual([]);
  expect(race.refusals()).toBe(0);
  expect(race.pace() / 20).toBeGreaterThan(0.95);
});

test("calls that waited for a token go out one by one when it is there", async () => {
  const { client, refusals, callAll } = createRace({
    limits: { perSecond: 5 },
    tokenMs: 2000,
  });
  expect(await callAll(40, callsOf(client).list)).toEqual([]);
  expect(refusals()).toBe(0);
});

describe("when Coze allows less than was thought", () => {
  test("the pace comes near to what it allows, with few refusals", async () => {
    const race = createRace({ limits: { perSecond: 2 } });
    const { list } = callsOf(race.client);
    expect(await race.callAll(200, list)).toEqual([]);
    expect(race.refusals()).toBeLessThanOrEqual(10);
    expect(race.pace() / 2).toBeGreaterThan(0.9);
  });

  test("of all operations together", async () => {
    const race = createRace({ limits: { perSecond: 2 } });
    const { list, upload } = callsOf(race.client);
    expect(await race.callAll(200, (index) => (index % 3 === 0 ? upload() : list()))).toEqual([]);
    expect(race.refusals()).toBeLessThanOrEqual(10);
    expect(race.pace() / 2).toBeGreaterThan(0.9);
  });

  test("of one operation, the others keep their pace", async () => {
    const race = createRace({ limits: { operations: { upload_files: 1 } } });
    const { list, upload } = callsOf(race.client);
    expect(await race.callAll(100, (index) => (index % 10 < 2 ? upload() : list()))).toEqual([]);
    expect(race.refusals()).toBeGreaterThan(0);
    expect(race.refusals()).toBeLessThanOrEqual(10);
    expect(race.pace() / 5).toBeGreaterThan(0.8);
  });
});
