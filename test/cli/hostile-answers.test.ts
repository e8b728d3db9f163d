import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { describeSilence } from "../../src/cli/log.ts";
import { respondJson, serveHttp } from "../support/http-server.ts";
import { createConsole, smallProject } from "./console.ts";

const readsWorkspaces = "plan --endpoint";

/** A plan against a server that answers everything with this. */
async function planAgainst(respond: (response: ServerResponse, asked: number) => void) {
  const server = await serveHttp((_request, response) => respond(response, server.seen.length));
  const { sh } = createConsole(smallProject, {}, { fetch: globalThis.fetch });
  return { ...(await sh(`${readsWorkspaces} ${server.url}`)), seen: server.seen };
}

describe("a plan against a server that isn't what it should be", () => {
  test("ends when an answer is larger than 64 MiB", async () => {
    const block = Buffer.alloc(1024 * 1024, " ");
    const { code, err, seen } = await planAgainst((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      for (let sent = 0; sent < 65; sent += 1) response.write(block);
      response.end("{}");
    });
    expect(err).toBe(
      "error: list_workspace: the answer (HTTP 200) is larger than 64 MiB\n" +
        "  manifests/desk.yaml:1:1  Workspace.desk\n" +
        "  hint: Coze's API sends no answers of that size: check the endpoint and any proxy in between\n",
    );
    expect({ code, calls: seen.length }).toEqual({ code: 1, calls: 1 });
  });

  test("ends when a list has no end", async () => {
    const { code, err, seen } = await planAgainst((response, asked) =>
      respondJson(response, {
        code: 0,
        data: {
          workspaces: Array.from({ length: asked === 1 ? 50 : 1 }, (_, index) => ({
            id: `${asked}-${index}`,
            name: "a",
          })),
          total_count: asked > 20 ? 0 : 100,
        },
      }),
    );
    expect(code).toBe(1);
    expect(err).toContain(
      "error: list_workspace: Coze's answer can't be understood: the list doesn't end: 3 pages were read, 52 items\n",
    );
    expect(seen).toHaveLength(3);
  });

  test("ends when an id could lead elsewhere", async () => {
    const { code, err, seen } = await planAgainst((response) =>
      respondJson(response, {
        code: 0,
        data: { workspaces: [{ id: "1/members", name: "客服空间" }], total_count: 1 },
      }),
    );
    expect(code).toBe(1);
    expect(err).toContain("the `id` of an item isn't an id\n");
    expect(seen).toHaveLength(1);
  });

  test("ends when answers are no JSON by their own word", async () => {
    const { code, err } = await planAgainst((response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end('{"code":0,"data":{"workspaces":[],"total_count":0}}');
    });
    expect(code).toBe(1);
    expect(err).toContain("HTTP 200 with content of type text/html instead of an answer");
  });

  test("takes no token to the host that a redirection names", async () => {
    const other = await serveHttp((_request, response) => respondJson(response, { code: 0 }));
    const { code, err } = await planAgainst((response) => {
      response.writeHead(302, { location: other.url });
      response.end();
    });
    expect(code).toBe(1);
    expect(err).toContain(`HTTP 302 redirects to ${other.url}/ instead of an answer`);
    expect(other.seen).toEqual([]);
  });

  test("shows no more than a screen of what the server says", async () => {
    const { code, err } = await planAgainst((response) =>
      respondJson(response, {
        code: 4000,
        msg: "长".repeat(1_000_000),
        detail: { logid: "L".repeat(100_000) },
      }),
    );
    expect(code).toBe(1);
    expect(err).toMatch(/长… \(999,\d\d\d more characters\) \(logid L{128}\)\n/);
    expect(err.length).toBeLessThan(1500);
  });
});

