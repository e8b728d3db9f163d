import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { afterEach, describe, expect, test } from "@jest/globals";
import { createCozeClient } from "../../src/coze/client.ts";
import { throughProxies } from "../../src/coze/http/proxy.ts";
import { createIdentity } from "../../src/terraform/protocol/rpc/certificate.ts";
import { type Refusal, serveBroken, serveProxy } from "../support/http-proxy.ts";
import { respondJson, serveHttp } from "../support/http-server.ts";
import { privatePem } from "../support/rsa-keys.ts";
import { createConsole, smallProject } from "./console.ts";

const serveCoze = () =>
  serveHttp((_request, response) =>
    respondJson(response, { code: 0, data: { workspaces: [], total_count: 0 } }),
  );

/** A plan in this process, over the network. */
const plan = (endpoint: string, env: { readonly [name: string]: string }, line = "plan") =>
  createConsole(smallProject, {}, { fetch: globalThis.fetch }).sh(`${line} --endpoint ${endpoint}`, { env });

const hintLess = (err: string) => err.split("\n  manifests/")[0];

describe("a plan goes through the proxy", () => {
  const forwarded = (path: string) => `GET http://${path}/v1/workspaces?page_num=1&page_size=50`;

  test("of HTTP_PROXY, which gets whole addresses, and the login of its address", async () => {
    const coze = await serveCoze();
    const { host, seen } = await serveProxy(coze.url);
    const { code } = await plan("http://coze.example", { HTTP_PROXY: `http://ann:p%40ssword@${host}` });
    const login = Buffer.from("ann:p@ssword").toString("base64");
    expect({ code, seen }).toEqual({ code: 0, seen: [`${forwarded("coze.example")} Basic ${login}`] });
    expect(coze.seen).toHaveLength(1);
  });

  test.each([
    ["tok%40en-alone@", "tok@en-alone:"],
    [":password@", ":password"],
  ])("with the login %s, as curl sends it, and doesn't show it", async (given, sent) => {
    const coze = await serveCoze();
    const { host, seen } = await serveProxy(coze.url);
    const login = `Basic ${btoa(sent)}`;
    expect((await plan("http://coze.example", { http_proxy: given + host })).code).toBe(0);
    expect(seen).toEqual([`${forwarded("coze.example")} ${login}`]);
    const broken = await serveBroken();
    const env = { HTTPS_PROXY: `http://${given}${broken.host}`, HTTP_PROXY: `http://other@${broken.host}` };
    const { err } = await plan("https://coze.example", env, "plan --log-level debug");
    expect(broken.logins).toEqual(Array(4).fill(login));
    expect(err).not.toMatch(/tok(?:%40|@)en-alone|password@/u);
  });

  test.each<[string, (host: string, port: string) => { readonly [name: string]: string }, boolean]>([
    ["without a scheme", (host) => ({ HTTP_PROXY: host }), true],
    ["in lower case first", (host) => ({ http_proxy: host, HTTP_PROXY: "foo" }), true],
    [
      "unless NO_PROXY names the host",
      (host) => ({ HTTP_PROXY: host, NO_PROXY: "a.example, 127.0.0.1" }),
      false,
    ],
    [
      "unless it names host and port",
      (host, port) => ({ HTTP_PROXY: host, NO_PROXY: `127.0.0.1:${port}` }),
      false,
    ],
    ["if it names another port", (host) => ({ HTTP_PROXY: host, NO_PROXY: "127.0.0.1:1" }), true],
    ["if it names other domains", (host) => ({ HTTP_PROXY: host, NO_PROXY: ".example,0.0.2,::1" }), true],
    ["unless it is a star", (host) => ({ HTTP_PROXY: host, no_proxy: "*" }), false],
    ["unless a star is among others", (host) => ({ HTTP_PROXY: host, NO_PROXY: "a.example,*" }), false],
    ["not of HTTPS_PROXY alone", (host) => ({ HTTPS_PROXY: host }), false],
    ["not of an empty one", () => ({ HTTP_PROXY: " " }), false],
    ["not of a bad one that NO_PROXY spares", () => ({ HTTP_PROXY: "foo", NO_PROXY: "127.0.0.1" }), false],
  ])("%s", async (_name, env, proxied) => {
    const coze = await serveCoze();
    const { host, seen } = await serveProxy(coze.url);
    const { code } = await plan(coze.url, env(host, new URL(coze.url).port));
    expect({ code, calls: coze.seen.length }).toEqual({ code: 0, calls: 1 });
    expect(seen).toEqual(proxied ? [forwarded(new URL(coze.url).host)] : []);
  });

  test.each(["::1", "[::1]", "[::1]:1", "0:0::1,::1"])("unless NO_PROXY is %s", async (spared) => {
    const { host, seen } = await serveProxy("http://127.0.0.1:1");
    const { err } = await plan("http://[::1]:1", { HTTP_PROXY: host, NO_PROXY: spared });
    expect(err).not.toContain("HTTP_PROXY");
    expect(seen).toEqual([]);
  });

  test("but never to the emulator in this process", async () => {
    const { sh } = createConsole(smallProject, {}, { fetch: globalThis.fetch });
    expect(await sh("plan --emulator", { env: { HTTP_PROXY: "foo", HTTPS_PROXY: "foo" } })).toMatchObject({
      code: 0,
    });
  });
});

