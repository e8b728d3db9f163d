import { once } from "node:events";
import { connect, type Settings } from "node:http2";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Exchange, serveConnection } from "../../../src/terraform/protocol/rpc/http2/connection.ts";
import { createHeaderReader, writeHeaders } from "../../../src/terraform/protocol/rpc/http2/header-blocks.ts";
import { decodeHuffman } from "../../../src/terraform/protocol/rpc/http2/huffman.ts";

const endings: (() => void)[] = [];

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

const head = writeHeaders([[":status", "200"]]);
const trailers = writeHeaders([["end", "yes"]]);

/** Answers with the body and the headers that came. */
const echo = ({ headers, body, answer }: Exchange) =>
  answer({
    head: Buffer.concat([head, writeHeaders([["seen", encodeURIComponent(JSON.stringify(headers))]])]),
    body,
    trailers,
  });

async function listen(take: (exchange: Exchange) => void): Promise<number> {
  const server = createServer((socket) => serveConnection(socket, take)).listen(0, "127.0.0.1");
  await once(server, "listening");
  endings.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A client that sends what it is told, and all that it gets until the server hangs up. */
async function speak(bytes: Buffer): Promise<Buffer> {
  const socket: Socket = createConnection({ port: await listen(echo), host: "127.0.0.1" });
  endings.push(() => socket.destroy());
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks);
}

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

function frame(type: number, flags: number, stream: number, payload: readonly number[] | Buffer): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(stream, 5);
  return Buffer.concat([bytes, Buffer.from(payload)]);
}

const [endStream, endHeaders] = [1, 4];
const block = writeHeaders([["a", "b"]]);

test.each<[string, readonly Buffer[], number]>([
  ["a stream of the server's", [frame(1, endHeaders, 2, block)], 1],
  ["a stream that has been", [frame(1, 5, 3, block), frame(1, 5, 1, block)], 1],
  ["data for a stream that never began", [frame(0, endStream, 1, [1])], 1],
  ["data within headers", [frame(1, 0, 1, block), frame(0, endStream, 1, [1])], 1],
  ["headers within other headers", [frame(1, 0, 1, block), frame(9, endHeaders, 3, block)], 1],
  ["the rest of no headers", [frame(9, endHeaders, 1, block)], 1],
  ["more padding than content", [frame(1, 5 + 8, 1, [9, 0])], 1],
  ["a promise", [frame(5, endHeaders, 1, [0, 0, 0, 2])], 1],
  ["a window that grows by nothing", [frame(8, 0, 0, [0, 0, 0, 0])], 1],
  ["a window that grows beyond all", [frame(8, 0, 0, [0x7f, 0xff, 0xff, 0xff])], 3],
  ["first windows that are too wide", [frame(4, 0, 0, [0, 4, 0xff, 0xff, 0xff, 0xff])], 3],
  ["frames of no length", [frame(4, 0, 0, [0, 5, 0, 0, 0, 0])], 1],
  ["half a setting", [frame(4, 0, 0, [0, 4, 0])], 6],
  ["a frame that is too long", [frame(0, 0, 1, Buffer.alloc(16_385))], 6],
  ["a header of no table", [frame(1, 5, 1, [0x80 | 70])], 9],
  [
    "headers without an end",
    Array.from({ length: 70 }, (_, index) => frame(index ? 9 : 1, 0, 1, Buffer.alloc(16_384))),
    11,
  ],
])("%s ends the connection, and the client hears why", async (_, frames, code) => {
  const got = await speak(Buffer.concat([preface, frame(4, 0, 0, []), ...frames]));
  const goAway = got.subarray(-17);
  expect({ type: goAway[3], length: goAway.readUIntBE(0, 3), code: goAway.readUInt32BE(13) }).toEqual({
    type: 7,
    length: 8,
    code,
  });
});

