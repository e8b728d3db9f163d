import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { say } from "../../../messages/text.ts";
import type { Identity } from "./certificate.ts";
import { GRPCController } from "./gen/plugin_pb.js";
import { Provider } from "./gen/tfplugin6_pb.js";
import { type Implementation, type Method, methodsOf } from "./methods.ts";

/** Serves connections that were accepted elsewhere. Nothing may have been read from one before (`pauseOnConnect`). */
export interface Injector {
  injectConnection(socket: Socket): void;
}

/** What answers the calls of a connection. */
export interface Calls {
  readonly provider: Implementation<typeof Provider>;
  readonly controller: Implementation<typeof GRPCController>;
  /** Of a call that was answered with INTERNAL. */
  onFailure(method: string, error: unknown): void;
}

/**
 * Serves calls of Terraform's provider protocol, all of which are one message for one message: gRPC as its
 * doc/PROTOCOL-HTTP2.md has it. With `tls`, to the client alone that has the certificate `client`.
 */
export function createInjector(
  { provider, controller, onFailure }: Calls,
  tls: { readonly identity: Identity; readonly client: string } | undefined,
): Injector {
  const methods = new Map([...methodsOf(Provider, provider), ...methodsOf(GRPCController, controller)]);
  const server = tls
    ? createSecureServer({ ...roomy, ...tls.identity, ca: tls.client, requestCert: true })
    : createServer(roomy);
  // A client that doesn't speak HTTP/2 is cut off; otherwise it would count as connected until it hangs up.
  server.on("sessionError", (_, session) => session.destroy());
  server.on("stream", (stream, headers) => {
    // A client that has gone needs no response.
    stream.on("error", () => {});
    const path = headers[":path"] ?? "";
    const method = methods.get(path);
    if (!method)
      return refuse(stream, statuses.unimplemented, say("terraform-functions/unknown-call", { path }));
    if (!isGrpc(headers)) return refuse(stream, statuses.unimplemented, say("terraform-functions/no-grpc"));
    collect(stream, (body) => answer(stream, method, body, onFailure));
  });
  return {
    injectConnection(socket) {
      server.emit("connection", socket);
      // TLS begins to read by itself, plain HTTP/2 takes over what is being read.
      if (!tls) socket.resume();
    },
  };
}

/** States may be large, and Terraform has limits of its own: it waits for as much as it has asked for. */
const roomy = {
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
  settings: { initialWindowSize: 1 << 20 },
  minVersion: "TLSv1.2",
} as const;

/** Of gRPC's statuses those that are given here. */
const statuses = { ok: 0, unimplemented: 12, internal: 13 } as const;

const isGrpc = (headers: IncomingHttpHeaders) =>
  headers[":method"] === "POST" && headers["content-type"]?.startsWith("application/grpc") === true;

function collect(stream: ServerHttp2Stream, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
}

async function answer(
  stream: ServerHttp2Stream,
  { name, call }: Method,
  body: Buffer,
  onFailure: Calls["onFailure"],
): Promise<void> {
  try {
    send(stream, await call(unframe(body)));
  } catch (error) {
    onFailure(name, error);
    refuse(stream, statuses.internal, error instanceof Error ? error.message : String(error));
  }
}

/** Length of what stands before a message: whether it is compressed, and its length. */
const prefix = 5;

function unframe(body: Buffer): Uint8Array {
  if (body.length < prefix || body.length !== prefix + body.readUInt32BE(1))
    throw new Error("a call is one message");
  if (body[0] !== 0) throw new Error("messages can't be compressed");
  // A plain array, so that the bytes in a message are plain arrays as well.
  return new Uint8Array(body.buffer, body.byteOffset + prefix, body.length - prefix);
}

function send(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed) return;
  const frame = Buffer.allocUnsafe(prefix + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefix);
  stream.respond(head, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": statuses.ok }));
  stream.end(frame);
}

function refuse(stream: ServerHttp2Stream, status: number, message: string): void {
  if (stream.destroyed) return;
  stream.respond(
    { ...head, "grpc-status": status, "grpc-message": encodeURIComponent(wellFormed(message)) },
    { endStream: true },
  );
}

/** Half of a character can't be sent. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

const head: OutgoingHttpHeaders = { ":status": 200, "content-type": "application/grpc" };
