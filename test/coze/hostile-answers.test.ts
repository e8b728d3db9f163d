import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { excerpt } from "../../src/core/excerpt.ts";
import { type CozeClient, type CozeClientOptions, createCozeClient } from "../../src/coze/client.ts";
import type { CozeError } from "../../src/coze/error-classes.ts";
import { fillPath } from "../../src/coze/http/exchange.ts";
import { reading } from "../../src/coze/http/operation.ts";
import { asId } from "../../src/coze/http/response.ts";
import { respondJson, serveHttp } from "../support/http-server.ts";
import { answer, clientOf, collect, failureOf, fakeClock } from "./answers.ts";

const connect = (baseUrl: string, more: Partial<CozeClientOptions> = {}): CozeClient =>
  createCozeClient({
    baseUrl,
    token: "pat_secret",
    clock: fakeClock(),
    random: () => 0,
    requestsPerSecond: Number.POSITIVE_INFINITY,
    ...more,
  });

const mebibyte = 1024 * 1024;
const creation = { space_id: "1", name: "a" };

describe("an answer of any size", () => {
  const endless = async () => {
    let sent = 0;
    const server = await serveHttp((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const block = Buffer.alloc(mebibyte, "x");
      const more = (): void => {
        while (!response.destroyed && sent < 512) {
          sent += 1;
          if (!response.write(block)) {
            response.once("drain", more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    return { ...server, sent: () => sent };
  };

  test("is read up to 64 MiB: then the connection is closed and the call fails for good", async () => {
    const { url, seen, sent } = await endless();
    const error = await failureOf(connect(url).bots.get("1", false));
    expect(error).toMatchObject({
      name: "BadAnswer",
      message: "the answer (HTTP 200) is larger than 64 MiB",
      hint: "Coze's API sends no answers of that size: check the endpoint and any proxy in between",
      outcome: "none",
      final: true,
    });
    expect(seen).toHaveLength(1);
    expect(sent()).toBeLessThan(512);
  });

  test("leaves a write's outcome unknown when it is too large", async () => {
    const { url, seen } = await endless();
    const error = await failureOf(connect(url).datasets.remove("1"));
    expect(error).toMatchObject({ name: "BadAnswer", outcome: "unknown" });
    expect(seen).toHaveLength(1);
  });

  test("is counted after decompression: 2 GiB of blanks in 2 MB take no memory", async () => {
    const part = gzipSync(Buffer.alloc(64 * mebibyte, " "));
    const bomb = Buffer.concat(Array.from({ length: 32 }, () => part));
    const { url, seen } = await serveHttp((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(bomb);
    });
    const before = process.resourceUsage().maxRSS;
    const error = (await failureOf(connect(url).bots.get("1", false))) as CozeError;
    expect(error.message).toContain("larger than 64 MiB");
    expect(seen).toHaveLength(1);
    // Kibibytes: the most memory that this process ever held.
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(512 * 1024);
  });
});

describe("a list without an end", () => {
  /** Items that no page had before, of a server that stops only where a client should have. */
  const serveList = async (page: (ids: () => string, asked: number) => object) => {
    let made = 0;
    const makeId = () => {
      made += 1;
      return String(made);
    };
    const server = await serveHttp((_request, response) => {
      const items = server.seen.length > 2500 ? {} : page(makeId, server.seen.length);
      respondJson(response, { code: 0, data: { total_count: 0, ...items } });
    });
    return server;
  };
  const many = (count: number, make: () => object) => Array.from({ length: count }, make);

  test.each([
    [
      "has neither a total nor has_more",
      (ids: () => string) => ({ items: many(20, () => ({ id: ids() })) }),
      (client: CozeClient) => client.bots.list({ workspace_id: "1", publish_status: "all" }),
      "2,000 pages were read, 40,000 items",
    ],
    [
      "always has more",
      (ids: () => string) => ({ items: [{ workflow_id: ids() }], has_more: true }),
      (client: CozeClient) => client.workflows.list("1", "all"),
      "2,000 pages were read, 2,000 items",
    ],
    [
      "always names a next page",
      (ids: () => string) => ({ items: [{ id: ids() }], has_more: true, next_page_token: ids() }),
      (client: CozeClient) => client.callbackApps.list(),
      "2,000 pages were read, 2,000 items",
    ],
    [
      "grows while it is read",
      (ids: () => string, asked: number) => ({
        workspaces: many(2, () => ({ id: ids() })),
        total_count: asked * 1000,
      }),
      (client: CozeClient) => client.workspaces.list(),
      "2,000 pages were read, 4,000 items",
    ],
  ])("is given up when it %s", async (_title, page, list, read) => {
    const { url, seen } = await serveList(page);
    const error = await failureOf(collect<unknown>(list(connect(url))));
    expect(error).toMatchObject({
      name: "UnexpectedAnswer",
      message: `Coze's answer can't be understood: the list doesn't end: ${read}`,
      hint: "run again; if the error persists, check the endpoint and any proxy in between, and report it with the logid",
    });
    expect(seen).toHaveLength(2000);
  });

  test("is read for no more pages than its newest total and its fullest page allow, and one more", async () => {
    const { url, seen } = await serveList((ids, asked) => ({
      workspaces: many(asked === 1 ? 50 : 1, () => ({ id: ids() })),
      total_count: asked < 3 ? 100 : 160,
    }));
    const error = (await failureOf(collect(connect(url).workspaces.list()))) as CozeError;
    expect(error.message).toContain("5 pages were read, 54 items");
    expect(seen).toHaveLength(5);
  });

  test("may have a token for its next page of 4,096 characters and not one more", async () => {
    const page = (length: number) => ({
      data: { items: [{ id: String(length) }], has_more: true, next_page_token: "t".repeat(length) },
    });
    const { client, requests } = clientOf([page(4096), page(4097)]);
    const error = (await failureOf(collect(client.callbackApps.list()))) as CozeError;
    expect(error.message).toContain("`next_page_token` is longer than 4096 characters");
    expect(requests).toHaveLength(2);
  });
});

describe("what an answer calls an id", () => {
  test.each([
    ["7386942056030100481", "7386942056030100481"],
    [42, "42"],
    ["Ab_c-1", "Ab_c-1"],
    ["x".repeat(64), "x".repeat(64)],
    ["x".repeat(65), undefined],
    ["..", undefined],
    ["1/../2", undefined],
    ["1?a=b", undefined],
    ["1\n", undefined],
    ["%2e%2e", undefined],
    ["一", undefined],
    ["", undefined],
  ])("%j counts as %j", (value, id) => {
    expect(asId(value)).toBe(id);
  });

  test("fails a list when it could lead elsewhere", async () => {
    const { client } = clientOf([{ data: { workspaces: [{ id: "../9" }], total_count: 1 } }]);
    const error = await failureOf(collect(client.workspaces.list()));
    expect(error).toMatchObject({
      name: "UnexpectedAnswer",
      message: "Coze's answer can't be understood: the `id` of an item isn't an id",
    });
  });

  test("fails a creation, with an outcome that isn't known, when it is longer than any", async () => {
    const { client } = clientOf([{ data: { bot_id: "1".repeat(65) } }]);
    expect(await failureOf(client.bots.create(creation))).toMatchObject({
      message: "Coze's answer can't be understood: `data.bot_id` isn't an id",
      outcome: "unknown",
    });
  });

  test("names an event by words with dots, as subscriptions do", async () => {
    const { client } = clientOf([{ data: { items: [{ event_type: "bot.published" }], has_more: false } }]);
    expect(await collect(client.callbackApps.listEvents("1"))).toEqual([{ event_type: "bot.published" }]);
  });
});

describe("an id in the address of a call", () => {
  const operation = reading("get_plugin", "GET", "/v1/toys/:toy_id/parts/:part_id");

  test("stands there as it is", () => {
    expect(fillPath(operation, { path: { toy_id: "7_a", part_id: "b-2" } })).toBe("/v1/toys/7_a/parts/b-2");
  });

  test.each(["..", "1/2", "1?x=1", "1#", "%2e%2e", "1 2", "", "x".repeat(65)])(
    "%j is refused before anything is sent",
    async (id) => {
      const { client, requests } = clientOf([{ data: {} }]);
      expect(await failureOf(client.bots.get(id, false))).toMatchObject({
        name: "BadRequest",
        message: expect.stringMatching(/^bot_id isn't an id: /),
        hint: expect.stringContaining("1 to 64 letters, digits, - and _"),
        operation: "get_metadata_draft_published",
        outcome: "none",
      });
      expect(requests).toEqual([]);
      expect(client.callCount()).toBe(0);
    },
  );
});

describe("Coze's own words", () => {
  test.each([
    ["short", 40, "short"],
    ["x".repeat(40), 40, "x".repeat(40)],
    ["x".repeat(12_353), 40, `${"x".repeat(8)}… (12,345 more characters)`],
    [`${"x".repeat(7)}😀${"x".repeat(91)}`, 40, `${"x".repeat(7)}… (93 more characters)`],
  ])("are cut with the number of characters left out", (text, most, shown) => {
    expect(excerpt(text, most)).toBe(shown);
  });

  test("are at most 1,000 characters of an error, whatever their length", async () => {
    const { client } = clientOf([{ code: 4000, msg: "长".repeat(mebibyte) }]);
    const error = (await failureOf(client.bots.get("1", false))) as CozeError;
    expect(error.message).toMatch(/^Coze rejected a parameter: 长+… \(1,047,\d\d\d more characters\)$/);
    expect(error.message.length).toBeLessThanOrEqual(1000);
    expect(error.said?.length).toBeLessThanOrEqual(1000);
  });

  test("show no part of a token at the place where they are cut", async () => {
    const msg = `${"x".repeat(960)} pat_secret ${"pat_secret ".repeat(100_000)}`;
    const { client } = clientOf([{ code: 4000, msg }]);
    const error = (await failureOf(client.bots.get("1", false))) as CozeError;
    expect(error.message).not.toContain("pat_");
  });

  test.each([
    ["in the body", answer(200, { code: 4200, detail: { logid: `\u001b[2J日志${"A".repeat(500)}` } })],
    ["in a header", answer(200, { code: 4200 }, { "x-tt-logid": `${"A".repeat(500)}` })],
  ])("name a logid %s by at most 128 printable characters", async (_where, reply) => {
    const { client } = clientOf([reply]);
    const { logid } = (await failureOf(client.bots.get("1", false))) as CozeError;
    expect(logid).toMatch(/^(\[2J)?A{125,128}$/);
    expect(logid).toHaveLength(128);
  });
});

describe("what calls itself", () => {
  const served = async (type: string | undefined, body: string, status = 200) =>
    serveHttp((_request, response) => {
      response.writeHead(status, type === undefined ? {} : { "content-type": type });
      response.end(body);
    });

  test.each([
    undefined,
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON",
    "text/json",
    "application/problem+json;a=b",
  ])("%j is read as JSON", async (type) => {
    const { url } = await served(type, '{"code":0,"data":{"bot_id":"1"}}');
    expect(await connect(url).bots.create(creation)).toBe("1");
  });

  test.each([
    ["text/html", '{"code":0,"data":{"bot_id":"1"}}', "text/html"],
    ["text/html; charset=utf-8", "<html>", "text/html"],
    ["text/plain", '{"code":0,"data":{"bot_id":"1"}}', "text/plain"],
    ["application/jsonp", "f({})", "application/jsonp"],
  ])("%s isn't an answer of the API", async (type, body, read) => {
    const { url, seen } = await served(type, body);
    expect(await failureOf(connect(url).bots.create(creation))).toMatchObject({
      name: "BadAnswer",
      message: `HTTP 200 with content of type ${read} instead of an answer of Coze's API`,
      outcome: "unknown",
    });
    expect(seen).toHaveLength(1);
  });

  test("text/html beside a failing status is a gateway's page, as it was", async () => {
    const { url } = await served("text/html", "<html>", 403);
    expect(await failureOf(connect(url).bots.create(creation))).toMatchObject({
      message: "HTTP 403 with a web page instead of an answer of Coze's API",
      outcome: "none",
    });
  });
});

test.each([301, 302, 303, 307, 308])(
  "a redirection with HTTP %i to another host gets no request and no token",
  async (status) => {
    const other = await serveHttp((_request, response) => respondJson(response, { code: 0 }));
    const { url, seen } = await serveHttp((_request, response) => {
      response.writeHead(status, { location: `${other.url}/v1/bot/create` });
      response.end();
    });
    expect(await failureOf(connect(url).bots.create(creation))).toMatchObject({
      name: "BadAnswer",
      outcome: "none",
      httpStatus: status,
    });
    expect(seen).toHaveLength(1);
    expect(other.seen).toEqual([]);
  },
);