test("what doesn't begin as HTTP/2 does is cut off", async () => {
  await speak(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
});

test("advice, unknown frames and answers to pings are passed over, and a ping is answered", async () => {
  const frames = [
    frame(2, 0, 1, [0, 0, 0, 0, 0]),
    frame(99, 0, 1, [1, 2, 3]),
    frame(6, 1, 0, Buffer.from("answered")),
    frame(6, 0, 0, Buffer.from("question")),
    frame(5, 0, 1, []),
  ];
  const got = await speak(Buffer.concat([preface, ...frames]));
  expect(got.includes(frame(6, 1, 0, Buffer.from("question")))).toBe(true);
  expect(got.includes("answered")).toBe(false);
});

test("padding, priorities and headers in several frames change nothing of a request", async () => {
  let tell: (request: string) => void = () => {};
  const request = new Promise<string>((resolve) => (tell = resolve));
  const port = await listen(({ headers, body, answer }) => {
    tell(`${JSON.stringify(headers)} ${body.toString()}`);
    answer({ head });
  });
  const socket = createConnection({ port, host: "127.0.0.1" });
  endings.push(() => socket.destroy());
  const padded = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 16]), block.subarray(0, 2), Buffer.alloc(2)]);
  const frames = [
    frame(1, 8 + 32, 1, padded),
    frame(9, 0, 1, block.subarray(2, 3)),
    frame(9, endHeaders, 1, block.subarray(3)),
    frame(0, 8, 1, [1, 0x68, 0]),
    frame(0, 0, 1, Buffer.from("i")),
    frame(1, endStream + endHeaders, 1, writeHeaders([["behind", "it"]])),
  ];
  socket.write(Buffer.concat([preface, ...frames]));
  const cutOff = once(socket.resume(), "close").then(() => "cut off");
  expect(await Promise.race([request, cutOff])).toBe('[["a","b"]] hi');
});

test.each<[string, Settings]>([
  ["the window of a stream", { initialWindowSize: 10 }],
  ["no window at all at first", { initialWindowSize: 0 }],
  ["the usual windows", {}],
  ["frames of any length", { maxFrameSize: 1 << 20, initialWindowSize: 1 << 24 }],
])("answers of any size pass through %s, many at once", async (_, settings) => {
  const session = connect(`http://127.0.0.1:${await listen(echo)}`, { settings });
  endings.push(() => session.destroy());
  const sizes = [0, 1, 10, 11, 16_384, 16_385, 200_000];
  const bodies = sizes.map((size) => Buffer.alloc(size, `${size} `));
  const answers = bodies.map(async (body) => {
    const stream = session.request({ ":method": "POST", ":path": `/${body.length}` });
    const tail = once(stream, "trailers");
    stream.end(body);
    if (settings.initialWindowSize === 0) session.settings({ initialWindowSize: 100_000 });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return { body: Buffer.concat(chunks), end: (await tail)[0].end as string };
  });
  for (const [index, { body, end }] of (await Promise.all(answers)).entries()) {
    expect({ same: body.equals(bodies[index] as Buffer), end }).toEqual({ same: true, end: "yes" });
  }
});

test("headers of any text are read as another library writes them, call after call", async () => {
  const session = connect(`http://127.0.0.1:${await listen(echo)}`);
  endings.push(() => session.destroy());
  // Visible ASCII, which is Huffman-coded where that is shorter.
  const text = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom("x-a", "x-b", "x-c", "cookies"), text), async (given) => {
      const stream = session.request({ ":path": "/", ...given });
      const [response] = await once(stream, "response");
      stream.resume();
      const seen = new Map<string, string>(JSON.parse(decodeURIComponent(response.seen)));
      for (const [name, value] of Object.entries(given)) expect(seen.get(name)).toBe(value);
    }),
    { numRuns: 100 },
  );
});

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

// https://www.rfc-editor.org/rfc/rfc7541#appendix-C.4 and C.6, the last with a table of 256 bytes.
test("the examples of HPACK's description are read", () => {
  const read = createHeaderReader();
  const common = [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ];
  expect(read(hex("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"))).toEqual(common);
  expect(read(hex("8286 84be 5886 a8eb 1064 9cbf"))).toEqual([...common, ["cache-control", "no-cache"]]);
});

test("headers that every connection knows have the numbers of the description", () => {
  const known = [1, 3, 14, 16, 31, 58, 61].map((number) => createHeaderReader()(Buffer.of(0x80 | number))[0]);
  expect(known.map((header) => header?.join("=")).join()).toBe(
    ":authority=,:method=POST,:status=500,accept-encoding=gzip, deflate,content-type=,user-agent=,www-authenticate=",
  );
});

test("headers leave a table that is made smaller", () => {
  const read = createHeaderReader();
  const kept = Buffer.concat([Buffer.of(0x40), block.subarray(1)]);
  expect(read(Buffer.concat([kept, Buffer.of(0x80 | 62)]))).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  expect(() => read(Buffer.of(0x20, 0x80 | 62))).toThrow("compression");
  expect(() => createHeaderReader()(Buffer.of(0x3f, 0xff, 0xff, 0x7f))).toThrow("compression");
});

test.each([
  ["an end within a text", "ffff ffff"],
  ["a byte of filling", "07ff"],
  ["filling of zeros", "00"],
])("%s is no Huffman code", (_, bytes) => {
  expect(decodeHuffman(hex(bytes))).toBeUndefined();
});
