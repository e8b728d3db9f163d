import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Readable } from "node:stream";
import { setImmediate as nextRound } from "node:timers/promises";
import { constants, createBrotliDecompress, createUnzip } from "node:zlib";
import { longestAnswer, NeverOpened, type Outgoing, type Received, type Receiving } from "./request.ts";

/** How long a connection may be idle, in milliseconds. Servers close it after 5 s or more, or say when; Node heeds that. */
const longestIdleMs = 4000;
/** How long a connection may take to open, TLS included, in milliseconds. */
const longestOpeningMs = 10_000;

const pool = { keepAlive: true, timeout: longestIdleMs };
const plain = new Agent(pool);
let secure: Agent | undefined;

async function agentFor({ protocol }: URL): Promise<Agent> {
  if (protocol === "http:") return plain;
  // An emulator needs no TLS, which takes longer to load than the rest.
  const { Agent } = await import("node:https");
  secure ??= new Agent(pool);
  return secure;
}

/** A connection wasn't opened in time; the request wasn't sent. */
class ConnectTimeOut extends Error {
  override readonly name = "ConnectTimeOut";
  readonly code = "CONNECT_TIMEOUT";
}

/**
 * Sends a request over Node's own connections, which stay open for later ones, without following redirects. Rejects
 * with Node's errors (https://nodejs.org/api/errors.html), in a {@link NeverOpened} where nothing was sent, and with the
 * reason of the signal.
 */
export async function sendDirectly(outgoing: Outgoing, receiving: Receiving): Promise<Received> {
  const agent = await agentFor(outgoing.url);
  await noticeClosed(agent);
  const { signal } = receiving;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const sent = request(outgoing.url, { method: outgoing.method, headers: headersOf(outgoing), agent });
    const stop = () => sent.destroy(signal.reason);
    const isOpen = watchOpening(sent);
    const fail = (error: unknown) =>
      reject(isOpen() || signal.aborted ? error : new NeverOpened(undefined, { cause: error }));
    signal.addEventListener("abort", stop, { once: true });
    let isAnswered = false;
    sent.once("close", () => {
      signal.removeEventListener("abort", stop);
      if (!isAnswered) fail(connectionClosed());
    });
    sent.once("response", (message) => {
      isAnswered = true;
      receive(message, receiving).then(resolve, reject);
    });
    // HTTP 101 is an answer, too, although none that was asked for.
    sent.once("upgrade", (message, socket) => {
      isAnswered = true;
      socket.destroy();
      resolve(answerWith(message, ""));
    });
    // Not once: a connection may break after its answer, too.
    sent.on("error", fail);
    sent.end(outgoing.body);
  });
}

/**
 * Lets Node notice which idle connections a server closed while this process was busy: a request that is sent on one of
 * them is lost, and of a write it can't be known whether it took effect. A full round of the event loop polls all of them
 * and drops the closed ones.
 */
async function noticeClosed({ freeSockets }: Agent): Promise<void> {
  if (Object.keys(freeSockets).length === 0) return;
  // The first may end the present round, the second polls, and the third comes after what it found is closed.
  for (let round = 0; round < 3; round += 1) await nextRound();
}

function headersOf({ headers, body }: Outgoing): Record<string, string | number> {
  const all = { Accept: "*/*", "Accept-Encoding": "br,gzip", "User-Agent": "node", ...headers };
  // Node itself leaves it out with DELETE.
  return typeof body === "string" ? { ...all, "Content-Length": Buffer.byteLength(body) } : all;
}

const connectionClosed = (): Error => Object.assign(new Error("closed"), { code: "ECONNRESET" });

/** Limits the time until the connection of a request is open; returns whether it is or was. */
function watchOpening(sent: ClientRequest): () => boolean {
  let isOpen = false;
  sent.once("socket", (socket) => {
    isOpen = sent.reusedSocket;
    if (isOpen) return;
    // Where it breaks just as it becomes idle, Node has no listener of its own.
    socket.on("error", () => {});
    // After a poll: while this process was busy, it may have been opened.
    const timer = setTimeout(
      () => setImmediate(() => isOpen || sent.destroy(new ConnectTimeOut())),
      longestOpeningMs,
    );
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => {
      isOpen = true;
      clearTimeout(timer);
    });
    socket.once("close", () => clearTimeout(timer));
  });
  return () => isOpen;
}

const answerWith = (
  { statusCode: status = 0, headers }: IncomingMessage,
  text: string | undefined,
): Received => ({
  status,
  headers: { get: (name) => headers[name]?.toString() ?? null },
  text,
});

/** Reads an answer up to the size limit; beyond it, the connection is closed. */
function receive(message: IncomingMessage, { onBytes }: Receiving): Promise<Received> {
  onBytes();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (text: string | undefined) => resolve(answerWith(message, text));
    message.once("error", reject);
    const body = decode(message);
    body.once("error", (error) => {
      reject(error);
      // A stream that was piped into a broken one waits for ever, with its connection.
      message.destroy();
    });
    body.once("end", () => end(new TextDecoder().decode(Buffer.concat(chunks))));
    body.on("data", (chunk: Buffer) => {
      onBytes();
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size <= longestAnswer) return;
      end(undefined);
      message.destroy();
      body.destroy();
    });
  });
}

/** A body that ends too early still counts as far as it came: its JSON is malformed then. */
const decoders: { readonly [coding: string]: (() => NodeJS.ReadWriteStream & Readable) | undefined } = {
  gzip: () => createUnzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  "x-gzip": () => createUnzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
};

/** The body without its content coding; one of an unknown coding as it is. */
function decode(message: IncomingMessage): Readable {
  const coding = message.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  const decoder = Object.hasOwn(decoders, coding) ? decoders[coding]?.() : undefined;
  return decoder ? message.pipe(decoder) : message;
}
