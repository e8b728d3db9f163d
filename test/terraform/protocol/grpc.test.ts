import { once } from "node:events";
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from "node:http2";
import { type AddressInfo, createConnection, createServer } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "@jest/globals";
import { Provider } from "../../../src/terraform/protocol/rpc/gen/tfplugin6_pb.js";
import { createInjector } from "../../../src/terraform/protocol/rpc/grpc.ts";

const { callFunction } = Provider.method;
const path = "/tfplugin6.Provider/CallFunction";
const endings: (() => void)[] = [];

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A client of nothing but HTTP/2, and the failures that the server was told of. */
async function dial(answer: (name: string) => Promise<string>) {
  const failures: string[] = [];
  const { injectConnection } = createInjector(
    {
      provider: { callFunction: async ({ name }) => ({ error: { text: await answer(name) } }) },
      controller: {},
      onFailure: (method, error) => failures.push(`${method}: ${(error as Error).message}`),
    },
    undefined,
  );
  const server = createServer({ pauseOnConnect: true }, injectConnection).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const session = connect(`http://127.0.0.1:${port}`);
  endings.push(
    () => session.destroy(),
    () => server.close(),
  );
  return { session, failures, port };
}

async function post(
  session: ClientHttp2Session,
  chunks: readonly Buffer[],
  headers: OutgoingHttpHeaders = {},
) {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    ...headers,
  });
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  let trailers: OutgoingHttpHeaders = {};
  stream.on("response", (head) => (trailers = { ...trailers, ...head }));
  stream.on("trailers", (tail) => (trailers = { ...trailers, ...tail }));
  const body: Buffer[] = [];
  for await (const chunk of stream) body.push(chunk as Buffer);
  const { "grpc-status": status, "grpc-message": message = "" } = trailers;
  return { status, message: decodeURIComponent(String(message)), body: Buffer.concat(body) };
}

function frame(name: string, compressed = 0): Buffer {
  const message = toBinary(callFunction.input, create(callFunction.input, { name }));
  const head = Buffer.from([compressed, 0, 0, 0, 0]);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const textOf = (body: Buffer) => fromBinary(callFunction.output, body.subarray(5)).error?.text;

test("a message may come in pieces of any size, and calls are answered as they are done", async () => {
  const waiting = new Map<string, (text: string) => void>();
  const { session } = await dial((name) => new Promise((resolve) => waiting.set(name, resolve)));
  const bytes = [...frame("扣子")].map((byte) => Buffer.from([byte]));
  const [first, second] = [post(session, bytes), post(session, [frame("second")])];
  while (waiting.size < 2) await new Promise(setImmediate);
  waiting.get("second")?.("二");
  expect(textOf((await second).body)).toBe("二");
  waiting.get("扣子")?.("一");
  expect(await first).toMatchObject({ status: "0" });
  expect(textOf((await first).body)).toBe("一");
});

test.each([
  [
    "a method that nobody implements",
    { ":path": "/tfplugin6.Provider/Unheard" },
    "12",
    "the provider has no call /tfplugin6.Provider/Unheard",
  ],
  ["a body that isn't gRPC", { "content-type": "application/json" }, "12", "this isn't gRPC"],
])("%s is refused", async (_, headers, status, message) => {
  const { session, failures } = await dial(async () => "called");
  expect(await post(session, [frame("x")], headers)).toMatchObject({ status, message });
  expect(failures).toEqual([]);
});

test.each([
  ["nothing", [], "a call is one message"],
  ["half a message", [frame("x").subarray(0, 6)], "a call is one message"],
  ["two messages", [frame("x"), frame("y")], "a call is one message"],
  ["a compressed message", [frame("x", 1)], "messages can't be compressed"],
])("%s is answered with INTERNAL", async (_, chunks, message) => {
  const { session, failures } = await dial(async () => "called");
  expect(await post(session, chunks)).toMatchObject({ status: "13", message });
  expect(failures).toEqual([`CallFunction: ${message}`]);
});

test("what throws is answered with INTERNAL and its message, in any script", async () => {
  const { session, failures } = await dial(() => Promise.reject(new Error('不行: 100% "no"\n')));
  expect(await post(session, [frame("x")])).toMatchObject({ status: "13", message: '不行: 100% "no"\n' });
  expect(failures).toHaveLength(1);
});

test("half of a character in a message doesn't keep it from being sent", async () => {
  const { session } = await dial(() => Promise.reject(new Error("half \ud83d")));
  expect(await post(session, [frame("x")])).toMatchObject({ status: "13", message: "half \ufffd" });
});

test("a connection on which something else than HTTP/2 is spoken is closed", async () => {
  const { port } = await dial(async () => "called");
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.on("error", () => {});
  socket.resume().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x05\x7f\0garbage garbage garbage");
  await once(socket, "close");
});

test("a caller that hangs up is not waited for, and others are served", async () => {
  let finish: (text: string) => void = () => {};
  const { session, failures } = await dial((name) =>
    name === "gone" ? new Promise((resolve) => (finish = resolve)) : Promise.resolve("here"),
  );
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc" });
  stream.on("error", () => {});
  stream.end(frame("gone"));
  await post(session, [frame("other")]);
  stream.close(8);
  await once(stream, "close");
  finish("too late");
  expect(textOf((await post(session, [frame("other")])).body)).toBe("here");
  expect(failures).toEqual([]);
});
