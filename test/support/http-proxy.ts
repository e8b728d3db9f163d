import { once } from "node:events";
import { createServer, type IncomingMessage, request as send } from "node:http";
import { type AddressInfo, connect, createServer as createRawServer } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach } from "@jest/globals";

const closings: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closings.splice(0)) close();
});

/** What a proxy answers instead of passing a request on. */
export interface Refusal {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
}

/** A server of this machine that gets the beginning of each connection, and then answers with a text or closes it. */
export async function serveBroken(answer = "") {
  const seen: string[] = [];
  const logins: (string | undefined)[] = [];
  const server = createRawServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (data) => {
      const request = data.toString();
      seen.push(request.split(" HTTP/")[0] ?? "");
      logins.push(/^proxy-authorization: (.*)\r$/imu.exec(request)?.[1]);
      // The first of a flood is enough.
      if (seen.length >= 20) server.close();
      socket.end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closings.push(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen, logins };
}

/**
 * A forward proxy of this machine, and what it was asked: a line per request, with the login that came along. It sends
 * everything to the server at `target`, or answers all with a refusal. It ends with the test.
 */
export async function serveProxy(target: string, refusal?: Refusal) {
  const seen: string[] = [];
  const tunnels = new Set<Duplex>();
  const { hostname, port } = new URL(target);
  const note = ({ method, url, headers }: IncomingMessage) =>
    seen.push([method, url, headers["proxy-authorization"]].filter(Boolean).join(" "));
  const server = createServer((request, response) => {
    note(request);
    if (refusal) {
      response.writeHead(refusal.status, refusal.headers).end("<html>proxy</html>");
      return;
    }
    const { method, headers } = request;
    const { pathname, search } = new URL(request.url ?? "");
    const passed = send({ hostname, port, method, path: pathname + search, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  server.on("connect", (request, socket, head) => {
    note(request);
    tunnels.add(socket);
    if (refusal) {
      const headers = Object.entries(refusal.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${refusal.status} No\r\n${headers.join("")}\r\n`);
      return;
    }
    const through = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      through.write(head);
      through.pipe(socket).pipe(through);
    });
    tunnels.add(through);
    for (const one of [socket, through]) one.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closings.push(() => {
    for (const one of tunnels) one.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