/** A server that speaks TLS, with a certificate that nothing trusts. */
async function serveTls() {
  const { key, cert } = createIdentity(Date.now());
  const server = createServer({ key, cert }, () => {}).listen(0, "127.0.0.1");
  server.on("tlsClientError", () => {});
  await once(server, "listening");
  closings.push(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

describe("an https endpoint", () => {
  test.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])(
    "is reached by a tunnel through the proxy of %s, which may not read along",
    async (variable) => {
      const { host, seen } = await serveProxy(await serveTls());
      const { code, err } = await plan("https://coze.example", { [variable]: `http://ann:password@${host}` });
      expect(code).toBe(1);
      expect(err).toContain("this machine doesn't trust the certificate of coze.example\n");
      expect(err).toContain("behind a company proxy, set NODE_EXTRA_CA_CERTS to its certificate\n");
      expect(seen).toEqual([`CONNECT coze.example:443 Basic ${btoa("ann:password")}`]);
    },
  );
});

describe("a proxy that can't be used is named, with its variable", () => {
  const spare = "hosts in NO_PROXY are called without";
  test.each<[string, { readonly [name: string]: string }, string]>([
    ["http://a.example", { HTTP_PROXY: "foo" }, "HTTP_PROXY isn't the address of a proxy"],
    ["https://a.example", { HTTPS_PROXY: "foo" }, "HTTPS_PROXY isn't the address of a proxy"],
    ["https://a.example", { http_proxy: "http://" }, "http_proxy isn't the address of a proxy"],
    ["https://a.example", { https_proxy: "http://a%zz@b:1" }, "https_proxy isn't the address of a proxy"],
    [
      "https://a.example",
      { HTTPS_PROXY: "socks5://ann:password@127.0.0.1:1" },
      "HTTPS_PROXY names a proxy of type socks5; only http and https proxies are supported",
    ],
    [
      "https://a.example",
      { HTTPS_PROXY: "http://ann:password@127.0.0.1:1" },
      "the proxy of HTTPS_PROXY failed: 127.0.0.1:1 refused the connection",
    ],
    [
      "http://a.example",
      { HTTP_PROXY: "127.0.0.1:1" },
      "the proxy of HTTP_PROXY failed: 127.0.0.1:1 refused the connection",
    ],
  ])("%s with %j", async (endpoint, env, problem) => {
    const { code, err } = await plan(endpoint, env, "plan --log-level debug");
    expect(code).toBe(1);
    expect(err).toContain(`error: list_workspace: Coze couldn't be reached: ${problem}\n`);
    expect(err).toContain(spare);
    expect(err).not.toContain("password");
  });
});

describe("a proxy that breaks connections is named, and asked once per attempt", () => {
  const tunnel = "CONNECT coze.example:443";
  const forwarded = "GET http://coze.example/v1/workspaces?page_num=1&page_size=50";
  const noHttp = "failed: HOST doesn't speak HTTP (HTTPParserError)";
  test.each<[scheme: string, answer: string, problem: string, calls: readonly string[]]>([
    ["https", "", "closed the connection", Array(4).fill(tunnel)],
    ["https", "SSH-2.0-OpenSSH_9.6\r\n", noHttp, [tunnel]],
    ["http", "", "closed the connection", Array(4).fill(forwarded)],
    [
      "http",
      "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
      "closed the connection",
      Array(4).fill(forwarded),
    ],
    ["http", "SSH-2.0-OpenSSH_9.6\r\n", noHttp, [forwarded]],
  ])("%s: %j", async (scheme, answer, problem, calls) => {
    const { host, seen } = await serveBroken(answer);
    const variable = `${scheme.toUpperCase()}_PROXY`;
    const { code, err } = await plan(`${scheme}://coze.example`, { [variable]: host });
    expect(err).toBe(
      `error: list_workspace: Coze couldn't be reached: the proxy of ${variable} ${problem.replace("HOST", host)}\n` +
        `  manifests/desk.yaml:1:1  Workspace.desk\n  hint: check ${variable} and that a proxy runs at ${host}; ` +
        "hosts in NO_PROXY are called without it, such as coze.example\n",
    );
    expect(code).toBe(1);
    expect(seen).toEqual(calls);
  });
});

test.each([
  ["http", "unknown", 1],
  ["https", "none", 1],
] as const)("a write over %s that a proxy cuts off has the effect %s", async (scheme, outcome, calls) => {
  const { host, seen } = await serveBroken();
  const fetch = throughProxies(globalThis.fetch, { [`${scheme}_proxy`]: host });
  const client = createCozeClient({ baseUrl: `${scheme}://coze.example`, token: "pat_secret", fetch });
  await expect(client.workspaces.create({ name: "a", description: "" })).rejects.toMatchObject({ outcome });
  expect(seen).toHaveLength(calls);
});