describe("silence", () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test("is told of after ten seconds, with what is tried next", async () => {
    const waiting: ServerResponse[] = [];
    let arrived = (): void => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = await serveHttp((_request, response) => {
      waiting.push(response);
      arrived();
    });
    const { sh } = createConsole(smallProject, {}, { fetch: globalThis.fetch });
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "Date"] });
    const planned = sh(`${readsWorkspaces} ${server.url}`);
    await arrival;
    jest.advanceTimersByTime(25_000);
    for (const response of waiting.splice(0)) {
      respondJson(response, { code: 0, data: { workspaces: [], total_count: 0 } });
    }
    for (let ended = false; !ended; ) {
      ended = await Promise.race([planned.then(() => true), setImmediate(false)]);
    }
    const { code, err } = await planned;
    const line = (seconds: number) =>
      `No complete answer to list_workspace for ${seconds} s; giving up on this attempt after 60 s, then trying again (attempt 1 of 4).\n`;
    expect(err).toBe(line(10) + line(20));
    expect(code).toBe(0);
  });

  const call = { operation: "list_bots", silentMs: 10_000, timeoutMs: 60_000, attempt: 1, attempts: 4 };
  const one = { ...call, next: "retry" } as const;
  const pause = { operation: "list_bots", ms: 45_000, asked: true, attempt: 2, attempts: 8 };

  test.each([
    [
      [one],
      "No complete answer to list_bots for 10 s; giving up on this attempt after 60 s, then trying again (attempt 1 of 4).",
    ],
    [
      [{ ...one, operation: "create_bot", attempts: 1, next: "look" } as const],
      "No complete answer to create_bot for 10 s; giving up on this attempt after 60 s, then checking whether it took effect.",
    ],
    [
      [{ ...one, attempts: 1, next: "poll" } as const],
      "No complete answer to list_bots for 10 s; giving up on this attempt after 60 s, then asking again.",
    ],
    [
      [{ ...one, attempt: 4, next: "fail" } as const],
      "No complete answer to list_bots for 10 s; giving up on this attempt after 60 s, which is the last of 4.",
    ],
    [
      [{ ...one, silentMs: 20_400 }, { ...one, operation: "create_bot" }, one],
      "No complete answer to 3 calls (list_bots, create_bot) for 20 s; giving up on the first after 60 s, then trying again (attempt 1 of 4).",
    ],
    [
      ["a", "b", "c", "d"].map((operation) => ({ ...one, operation })),
      "No complete answer to 4 calls (a, b, c, …) for 10 s; giving up on the first after 60 s, then trying again (attempt 1 of 4).",
    ],
  ])("is told of in words: %#", (calls, line) => {
    expect(describeSilence({ type: "no-answer", calls })).toBe(line);
  });

  test.each([
    [pause, "Coze asked to wait 45 s before list_bots is tried again (attempt 2 of 8)."],
    [{ ...pause, asked: false }, "Waiting 45 s before list_bots is tried again (attempt 2 of 8)."],
  ])("of a pause is told in words: %#", (one, line) => {
    expect(describeSilence({ type: "pause", pause: one })).toBe(line);
  });
});

test("an interruption ends the pause before a retry, and the apply with it", async () => {
  let interrupt = (): void => {};
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { method } = new Request(input, init);
    const body =
      method === "POST" ? { code: 4013, msg: "busy" } : { data: { workspaces: [], total_count: 0 } };
    return Response.json(body, { headers: method === "POST" ? { "retry-after": "45" } : {} });
  };
  let now = Date.UTC(2026, 0, 5, 8);
  const clock = {
    now: () => now,
    // Of long pauses none ends by itself; the first interruption comes in the middle of the first.
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (ms < 10_000 || signal?.aborted) {
          now += ms;
          return resolve();
        }
        signal?.addEventListener("abort", () => resolve(), { once: true });
        return interrupt();
      }),
  };
  const console = createConsole(smallProject, {}, { fetch, clock });
  interrupt = console.interrupt;
  const { code, out, err } = await console.sh("apply --auto-approve");
  expect(err).toContain(
    "Coze asked to wait 45 s before create_workspace is tried again (attempt 2 of 8).\n" +
      "Interrupted: finishing the steps in progress. Press Ctrl-C again to stop now.\n",
  );
  expect(out).toContain("Workspace.desk  create_workspace, code 4013: too many calls: busy");
  expect(code).not.toBe(0);
});
