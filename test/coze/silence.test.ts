import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type CozeClientOptions, createCozeClient } from "../../src/coze/client.ts";
import { type Silence, type SilentCall, watchSilence } from "../../src/coze/http/silence.ts";
import { respondJson, serveHttp } from "../support/http-server.ts";
import { answer, clientOf, failureOf, fakeClock } from "./answers.ts";

/** A server that gives no answer until it is told to, and then the same to all. */
async function serveSilence(body: object) {
  const waiting: (() => void)[] = [];
  let speaks = false;
  const server = await serveHttp((_request, response) => {
    const respond = () => respondJson(response, body);
    if (speaks) respond();
    else waiting.push(respond);
  });
  const speak = () => {
    speaks = true;
    for (const respond of waiting.splice(0)) respond();
  };
  return { ...server, speak };
}

const connect = (baseUrl: string, more: Partial<CozeClientOptions>) =>
  createCozeClient({
    baseUrl,
    token: "pat_secret",
    requestsPerSecond: Number.POSITIVE_INFINITY,
    silenceMs: 20,
    ...more,
  });

/** The silences that are told of until so many calls are silent together; then the server speaks. */
function listen(server: { speak(): void }, calls: number) {
  const told: (readonly SilentCall[])[] = [];
  const onSilence = (silence: Silence) => {
    if (silence.type !== "no-answer") return;
    told.push(silence.calls);
    if (silence.calls.length === calls) server.speak();
  };
  return { told, onSilence };
}

describe("a server that is silent", () => {
  test("is told of until it answers, with what is tried next", async () => {
    const server = await serveSilence({ code: 0, data: { bot_mode: 0 } });
    const { told, onSilence } = listen(server, 1);
    await connect(server.url, { onSilence }).bots.get("1", false);
    const call = {
      operation: "get_metadata_draft_published",
      silentMs: expect.any(Number),
      timeoutMs: 60_000,
    };
    expect(told[0]).toEqual([{ ...call, attempt: 1, attempts: 4, next: "retry" }]);
    expect(told[0]?.[0]?.silentMs).toBeGreaterThanOrEqual(20);
  });

  test("is told of once for all calls that wait", async () => {
    const server = await serveSilence({ code: 0, data: { bot_id: "1", id: "1" } });
    const { told, onSilence } = listen(server, 3);
    const client = connect(server.url, { onSilence });
    await Promise.all([
      client.bots.get("1", false),
      client.bots.create({ space_id: "1", name: "a" }),
      client.copyTasks.get("1"),
    ]);
    const all = told.find(({ length }) => length === 3) ?? [];
    expect(all.map(({ operation, next }) => `${operation}: ${next}`).sort()).toEqual([
      "create_bot: look",
      "get_metadata_draft_published: retry",
      "query_resource_copy_execution_result: poll",
    ]);
  });

  test("gives up an attempt in the end, and the last one for good", async () => {
    const server = await serveSilence({});
    const seen: string[] = [];
    const onSilence = (silence: Silence) => {
      if (silence.type === "no-answer")
        seen.push(...silence.calls.map(({ attempt, next }) => `${attempt} ${next}`));
    };
    const client = connect(server.url, { onSilence, timeoutMs: 100, clock: fakeClock() });
    expect(await failureOf(client.bots.get("1", false))).toMatchObject({ name: "ConnectionLost" });
    expect([...new Set(seen)]).toEqual(["1 retry", "2 retry", "3 retry", "4 fail"]);
  });

  test("isn't told of where it answers in time", async () => {
    const told: Silence[] = [];
    const { client } = clientOf([{ data: {} }], { onSilence: (silence) => told.push(silence) });
    await client.bots.get("1", false);
    expect(told).toEqual([]);
  });
});

