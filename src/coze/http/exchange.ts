import { setMaxListeners } from "node:events";
import { rejectOn } from "../../core/abort-signal.ts";
import { causesOf, isUnreadable } from "../../core/causes.ts";
import { excerpt } from "../../core/excerpt.ts";
import { isId } from "../../core/field.ts";
import { explain, say } from "../../messages/text.ts";
import { BadRequest } from "../error-classes.ts";
import type { Call, Operation } from "./operation.ts";
import { ProxyBroken, ProxyFailure } from "./proxy.ts";
import {
  longestAnswer,
  NeverOpened,
  type Outgoing,
  type Received,
  type Receiving,
  type SendOne,
} from "./request.ts";

/** No answer came within the time-out. */
export class TimeOut extends Error {
  override readonly name = "TimeOut";
}

/** Sends one request. */
type Fetch = (request: Request) => Response | Promise<Response>;

/** Sends requests by a fetch. What Node's own would do is done with less work, except for uploads. */
export function sendBy(fetch: Fetch): SendOne {
  if (fetch !== globalThis.fetch) return sendByFetch((url, init) => fetch(new Request(url, init)));
  const upload = sendByFetch(globalThis.fetch);
  return async (outgoing, receiving) => {
    if (typeof outgoing.body === "object") return await upload(outgoing, receiving);
    // Most commands make no call.
    const { sendDirectly } = await import("./direct-sending.ts");
    return await sendDirectly(outgoing, receiving);
  };
}

/**
 * A fetch keeps a copy of the body for a redirect or a login unless neither can be: https://fetch.spec.whatwg.org, in
 * HTTP-network-or-cache fetch.
 */
const withoutCopy = { redirect: "error", window: null } as const;

/** Node's fetch makes a Request of whatever it gets, with another stream of its body, so it takes the parts. */
const sendByFetch =
  (fetch: (url: URL, init: RequestInit) => Response | Promise<Response>): SendOne =>
  async ({ url, method, headers, body }, { signal, onBytes }) => {
    // Following a redirect could turn a POST into a GET.
    const redirects = typeof body === "object" ? withoutCopy : ({ redirect: "manual" } as const);
    const response = await fetch(url, { method, headers, body: body ?? null, signal, ...redirects });
    onBytes();
    return { status: response.status, headers: response.headers, text: await readText(response, onBytes) };
  };

/** The HTTP request of a call. */
export function buildRequest(baseUrl: string, token: string, operation: Operation, call: Call): Outgoing {
  const url = new URL(baseUrl.replace(/\/+$/, "") + fillPath(operation, call));
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
  if (call.form === undefined) headers["Content-Type"] = "application/json";
  if (operation.strIds) headers["Agw-Js-Conv"] = "str";
  const body = call.form ?? (call.body && JSON.stringify(call.body));
  return { url, method: operation.method, headers, body };
}

/** An operation's path with the call's ids; throws BadRequest for a malformed id, which could lead to another path. */
export function fillPath(operation: Operation, call: Call): string {
  return operation.path.replace(/:(\w+)/g, (_match, name: string) => {
    const value = call.path?.[name] ?? "";
    if (!isId(value)) throw notAnId(operation, name, value);
    return value;
  });
}

function notAnId(operation: Operation, name: string, value: string): BadRequest {
  const { message, hint } =
    value === ""
      ? explain("coze/id-empty", { name })
      : explain("coze/id-malformed", { name, value: excerpt(JSON.stringify(value), 80) });
  return new BadRequest(message, { operation: operation.name, outcome: "none", hint });
}

/**
 * Sends a request and reads the answer up to the size limit. Rejects when the time is over or the signal aborts. `onBytes`
 * is called for each part of the answer.
 */
export async function exchange(
  send: SendOne,
  outgoing: Outgoing,
  limits: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly onBytes: () => void;
  },
): Promise<Received> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new TimeOut(say("coze/no-answer-within", { seconds: limits.timeoutMs / 1000 }))),
    limits.timeoutMs,
  );
  const stop = () => controller.abort(limits.signal?.reason);
  // Each call under way listens; Node would warn users of a leak from the eleventh on.
  if (limits.signal) setMaxListeners(Number.POSITIVE_INFINITY, limits.signal);
  limits.signal?.addEventListener("abort", stop, { once: true });
  try {
    // Before the request, which may end before it returns.
    const givenUp = rejectOn(controller.signal);
    const receiving: Receiving = { signal: controller.signal, onBytes: limits.onBytes };
    return await Promise.race([givenUp, send(outgoing, receiving)]);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", stop);
  }
}

