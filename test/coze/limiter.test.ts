import { describe, expect, test } from "@jest/globals";
import { CallsSpent, RateLimited } from "../../src/coze/error-classes.ts";
import { createLimiter, type Limits } from "../../src/coze/http/limiter.ts";
import type { Operation } from "../../src/coze/http/operation.ts";
import { createEventClock } from "../support/event-clock.ts";

const read: Operation = { name: "read", method: "GET", path: "/", write: false, repeatable: true };
const upload: Operation = { ...read, name: "upload", perSecond: 2 };
const add: Operation = { ...read, name: "add_member", serial: "members" };
const remove: Operation = { ...read, name: "remove_member", serial: "members" };

const pace: Limits = { requestsPerSecond: 5 };

/** A limiter whose requests take 50 ms, and when each started, in milliseconds from the first, to the nearest ten. */
function createRuns(limits: Limits) {
  const clock = createEventClock(0);
  const limiter = createLimiter(limits, clock);
  const starts: { readonly name: string; readonly at: number }[] = [];
  const request = async ({
    operation = read,
    refusal,
  }: {
    operation?: Operation;
    refusal?: RateLimited;
  } = {}) => {
    const admission = await limiter.admit(operation);
    starts.push({ name: operation.name, at: Math.round(clock.now() / 10) * 10 });
    await clock.sleep(50);
    admission.end(refusal);
  };
  return { clock, limiter, starts, request, at: () => starts.map((one) => one.at) };
}

const refused = (facts: { code?: number; httpStatus?: number; retryAfterMs?: number }) =>
  new RateLimited("", { operation: "read", outcome: "none", ...facts });

