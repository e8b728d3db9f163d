import type { Dispatcher } from "undici";
import { excerpt } from "../../core/excerpt.ts";
import { explain, say } from "../../messages/text.ts";

/** Sends one request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** Environment variables by name. */
type Env = { readonly [name: string]: string | undefined };

/** A proxy that an environment variable names. */
interface Proxy {
  readonly variable: string;
  /** A text for undici; for a variable that holds no usable address, one that is never called. */
  readonly url: URL;
  /** Why the variable can't be used. */
  readonly fault?: ProxyFailure | undefined;
}

/** The proxies of an environment. */
interface Proxies {
  readonly http: Proxy | undefined;
  readonly https: Proxy | undefined;
  /** The hosts that are called directly. */
  readonly none: string;
}

/** The variables, in the order of undici's `EnvHttpProxyAgent`: https://undici.nodejs.org/#/docs/api/EnvHttpProxyAgent. */
const variables = {
  http: ["http_proxy", "HTTP_PROXY"],
  https: ["https_proxy", "HTTPS_PROXY"],
  none: ["no_proxy", "NO_PROXY"],
} as const;

/** The variables that choose proxies. */
export const proxyVariables: readonly string[] = Object.values(variables).flat();

/** A proxy that didn't pass a request on. */
export class ProxyFailure extends Error {
  override readonly name = "ProxyFailure";
  readonly hint: string;
  /** A retry would fail the same way. */
  readonly final: true | undefined;

  constructor(facts: {
    readonly message: string;
    readonly hint: string;
    readonly final?: boolean | undefined;
    readonly cause?: unknown;
  }) {
    super(facts.message, { cause: facts.cause });
    this.hint = facts.hint;
    this.final = facts.final === true || undefined;
  }
}

/**
 * A connection to a proxy that can't be opened or broke; the cause says why. It has no code: undici tries again without
 * end, and without a pause, to connect after an error of code UND_ERR_SOCKET.
 */
export class ProxyBroken extends Error {
  override readonly name = "ProxyBroken";
  readonly variable: string;
  /** Host and port. */
  readonly host: string;
  /** The proxy never got the request. */
  readonly unsent: boolean;

  constructor({ variable, url }: Proxy, cause: Error, unsent: boolean) {
    super(cause.message, { cause });
    this.variable = variable;
    this.host = url.host;
    this.unsent = unsent;
  }
}

/**
 * The global fetch, through the proxies that the runner's variables name; any other fetch as it is. A variable that
 * can't be used fails the calls that need it with a {@link ProxyFailure}.
 */
export function throughProxies(fetch: Fetch, env: Env): Fetch {
  const proxies: Proxies = {
    http: readProxy(env, "http"),
    https: readProxy(env, "https"),
    none: writeNoProxy(readVariable(env, "none")?.text ?? ""),
  };
  if (fetch !== globalThis.fetch || !(proxies.http || proxies.https)) return fetch;
  let opened: Promise<Fetch> | undefined;
  return async (request) => {
    opened ??= openProxies(proxies);
    return (await opened)(request);
  };
}

function readVariable(env: Env, purpose: keyof typeof variables) {
  const variable = variables[purpose].find((name) => env[name] !== undefined);
  const text = variable && env[variable]?.trim();
  return variable && text ? { variable, text } : undefined;
}

function readProxy(env: Env, purpose: "http" | "https"): Proxy | undefined {
  const found = readVariable(env, purpose);
  if (!found) return undefined;
  const { variable, text } = found;
  const url = readProxyAddress(text);
  if (url && /^https?:$/u.test(url.protocol)) return { variable, url };
  const problem = url
    ? explain("coze/proxy-protocol", { variable, protocol: excerpt(url.protocol.slice(0, -1), 20) })
    : explain("coze/proxy-invalid", { variable });
  const fault = new ProxyFailure({ ...problem, final: true });
  return { variable, url: new URL(`http://${purpose}.invalid`), fault };
}

/** The address of a proxy, also without its scheme but with a port, as curl takes it; undefined for other texts. */
function readProxyAddress(text: string): URL | undefined {
  const schemed = /^[a-z][a-z\d+.-]*:\/\//iu.test(text) ? text : `http://${text}`;
  if (schemed !== text && !/:\d+\/?$/u.test(text)) return undefined;
  if (!URL.canParse(schemed)) return undefined;
  const url = new URL(schemed);
  try {
    // undici decodes both.
    decodeURIComponent(url.username + url.password);
  } catch {
    return undefined;
  }
  return url.hostname === "" ? undefined : url;
}

/** NO_PROXY in the form that undici reads: it takes IPv6 addresses only in brackets, and a star only alone. */
function writeNoProxy(text: string): string {
  const entries = text.split(/[,\s]+/u).filter((entry) => entry !== "");
  if (entries.includes("*")) return "*";
  return entries
    .map((entry) => (/^[\da-f]*:[\da-f:.]*:[\da-f:.]*$/iu.test(entry) ? `[${entry}]` : entry))
    .join(",");
}