describe("what a proxy answers is told", () => {
  const basic = { "proxy-authenticate": 'Basic realm="corp"' };
  const table: readonly (readonly [string, Refusal, login: string, problem: string, calls: number])[] = [
    [
      "http",
      { status: 407, headers: basic },
      "",
      'the proxy HOST requires a login (HTTP 407): Basic realm="corp"',
      1,
    ],
    [
      "https",
      { status: 407, headers: basic },
      "",
      'the proxy HOST requires a login (HTTP 407): Basic realm="corp"',
      1,
    ],
    [
      "https",
      { status: 407, headers: { "proxy-authenticate": "NTLM" } },
      "ann:password@",
      "the proxy HOST refused the login (HTTP 407): NTLM",
      1,
    ],
    [
      "https",
      { status: 407 },
      "",
      "the proxy HOST requires a login (HTTP 407): it doesn't say by which method",
      1,
    ],
    ["https", { status: 403 }, "", "the proxy HOST opened no connection to coze.example:443 (HTTP 403)", 1],
    ["https", { status: 503 }, "", "the proxy HOST opened no connection to coze.example:443 (HTTP 503)", 4],
    [
      "https",
      { status: 302, headers: { location: "https://login.corp.example/in?session=k2" } },
      "",
      "the proxy HOST redirects to https://login.corp.example/in (HTTP 302)",
      1,
    ],
  ];
  test.each(table)("by %s: %j", async (scheme, refusal, login, problem, calls) => {
    const coze = await serveCoze();
    const { host, seen } = await serveProxy(coze.url, refusal);
    const env = { [`${scheme.toUpperCase()}_PROXY`]: `http://${login}${host}` };
    const { code, err } = await plan(`${scheme}://coze.example`, env, "plan --log-level debug");
    expect(code).toBe(1);
    expect(err).toContain(`list_workspace: Coze couldn't be reached: ${problem.replace("HOST", host)}\n`);
    expect(err).not.toContain("password");
    expect({ proxy: seen.length, coze: coze.seen.length }).toEqual({ proxy: calls, coze: 0 });
  });

  test.each([
    [
      "https://portal.example/login?token=k2",
      "HTTP 302 redirects to https://portal.example/login instead of an answer",
    ],
    ["/other", "HTTP 302 redirects to http://coze.example/other instead of an answer"],
    ["https://coze.example/v1?a=k2", "HTTP 302 redirects to https://coze.example/v1 instead of an answer"],
  ])("also a forwarded redirect to %s, without following it", async (location, problem) => {
    const coze = await serveCoze();
    const { host, seen } = await serveProxy(coze.url, { status: 302, headers: { location } });
    const { code, err } = await plan("http://coze.example", { HTTP_PROXY: host });
    expect(hintLess(err)).toBe(`error: list_workspace: ${problem} of Coze's API`);
    expect(err).toContain(
      location.startsWith("https://coze.example")
        ? "hint: set the endpoint to https://coze.example\n"
        : "hint: open that page in a browser: the network may require a sign-in there; ",
    );
    expect({ code, calls: seen.length }).toEqual({ code: 1, calls: 1 });
  });
});

test("a login by JWT and an upload take the same way as other calls", async () => {
  const bodies: string[] = [];
  const coze = await serveHttp((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      bodies.push(`${request.headers["content-length"]} ${Buffer.concat(parts)}`);
      respondJson(
        response,
        request.url?.endsWith("/token")
          ? { access_token: "czs_0123456789abcdef", expires_in: 0 }
          : { code: 0, data: { id: "7" } },
      );
    });
  });
  const { host, seen } = await serveProxy(coze.url);
  const fetch = throughProxies(globalThis.fetch, { HTTP_PROXY: host });
  const client = createCozeClient({ baseUrl: "http://coze.example", token: "pat_secret", fetch });
  expect(await client.files.upload("图标.png", Buffer.from("content of the file"))).toBe("7");
  expect(seen).toEqual(["POST http://coze.example/v1/files/upload"]);
  expect(bodies[0]).toMatch(/^\d+ --[\s\S]*filename="图标\.png"[\s\S]*content of the file\r\n--/u);

  const auth = `jwt: {app_id: "1", key_id: k, private_key: {env: COZE_KEY}}`;
  const project = `apiVersion: cozeform/v1\nkind: Project\nname: a\nenvironments:\n  dev:\n    auth:\n      ${auth}\n`;
  const { sh } = createConsole(
    { ...smallProject, "cozeform.yaml": project },
    {},
    { fetch: globalThis.fetch },
  );
  const env = { HTTP_PROXY: host, COZE_KEY: privatePem };
  await sh("auth check --endpoint http://coze.example", { env });
  expect(seen[1]).toBe("POST http://coze.example/api/permission/oauth2/token");
  expect(seen[2]).toMatch("GET http://coze.example/v1/workspaces");
});

test("a fetch of the caller's own is used as it is", () => {
  const own = async () => new Response();
  expect(throughProxies(own, { HTTPS_PROXY: "http://127.0.0.1:1" })).toBe(own);
  expect(throughProxies(globalThis.fetch, { NO_PROXY: "a" })).toBe(globalThis.fetch);
});