/** The body as text; undefined if it is too large, and then the connection is closed. */
async function readText({ body }: Response, onBytes: () => void): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    onBytes();
    size += next.value.byteLength;
    if (size > longestAnswer) {
      // A failure to cancel doesn't matter to the call.
      reader?.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(next.value);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Why no answer came. */
export interface ConnectionFailure {
  readonly reason: string;
  readonly hint: string;
  /** The request never reached Coze. */
  readonly unsent: boolean;
  /** A retry would fail the same way. */
  readonly final?: true | undefined;
}

const refused = { problem: "coze/connection-refused", unsent: true } as const;
const unresolved = { problem: "coze/name-unresolved", unsent: true } as const;
const unreachable = { problem: "coze/host-unreachable", unsent: true } as const;
const broken = { problem: "coze/connection-lost", unsent: false } as const;
const slow = { problem: "coze/no-answer-in-time", unsent: false } as const;
const unopened = { problem: "coze/connection-timed-out", unsent: true } as const;
const untrusted = { problem: "coze/certificate-untrusted", unsent: true, final: true } as const;
const plain = { problem: "coze/answers-plain-http", unsent: true, final: true } as const;
const noHttp = { problem: "coze/answers-no-http", unsent: false, final: true } as const;
const oversized = { problem: "coze/headers-too-large", unsent: false, final: true } as const;
const tlsFailed = { problem: "coze/tls-failed", unsent: true, final: true } as const;

/** What Node's codes mean (https://nodejs.org/api/errors.html, https://nodejs.org/api/tls.html). */
const knownCodes = {
  ECONNREFUSED: refused,
  ENOTFOUND: unresolved,
  EAI_AGAIN: unresolved,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: broken,
  EPIPE: broken,
  UND_ERR_SOCKET: broken,
  HPE_HEADER_OVERFLOW: oversized,
  UND_ERR_HEADERS_OVERFLOW: oversized,
  ETIMEDOUT: slow,
  CONNECT_TIMEOUT: unopened,
  UND_ERR_CONNECT_TIMEOUT: unopened,
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  CERT_HAS_EXPIRED: { problem: "coze/certificate-expired", unsent: true, final: true },
  CERT_NOT_YET_VALID: { problem: "coze/certificate-not-yet-valid", unsent: true, final: true },
  CERT_REJECTED: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  INVALID_CA: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: { problem: "coze/certificate-of-other-host", unsent: true, final: true },
  EPROTO: plain,
  ERR_SSL_WRONG_VERSION_NUMBER: plain,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plain,
} as const;

type KnownFailure = ((typeof knownCodes)[keyof typeof knownCodes] | typeof noHttp | typeof tlsFailed) & {
  readonly final?: true | undefined;
};

const failuresByCode: ReadonlyMap<string, KnownFailure> = new Map(Object.entries(knownCodes));

/** Explains why no answer came; `error` is what sending threw. */
export function explainConnectionError(error: unknown, baseUrl: string): ConnectionFailure {
  const { host, port, protocol } = new URL(baseUrl);
  const chain = causesOf(error);
  const timeOut = chain.find((one) => one instanceof TimeOut);
  const unsent = chain.some((one) => one instanceof NeverOpened);
  const lost = { hint: say("coze/connection-lost.hint"), unsent };
  if (timeOut) return { ...lost, reason: timeOut.message };
  const refusal = chain.find((one) => one instanceof ProxyFailure);
  if (refusal) return { reason: refusal.message, hint: refusal.hint, unsent: true, final: refusal.final };
  const proxy = chain.find((one) => one instanceof ProxyBroken);
  if (proxy) return explainBrokenProxy(proxy, host);
  // Like browsers, undici's fetch refuses ports of other protocols; its error has no code.
  if (chain.some(({ message }) => message === "bad port")) {
    const { message: reason, hint } = explain("coze/port-blocked", { port });
    return { reason, hint, unsent: true, final: true };
  }
  const upload = explainUpload(chain);
  if (upload) return { ...upload, unsent: true, final: true };
  const code = codeOf(chain);
  if (code === undefined) return { ...lost, reason: say("coze/connection-failed") };
  const known = findFailure(code);
  if (!known) return { ...lost, reason: say("coze/connection-failed-with-code", { code }) };
  const { problem, ...rest } = known;
  const { message: reason, hint } = explain(problem, { host, code });
  // A server for https closes connections that begin otherwise.
  const wantsTls = protocol === "http:" && (known === broken || known === noHttp);
  return {
    ...rest,
    unsent: unsent || known.unsent,
    reason,
    hint: wantsTls ? say("coze/maybe-https", { hint, host }) : hint,
  };
}

/** Failures of uploads, which fetch tells only by name or message: {@link withoutCopy} has it reject at a redirect. */
function explainUpload(
  chain: readonly Error[],
): { readonly reason: string; readonly hint: string } | undefined {
  if (chain.some(isUnreadable)) {
    const { message: reason, hint } = explain("coze/upload-changed");
    return { reason, hint };
  }
  if (!chain.some(({ message }) => /^unexpected redirect$/u.test(message))) return undefined;
  return { reason: say("coze/upload-redirected"), hint: say("coze/redirected-elsewhere") };
}

/** A request that a proxy never got wasn't sent, whatever broke. */
function explainBrokenProxy(
  { cause, host, variable, unsent }: ProxyBroken,
  target: string,
): ConnectionFailure {
  const code = codeOf(causesOf(cause));
  const known = code === undefined ? undefined : findFailure(code);
  const { message, hint } =
    known === broken
      ? explain("coze/proxy-closed", { host, variable, target })
      : explain("coze/proxy-unreached", { host, variable, target, reason: describeFailure(host, code) });
  return { reason: message, hint, unsent, final: known?.final };
}

function describeFailure(host: string, code: string | undefined): string {
  if (code === undefined) return say("coze/connection-failed");
  const known = findFailure(code);
  return known ? say(known.problem, { host, code }) : say("coze/connection-failed-with-code", { code });
}

// Some versions of undici leave the code of what isn't HTTP undefined.
const noHttpName = "HTTPParserError";

const codeOf = (chain: readonly Error[]): string | undefined =>
  chain.flatMap((one) => ("code" in one && typeof one.code === "string" ? [one.code] : []))[0] ??
  chain.find(({ name }) => name === noHttpName)?.name;

function findFailure(code: string): KnownFailure | undefined {
  const known = failuresByCode.get(code);
  if (known) return known;
  if (code.startsWith("HPE_") || code === noHttpName) return noHttp;
  return /^ERR_(?:SSL|TLS)_/u.test(code) ? tlsFailed : undefined;
}
