import { once } from "node:events";
import { openAsBlob, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { ChangedFile, uploadPlanned } from "../../src/content/planned-content.ts";
import { createCozeClient } from "../../src/coze/client.ts";
import { explainConnectionError } from "../../src/coze/http/exchange.ts";
import { respondJson, serveHttp, serveTcp } from "../support/http-server.ts";
import { makeScratch } from "../support/scratch.ts";
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

test("an answer that switches protocols is none of Coze's API", async () => {
  const { client } = await clientAgainst((request) => {
    request.socket.end(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
  });
  expect(await failureOf(client.workspaces.create({ name: "a", description: "" }))).toMatchObject({
    name: "BadAnswer",
    message: "HTTP 101 with an empty body instead of an answer of Coze's API",
  });
});

test("nothing was sent on a connection that breaks before TLS is agreed on", async () => {
  const port = await serveTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
  const client = createCozeClient({ baseUrl: `https://127.0.0.1:${port}`, token: "pat_secret" });
  expect(await failureOf(client.workspaces.create({ name: "a", description: "" }))).toMatchObject({
    name: "ConnectionLost",
    outcome: "none",
    message: "Coze couldn't be reached: the connection was lost",
  });
});

test("an answer with oversized headers is told as such", async () => {
  const { client } = await clientAgainst((_request, response) => {
    response.writeHead(200, { "x-filler": "x".repeat(20_000) });
    response.end();
  });
  expect(await failureOf(client.workspaces.create({ name: "a", description: "" }))).toMatchObject({
    final: true,
    outcome: "unknown",
    message: expect.stringContaining("the headers of the answer are too large (HPE_HEADER_OVERFLOW)"),
  });
});

test("an upload that is redirected isn't repeated", async () => {
  const { client, seen } = await clientAgainst((_request, response) => {
    response.writeHead(302, { location: "https://login.example.com/" });
    response.end();
  });
  expect(await failureOf(client.files.upload("a.txt", new Blob(["a"])))).toMatchObject({
    outcome: "none",
    final: true,
    message: "Coze couldn't be reached: a redirect came instead of an answer of Coze's API",
    hint: expect.stringContaining("the network may require a sign-in there"),
  });
  expect(seen).toHaveLength(1);
});

test("a file that changes before it is uploaded is told as such", async () => {
  const { client } = await clientAgainst((_request, response) =>
    respondJson(response, { code: 0, data: {} }),
  );
  const path = join(makeScratch(), "a.bin");
  writeFileSync(path, "before");
  const blob = await openAsBlob(path);
  writeFileSync(path, "after, longer");
  const error = await failureOf(uploadPlanned(client.files.upload("a.bin", blob)));
  expect(error).toBeInstanceOf(ChangedFile);
  expect((error as Error).cause).toMatchObject({
    outcome: "none",
    final: true,
    message: "Coze couldn't be reached: the file changed while it was uploaded",
  });
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

  test("closes its connection when it can't be read", async () => {
    const sockets: IncomingMessage["socket"][] = [];
    const { client } = await clientAgainst((request, response) => {
      sockets.push(request.socket);
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      // No end: as long as this process holds the connection, it stays open.
      response.write("this isn't compressed");
    });
    await failureOf(client.workspaces.create({ name: "a", description: "" }));
    await Promise.all(sockets.map(async (socket) => socket.destroyed || (await once(socket, "close"))));
    expect(sockets).toHaveLength(1);
  });
});