describe("silence is counted", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const call = (operation: string) => ({
    operation,
    timeoutMs: 60_000,
    attempt: 1,
    attempts: 4,
    next: "retry" as const,
  });
  const listenTo = () => {
    const told: string[] = [];
    const watch = watchSilence((silence) => {
      if (silence.type === "pause") return told.push(`${silence.pause.operation} pauses`);
      return told.push(silence.calls.map((one) => `${one.operation} ${one.silentMs}`).join(", "));
    }, 10_000);
    return { told, watch };
  };

  test("from the last byte that came", () => {
    const { told, watch } = listenTo();
    const attempt = watch.begin(call("a"));
    jest.advanceTimersByTime(6000);
    attempt.received();
    jest.advanceTimersByTime(9999);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(["a 10000"]);
  });

  test("from the beginning of an answer that comes in drips, once it has taken twenty seconds", () => {
    const { told, watch } = listenTo();
    const attempt = watch.begin(call("a"));
    for (let second = 0; second < 35; second += 1) {
      jest.advanceTimersByTime(1000);
      attempt.received();
    }
    attempt.end();
    expect(told).toEqual(["a 20000", "a 30000"]);
  });

  test("every ten seconds, for all that are silent by then together", () => {
    const { told, watch } = listenTo();
    watch.begin(call("a"));
    jest.advanceTimersByTime(4000);
    watch.begin(call("b"));
    jest.advanceTimersByTime(26_000);
    expect(told).toEqual(["a 10000", "a 20000, b 16000", "a 30000, b 26000"]);
  });

  test("for a call that began later from its own beginning", () => {
    const { told, watch } = listenTo();
    const first = watch.begin(call("a"));
    jest.advanceTimersByTime(4000);
    watch.begin(call("b"));
    jest.advanceTimersByTime(4000);
    first.end();
    jest.advanceTimersByTime(6000);
    expect(told).toEqual(["b 10000"]);
  });

  test("with no timer left when nothing is waited for", () => {
    const { watch } = listenTo();
    const [a, b] = [watch.begin(call("a")), watch.begin(call("b"))];
    a.end();
    expect(jest.getTimerCount()).toBe(1);
    b.end();
    expect(jest.getTimerCount()).toBe(0);
  });

  test("once for pauses that end together", () => {
    const { told, watch } = listenTo();
    const pause = { ms: 45_000, asked: true, attempt: 2, attempts: 8 };
    watch.pause({ ...pause, operation: "a" }, 0);
    watch.pause({ ...pause, operation: "b" }, 500);
    watch.pause({ ...pause, operation: "c", ms: 9000 }, 1000);
    watch.pause({ ...pause, operation: "d" }, 60_000);
    expect(told).toEqual(["a pauses", "d pauses"]);
  });
});

describe("a long pause before a retry", () => {
  const busy = (retryAfter: string) =>
    answer(429, { code: 4013, msg: "busy" }, { "retry-after": retryAfter });

  test("is told of when it begins", async () => {
    const told: Silence[] = [];
    const { client } = clientOf([busy("45"), busy("3"), { data: { bot_id: "1" } }], {
      onSilence: (silence) => told.push(silence),
    });
    await client.bots.create({ space_id: "1", name: "a" });
    const pause = { operation: "create_bot", ms: 45_000, asked: true, attempt: 2, attempts: 8 };
    expect(told).toEqual([{ type: "pause", pause }]);
  });

  /** A clock whose pauses end only when their signal fires. */
  const patientClock = (onSleep: () => void) => ({
    now: () => 1_700_000_000_000,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        signal?.addEventListener("abort", () => resolve(), { once: true });
        onSleep();
      }),
  });

  test("ends when no more retries are wanted: the call fails as its last attempt did", async () => {
    const ending = new AbortController();
    const { client, requests } = clientOf([busy("45"), { data: { bot_id: "1" } }], {
      noMoreRetries: ending.signal,
      clock: patientClock(() => ending.abort()),
    });
    expect(await failureOf(client.bots.create({ space_id: "1", name: "a" }))).toMatchObject({
      name: "RateLimited",
      code: 4013,
      outcome: "none",
    });
    expect(requests).toHaveLength(1);
  });

  test("isn't begun then, while what is in flight gets its answer and what comes later is sent", async () => {
    const ending = new AbortController();
    const server = await serveHttp((_request, response) => {
      if (server.seen.length === 1) ending.abort();
      if (server.seen.length < 3) return respondJson(response, { code: 0, data: { bot_id: "7" } });
      response.writeHead(503, { "content-type": "text/html" });
      return response.end("<html>");
    });
    const client = connect(server.url, { noMoreRetries: ending.signal });
    expect(await client.bots.create({ space_id: "1", name: "a" })).toBe("7");
    expect(await client.bots.create({ space_id: "1", name: "b" })).toBe("7");
    expect(await failureOf(client.bots.get("7", false))).toMatchObject({ name: "ServerError" });
    expect(server.seen).toHaveLength(3);
  });
});
