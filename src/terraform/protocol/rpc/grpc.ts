import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer } from "node:tls";
import { say } from "../../../messages/text.ts";
import type { Identity } from "./certificate.ts";
import type { GRPCController } from "./gen/plugin_pb.js";
import type { Provider } from "./gen/tfplugin6_pb.js";
import { type Exchange, serveConnection } from "./http2/connection.ts";
import { type Header, writeHeaders } from "./http2/header-blocks.ts";
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
  const methods = methodsOf(provider, controller);
  const serve = (exchange: Exchange) => {
    const path = headerOf(exchange.headers, ":path");
    const method = methods.get(path);
    if (!method)
      return refuse(exchange, statuses.unimplemented, say("terraform-functions/unknown-call", { path }));
    if (!isGrpc(exchange.headers))
      return refuse(exchange, statuses.unimplemented, say("terraform-functions/no-grpc"));
    void answer(exchange, method, onFailure);
  };
  if (!tls) {
    return {
      injectConnection(socket) {
        serveConnection(socket, serve);
        socket.resume();
      },
    };
  }
  // The client is told by its certificate itself: to check one by a list of authorities, Node would load all that it has.
  const server = createServer({
    ...tls.identity,
    ca: [],
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["h2"],
  });
  const client = new X509Certificate(tls.client).raw;
  server.on("secureConnection", (socket) => {
    socket.on("error", () => socket.destroy());
    if (socket.getPeerX509Certificate()?.raw.equals(client)) serveConnection(socket, serve);
    else socket.destroy();
  });
  return { injectConnection: (socket) => void server.emit("connection", socket) };
}

/** Of gRPC's statuses those that are given here. */
const statuses = { ok: 0, unimplemented: 12, internal: 13 } as const;

const headerOf = (headers: readonly Header[], wanted: string): string =>
  headers.find(([name]) => name === wanted)?.[1] ?? "";

const isGrpc = (headers: readonly Header[]) =>
  headerOf(headers, ":method") === "POST" && headerOf(headers, "content-type").startsWith("application/grpc");

async function answer(
  exchange: Exchange,
  { name, call }: Method,
  onFailure: Calls["onFailure"],
): Promise<void> {
  try {
    const message = await call(unframe(exchange.body));
    exchange.answer({ head, body: framed(message), trailers });
  } catch (error) {
    onFailure(name, error);
    refuse(exchange, statuses.internal, error instanceof Error ? error.message : String(error));
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

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefix + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefix);
  return frame;
}

const response: readonly Header[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];

const statusOf = (status: number): Header => ["grpc-status", String(status)];

const head = writeHeaders(response);
const trailers = writeHeaders([statusOf(statuses.ok)]);

const refuse = (exchange: Exchange, status: number, message: string): void =>
  exchange.answer({
    head: writeHeaders([
      ...response,
      statusOf(status),
      ["grpc-message", encodeURIComponent(wellFormed(message))],
    ]),
  });

/** Half of a character can't be sent. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
