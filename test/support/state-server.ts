import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of Terraform's http backend: https://developer.hashicorp.com/terraform/language/backend/http. */
export interface StateServer {
  readonly fetch: (request: Request) => Promise<Response>;
  /** The documents by path, as they were written last. */
  readonly documents: Map<string, Buffer>;
  /** The description of each lock by path, as its holder sent it. */
  readonly locks: Map<string, { readonly ID: string }>;
  /** What was asked, in its order: `POST /path 200`. */
  readonly log: string[];
  /** The times of the writes of documents. */
  readonly writes: number[];
  /** Answers instead of the server, before or after it has done what was asked; the server waits for it. */
  intercept: ((request: Request) => Interception | Promise<Interception>) | undefined;
  /** Serves it on this machine's loopback. */
  listen(): Promise<{ readonly url: string; close(): Promise<void> }>;
}

type Interception = { readonly when: "before" | "after"; readonly answer: () => Response } | undefined;

export interface StateServerOptions {
  readonly now?: () => number;
  readonly login?: { readonly username: string; readonly password: string };
  /** `gitlab`: no serial is taken twice, and a refused lock is described with what the asking client sent. */
  readonly manner?: "plain" | "gitlab";
  readonly locking?: boolean;
}

/** Makes a server without states. A write needs the id of the lock. */
export function createStateServer(options: StateServerOptions = {}): StateServer {
  const { now = Date.now, login, manner = "plain", locking = true } = options;
  const documents = new Map<string, Buffer>();
  const serials = new Set<string>();
  const locks = new Map<string, { readonly ID: string }>();
  const server: StateServer = {
    documents,
    locks,
    log: [],
    writes: [],
    intercept: undefined,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const cut = await server.intercept?.(request);
      const real = cut?.when === "before" ? undefined : await respond(request);
      const given = cut ? cut.answer() : (real as Response);
      server.log.push(`${request.method} ${pathname} ${given.status}`);
      return given;
    },
    listen: () => serve(server.fetch),
  };

  async function respond(request: Request): Promise<Response> {
    const { headers } = request;
    const { pathname, searchParams } = new URL(request.url);
    // GitLab locks at an address of its own: https://docs.gitlab.com/ee/user/infrastructure/iac/terraform_state.html.
    const isLock = manner === "gitlab" && pathname.endsWith("/lock");
    const path = isLock ? pathname.slice(0, -"/lock".length) : pathname;
    const method = isLock ? (request.method === "POST" ? "LOCK" : "UNLOCK") : request.method;
    if (login) {
      const expected = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
      if (headers.get("authorization") === null) return new Response("who are you?", { status: 401 });
      if (headers.get("authorization") !== expected) return new Response("not you", { status: 403 });
    }
    const body = Buffer.from(await request.arrayBuffer());
    const md5 = createHash("md5").update(body).digest("base64");
    if (body.length > 0 && headers.get("content-md5") !== md5) return new Response("", { status: 400 });
    const held = locks.get(path);
    const refuse = (asking: object) =>
      Response.json(manner === "gitlab" ? { ...asking, ID: held?.ID, Who: "li" } : held, {
        status: manner === "gitlab" ? 409 : 423,
      });
    if (method === "GET") return read(path);
    if (method === "POST") {
      if (held && held.ID !== searchParams.get("ID")) return refuse({});
      if (!held && searchParams.has("ID") && locking) return new Response("no such lock", { status: 409 });
      return write(path, body);
    }
    if (!locking || !["LOCK", "UNLOCK"].includes(method)) return new Response("", { status: 405 });
    const info = JSON.parse(body.toString());
    if (method === "UNLOCK") {
      if (held && held.ID !== info.ID) return refuse(info);
      locks.delete(path);
      return new Response("");
    }
    if (held) return refuse(info);
    locks.set(path, info);
    return Response.json(info);
  }

  function read(path: string): Response {
    const document = documents.get(path);
    if (!document) return new Response(null, { status: 204 });
    return new Response(document, {
      headers: { "content-md5": createHash("md5").update(document).digest("base64") },
    });
  }

  function write(path: string, body: Buffer): Response {
    if (manner === "gitlab") {
      const serial = `${path} ${JSON.parse(body.toString()).serial}`;
      if (serials.has(serial)) return Response.json({ message: "Version has been taken" }, { status: 422 });
      serials.add(serial);
    }
    documents.set(path, body);
    server.writes.push(now());
    return new Response("");
  }
  return server;
}

/** Serves requests on this machine's loopback, whatever their methods are. */
export async function serve(fetch: StateServer["fetch"]): ReturnType<StateServer["listen"]> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const headers = new Headers(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as [string, string]),
    );
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method ?? "",
      headers,
      ...(body.length > 0 ? { body } : {}),
    });
    const response = await fetch(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