describe("the limiter", () => {
  test("spaces out requests evenly, a little slower than is allowed", async () => {
    const { clock, request, at } = createRuns(pace);
    await clock.run(Promise.all([1, 2, 3, 4, 5, 6].map(() => request())));
    expect(at()).toEqual([0, 210, 410, 610, 820, 1020]);
  });

  test("never waits without a limit", async () => {
    const { clock, request, at } = createRuns({ requestsPerSecond: Number.POSITIVE_INFINITY });
    await clock.run(Promise.all([1, 2, 3].map(() => request({ operation: upload }))));
    expect(at()).toEqual([0, 0, 0]);
  });

  test("keeps an operation to its own limit, and lets others pass meanwhile, each in its turn", async () => {
    const { clock, request, starts } = createRuns(pace);
    const asked = [upload, upload, upload, read, read];
    await clock.run(Promise.all(asked.map((operation) => request({ operation }))));
    expect(starts).toEqual([
      { name: "upload", at: 0 },
      { name: "read", at: 210 },
      { name: "read", at: 410 },
      { name: "upload", at: 610 },
      { name: "upload", at: 1020 },
    ]);
  });

  test("an environment's word for an operation counts in place of what is known of it", async () => {
    const { clock, request, at } = createRuns({ ...pace, operations: { upload: 5 } });
    await clock.run(Promise.all([1, 2].map(() => request({ operation: upload }))));
    expect(at()).toEqual([0, 210]);
  });

  test("makes calls one at a time where Coze refuses more, whatever else goes on", async () => {
    const { clock, starts, request } = createRuns({ requestsPerSecond: 1000 });
    await clock.run(Promise.all([add, remove, read, add].map((operation) => request({ operation }))));
    expect(starts.map(({ name, at }) => `${name} ${at}`)).toEqual([
      "add_member 0",
      "read 0",
      "remove_member 50",
      "add_member 100",
    ]);
  });

  test("a pause that Coze asks for is kept by all, and they don't start together after it", async () => {
    const { clock, request, at } = createRuns(pace);
    const refusal = refused({ httpStatus: 429, code: 4013, retryAfterMs: 3000 });
    await clock.run(Promise.all([request({ refusal }), request(), request(), request()]));
    expect(at()).toEqual([0, 3050, 3460, 3870]);
  });

  test.each<[string, Parameters<typeof refused>[0], readonly number[]]>([
    ["many calls at once", { httpStatus: 429, code: 4013 }, [0, 410, 820]],
    ["many calls, in HTTP 200", { code: 4013, httpStatus: 200 }, [0, 210, 410]],
    ["many users at present", { code: 4009 }, [0, 210, 410]],
  ])("after a refusal of too %s requests start at %p", async (_what, facts, starts) => {
    const { clock, request, at } = createRuns(pace);
    await clock.run(Promise.all([request({ refusal: refused(facts) }), request(), request()]));
    expect(at()).toEqual(starts);
  });

  test("a model's own limit is no matter of other operations", async () => {
    const { clock, request, starts } = createRuns({ requestsPerSecond: 10 });
    const refusal = refused({ httpStatus: 429, code: 4020, retryAfterMs: 2000 });
    const model: Operation = { ...read, name: "model" };
    const asked = [
      request({ operation: model, refusal }),
      request(),
      request(),
      request({ operation: model }),
    ];
    await clock.run(Promise.all(asked));
    expect(starts.map(({ name, at }) => `${name} ${at}`)).toEqual([
      "model 0",
      "read 100",
      "read 210",
      "model 2050",
    ]);
  });

  test.each([
    ["within ten seconds slow down all others", 9900, 400],
    ["more than ten seconds apart concern only themselves", 10_100, 200],
  ])("refusals of two operations %s", async (_what, apart, gap) => {
    const { clock, request, at } = createRuns(pace);
    const refusal = refused({ httpStatus: 429, code: 4013 });
    const [first = read, second = read, other = read] = ["first", "second", "other"].map((name) => ({
      ...read,
      name,
    }));
    await clock.run(request({ operation: first, refusal }));
    await clock.run(clock.sleep(apart));
    await clock.run(request({ operation: second, refusal }));
    await clock.run(Promise.all([request({ operation: other }), request({ operation: other })]));
    const [begun = 0, next = 0] = at().slice(2);
    expect(Math.round((next - begun) / 100) * 100).toBe(gap);
  });

  test("comes back to its pace step by step", async () => {
    const { clock, request, at } = createRuns(pace);
    const requests = async () => {
      await request({ refusal: refused({ httpStatus: 429, code: 4013 }) });
      for (let count = 0; count < 60; count += 1) await request();
    };
    await clock.run(requests());
    const gaps = at().map((one, index) => one - (at()[index - 1] ?? 0));
    const mean = (from: number, to: number) =>
      gaps.slice(from, to).reduce((sum, gap) => sum + gap, 0) / (to - from);
    expect([mean(1, 6), mean(6, 11), mean(50, 60)].map(Math.round)).toEqual([408, 354, 204]);
  });

  test("waits no longer when the machine's clock is put back an hour", async () => {
    const clock = createEventClock();
    const begun = clock.now();
    let shift = 0;
    const limiter = createLimiter(pace, { now: () => clock.now() + shift, sleep: clock.sleep });
    const requests = async () => {
      for (const back of [0, 0, 3600_000, 0, 0]) {
        shift -= back;
        (await limiter.admit(read)).end();
      }
    };
    await clock.run(requests());
    expect(Math.round(clock.now() - begun)).toBe(817);
  });

  test("lets go of who waits when the signal aborts", async () => {
    const { limiter } = createRuns({ requestsPerSecond: 1 });
    const controller = new AbortController();
    await limiter.admit(read, controller.signal);
    const waiting = limiter.admit(read, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow();
    await expect(limiter.admit(read, controller.signal)).rejects.toThrow();
  });

  test("lets no more through than the run may make, and tells whoever waits at once", async () => {
    const { clock, limiter, request } = createRuns({ ...pace, calls: 2 });
    const results = await clock.run(Promise.allSettled([request(), request(), request(), request()]));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
    expect(limiter.callsLeft()).toBe(0);
    expect(Math.round(clock.now())).toBe(255);
    await expect(limiter.admit(read)).rejects.toThrow(CallsSpent);
  });
});
