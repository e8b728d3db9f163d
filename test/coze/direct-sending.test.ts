import type { IncomingMessage, ServerResponse } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { createCozeClient } from "../../src/coze/client.ts";
import { explainConnectionError } from "../../src/coze/http/exchange.ts";
import { respondJson, serveHttp } from "../support/http-server.ts";
import { failureOf } from "./answers.ts";

/** A client of a server that answers with this, over real connections. */
async function clientAgainst(respond: (request: IncomingMessage, response: ServerResponse) => void) {
  const { url, seen } = await serveHttp(respond);
  return {
    client: createCozeClient({
      baseUrl: url,
      token: "pat_secret",
      requestsPerSecond: Number.POSITIVE_INFINITY,
    }),
    seen,
  };
}

const workspaces = { code: 0, data: { workspaces: [], total_count: 0 } };

/** Calls the API as a plan does, and returns what it said. */
const listWorkspaces = async (client: ReturnType<typeof createCozeClient>) => {
  for await (const page of client.workspaces.list()) return page;
  return [];
};

test("a write isn't sent on a connection that the server closed while the process was busy", async () => {
  const connections = new Set<IncomingMessage["socket"]>();
  const { client, seen } = await clientAgainst((request, response) => {
    connections.add(request.socket);
    respondJson(response, request.method === "GET" ? workspaces : { code: 0, data: { id: "7" } });
  });
  await Promise.all([listWorkspaces(client), listWorkspaces(client)]);
  // Until the event loop goes round, this process doesn't know of it.
  for (const socket of connections) socket.destroy();
  await client.workspaces.create({ name: "a", description: "" });
  expect(seen.map(({ method }) => method)).toEqual(["GET", "GET", "POST"]);
  expect(client.callCount()).toBe(3);
});

test("calls one after the other share a connection", async () => {
  const connections = new Set<IncomingMessage["socket"]>();
  const { client, seen } = await clientAgainst((request, response) => {
    connections.add(request.socket);
    respondJson(response, workspaces);
  });
  for (let call = 0; call < 3; call += 1) await listWorkspaces(client);
  expect({ calls: seen.length, connections: connections.size }).toEqual({ calls: 3, connections: 1 });
});

test("a connection that breaks before its answer leaves the outcome of a write unknown", async () => {
  const { client, seen } = await clientAgainst((request) => request.socket.destroy());
  const error = await failureOf(client.workspaces.create({ name: "a", description: "" }));
  expect(error).toMatchObject({
    name: "ConnectionLost",
    outcome: "unknown",
    message: expect.stringContaining("the connection was lost"),
  });
  expect(seen).toHaveLength(1);
});

test.each(["CONNECT_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT"])(
  "without a connection nothing was sent: %s",
  (code) => {
    const error = Object.assign(new Error(code), { code });
    expect(explainConnectionError(error, "https://api.coze.test")).toEqual({
      reason: "api.coze.test didn't answer in time",
      hint: "check the endpoint, and any firewall or proxy in between",
      unsent: true,
    });
  },
);

test("bodies have a length, also with DELETE", async () => {
  const lengths: (string | undefined)[] = [];
  const { client } = await clientAgainst((request, response) => {
    lengths.push(request.headers["content-length"]);
    respondJson(response, { code: 0, data: {} });
  });
  await client.members.remove("1", ["2"]);
  expect(lengths).toEqual([String(JSON.stringify({ user_ids: ["2"] }).length)]);
});

describe("a compressed answer", () => {
  const text = JSON.stringify({
    code: 0,
    data: { workspaces: [{ id: "1", name: "客服".repeat(5000) }], total_count: 1 },
  });
  const send = (coding: string, body: Buffer) =>
    clientAgainst((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": coding });
      response.end(body);
    });

  test.each([
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
    ["constructor", Buffer.from(text)],
  ])("is read: %s", async (coding, body) => {
    const { client } = await send(coding, body);
    expect(await listWorkspaces(client)).toMatchObject([{ id: "1", name: "客服".repeat(5000) }]);
  });

  test("is bounded by its full size", async () => {
    const { client } = await send("gzip", gzipSync(Buffer.alloc(65 * 1024 * 1024, " ")));
    expect(await failureOf(listWorkspaces(client))).toMatchObject({
      message: "the answer (HTTP 200) is larger than 64 MiB",
    });
  });
});