/** The fetch of undici with its agent for proxies: Node's own fetch may be of another version than that agent. */
async function openProxies({ http, https, none }: Proxies): Promise<Fetch> {
  // Most runs need no proxy, and loading it takes a third of the start-up time.
  const { Client, EnvHttpProxyAgent, fetch, Pool } = await import("./proxy-agents.ts");
  // With their logins: two proxies may differ in these alone. Endpoints are origins, without a slash at the end.
  const findAt = (url: URL | string, proxies: readonly (Proxy | undefined)[]) =>
    proxies.find((one) => one?.url.href === String(url));
  const agent = new EnvHttpProxyAgent({
    httpProxy: http?.url.href ?? "",
    httpsProxy: https?.url.href ?? "",
    noProxy: none,
    // Plain requests are forwarded, as curl and browsers want it: many proxies open tunnels only to port 443.
    proxyTunnel: false,
    // Opens the connections to a proxy that tunnels are asked of.
    clientFactory(url, options) {
      const proxy = findAt(url, [https, http]);
      const pool = new Pool(url, proxy ? nameProxy(options, proxy) : options);
      const connect: (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> =
        pool.connect.bind(pool);
      return proxy ? Object.assign(pool, { connect: openTunnels(connect, proxy) }) : pool;
    },
    // Opens the connections to endpoints, through a tunnel or without a proxy, and those to a proxy that forwards.
    factory(origin, options) {
      const proxy = findAt(origin, [http]);
      if (!proxy) return new Pool(origin, options);
      return new Pool(origin, {
        ...nameProxy(options, proxy),
        factory: (to, its) => forward(new Client(to, its), proxy),
      });
    },
  });
  return async (request) => {
    const { method, url, headers, redirect, signal } = request;
    // Its parts may be of classes that aren't undici's own. Some proxies want its length.
    const body = request.body === null ? null : await request.arrayBuffer();
    const init = { method, headers: [...headers], redirect, signal, body, dispatcher: agent };
    return (await fetch(url, init)) as unknown as Response;
  };
}

interface ConnectorOptions {
  readonly connect?: unknown;
}

type Connect = (options: object, done: (error: Error | null, socket: unknown) => void) => void;

/** Lets the errors of connecting to a proxy name it. */
function nameProxy<T extends object>(options: T, proxy: Proxy): T {
  const { connect } = options as ConnectorOptions;
  const named: Connect = (to, done) => {
    if (proxy.fault) return done(proxy.fault, null);
    (connect as Connect)(to, (error, socket) => done(error && new ProxyBroken(proxy, error, true), socket));
  };
  return { ...options, connect: named };
}

/** An error with the proxy's name, unless it has it already. */
const nameBroken = (proxy: Proxy, error: Error, unsent: boolean): Error =>
  error instanceof ProxyBroken || error instanceof ProxyFailure
    ? error
    : new ProxyBroken(proxy, error, unsent);

/** A request with a proxy's login; undici itself sends none that lacks a user name or a password. */
function addLogin<T extends { headers?: unknown }>(request: T, { url }: Proxy): T {
  const { username, password } = url;
  if (username === "" && password === "") return request;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const value = ["Basic", login.toString("base64")].join(" ");
  return { ...request, headers: { ...(request.headers as Headers), "proxy-authorization": value } };
}

const openTunnels =
  (connect: (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>, proxy: Proxy) =>
  async (options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
    const answer = await connect(addLogin(options, proxy)).catch((error) => {
      throw nameBroken(proxy, error, true);
    });
    if (answer.statusCode === 200) return answer;
    answer.socket.on("error", () => {}).destroy();
    throw describeRefusal(proxy, answer.statusCode, answer.headers, String(options.path));
  };

/** Sends requests with a forwarding proxy's login; its demand for another fails with its words, and what breaks with its name. */
function forward<T extends Dispatcher>(client: T, proxy: Proxy): T {
  const dispatch = client.dispatch.bind(client);
  return Object.assign(client, {
    dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
      const { onHeaders, onError } = handler;
      handler.onHeaders = (status, headers, ...more) => {
        if (status === 407) throw describeRefusal(proxy, status, pairUp(headers), "");
        return onHeaders?.call(handler, status, headers, ...more) ?? true;
      };
      // It may have passed the request on.
      handler.onError = (error) => onError?.call(handler, nameBroken(proxy, error, false));
      return dispatch(addLogin(options, proxy), handler);
    },
  });
}

type Headers = { readonly [name: string]: string | readonly string[] | undefined };

function pairUp(raw: readonly Buffer[]): Headers {
  const texts = raw.map((one) => one.toString("latin1"));
  return Object.fromEntries(
    texts.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), texts[at + 1]]] : [])),
  );
}

/** The error for a proxy's own answer; `target`: host and port that it was to open a tunnel to. */
function describeRefusal(
  { variable, url }: Proxy,
  status: number,
  headers: Headers,
  target: string,
): ProxyFailure {
  const proxy = url.host;
  const facts = { proxy, variable, status, target };
  const said = (name: string) => [headers[name] ?? []].flat().join(", ");
  if (status === 407) {
    const methods = excerpt(said("proxy-authenticate") || say("coze/proxy-login-unnamed"), 200);
    const key = url.username + url.password === "" ? "coze/proxy-login-missing" : "coze/proxy-login-refused";
    return new ProxyFailure({ ...explain(key, { ...facts, methods }), final: true });
  }
  const location = said("location");
  if (status >= 300 && status < 400 && location !== "") {
    const to = describeLocation(location, url.href);
    return new ProxyFailure({ ...explain("coze/proxy-redirects", { ...facts, location: to }), final: true });
  }
  return new ProxyFailure({ ...explain("coze/proxy-refused", facts), final: status < 500 });
}

/** Where a redirect leads, without what may be a secret in it: user, query and fragment. */
export function describeLocation(location: string, base: string): string {
  if (!URL.canParse(location, base)) return excerpt(JSON.stringify(location), 200);
  const { origin, protocol, pathname } = new URL(location, base);
  return excerpt(origin === "null" ? `${protocol}${pathname}` : origin + pathname, 200);
}
