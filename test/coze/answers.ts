import { type CozeClient, type CozeClientOptions, createCozeClient } from "../../src/coze/client.ts";
import type { Clock } from "../../src/coze/clock.ts";

/** What a fake Coze answers: a body with HTTP 200, a whole response, or an error thrown by fetch. */
export type Reply = object | string | Response | Error;

/** A client of a fake Coze that gives these answers one after the other, and what it was asked. */
export function clientOf(
  replies: readonly Reply[],
  options: Partial<CozeClientOptions> = {},
): { readonly client: CozeClient; readonly requests: Request[]; readonly clock: FakeClock } {
  const requests: Request[] = [];
  const clock = fakeClock();
  const client = createCozeClient({
    baseUrl: "https://api.coze.test",
    token: "pat_secret",
    requestsPerSecond: Number.POSITIVE_INFINITY,
    clock,
    random: () => 0,
    fetch: async (request) => {
      requests.push(request.clone());
      const reply = replies[requests.length - 1] ?? new Error("no more answers");
      if (reply instanceof Error) throw reply;
      if (reply instanceof Response) return reply;
      return answer(200, reply);
    },
    ...options,
  });
  return { client, requests, clock };
}

/** An answer with a status and headers: JSON, or another text as a web page. */
export function answer(
  status: number,
  body: object | string,
  headers: Record<string, string> = {},
): Response {
  const type = typeof body === "string" && body.startsWith("<") ? "text/html" : "application/json";
  return new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": type, ...headers },
  });
}

export interface FakeClock extends Clock {
  /** How long each sleep was, in milliseconds. */
  readonly sleeps: number[];
}

/** A clock that stands still except for sleeps, which take no time. */
export function fakeClock(start = 1_700_000_000_000): FakeClock {
  let now = start;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(Math.round(ms));
      now += ms;
    },
  };
}

/** What a call throws. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error,
  );
}

/** All items of a list. */
export async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}
