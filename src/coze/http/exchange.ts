import { excerpt } from "../../core/excerpt.ts";
import { isId } from "../../core/field.ts";
import { BadRequest } from "../error-classes.ts";
import type { Call, Operation } from "./operation.ts";

/** The size limit of an answer in bytes, after decompression. */
const longestAnswer = 64 * 1024 * 1024;

/** A received answer. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined if it is larger than 64 MiB. */
  readonly text: string | undefined;
}

/** No answer came within the time-out. */
export class TimeOut extends Error {
  override readonly name = "TimeOut";
}

/** The HTTP request of a call. */
export function buildRequest(baseUrl: string, token: string, operation: Operation, call: Call): Request {
  const url = new URL(baseUrl.replace(/\/+$/, "") + fillPath(operation, call));
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers = new Headers({ Authorization: `Bearer ${token}` });
  if (call.form === undefined) headers.set("Content-Type", "application/json");
  if (operation.strIds) headers.set("Agw-Js-Conv", "str");
  return new Request(url, {
    method: operation.method,
    headers,
    body: call.form ?? (call.body ? JSON.stringify(call.body) : null),
    // Following a redirect could turn a POST into a GET.
    redirect: "manual",
  });
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
  const shown = value === "" ? "nothing was given" : `${excerpt(JSON.stringify(value), 80)} was given`;
  return new BadRequest(`${name} isn't an id: ${shown}`, {
    operation: operation.name,
    outcome: "none",
    hint: "an id has 1 to 64 letters, digits, - and _: see where this one comes from, the manifests or the state",
  });
}

/**
 * Sends a request and reads the answer up to the size limit. Rejects when the time is over or the signal aborts. `onBytes`
 * is called for each part of the answer.
 */
export async function exchange(
  fetch: (request: Request) => Response | Promise<Response>,
  request: Request,
  limits: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly onBytes: () => void;
  },
): Promise<Received> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new TimeOut(`no answer within ${limits.timeoutMs / 1000} s`)),
    limits.timeoutMs,
  );
  const stop = () => controller.abort(limits.signal?.reason);
  limits.signal?.addEventListener("abort", stop, { once: true });
  try {
    // Before the fetch, which may abort before it returns.
    const givenUp = rejectOn(controller.signal);
    const sent = new Request(request, { signal: controller.signal });
    return await Promise.race([givenUp, receive(fetch, sent, limits.onBytes)]);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", stop);
  }
}

async function receive(
  fetch: (request: Request) => Response | Promise<Response>,
  request: Request,
  onBytes: () => void,
): Promise<Received> {
  const response = await fetch(request);
  onBytes();
  return { status: response.status, headers: response.headers, text: await readText(response, onBytes) };
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

// A fetch that ignores its signal mustn't block the run.
function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
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

const later = "run again; if it stays, check the network and any proxy on the way";

const refusedConnection = (host: string): ConnectionFailure => ({
  reason: `nothing answers at ${host}`,
  hint: "check the endpoint, and any firewall or proxy on the way",
  unsent: true,
});
const unresolvedName = (host: string): ConnectionFailure => ({
  reason: `the name ${host} can't be resolved`,
  hint: "check the endpoint's spelling, and this machine's network and DNS",
  unsent: true,
});
const unreachable = (host: string): ConnectionFailure => ({
  reason: `there is no way to ${host} from here`,
  hint: "check this machine's network, and whether the endpoint may be reached from it",
  unsent: true,
});
const broken = (): ConnectionFailure => ({ reason: "the connection broke off", hint: later, unsent: false });
const slow = (): ConnectionFailure => ({ reason: "no answer came in time", hint: later, unsent: false });
const badCertificate =
  (why: string) =>
  (host: string): ConnectionFailure => ({
    reason: `the certificate of ${host} ${why}`,
    hint: "check the endpoint and this machine's clock; for a company's proxy set NODE_EXTRA_CA_CERTS to its certificate",
    unsent: true,
    final: true,
  });
const untrustedCertificate = badCertificate("isn't one that this machine trusts");

// Like browsers, Node's fetch refuses ports of other protocols; its error has no code.
const closed = ({ port }: URL): ConnectionFailure => ({
  reason: `calls can't be made to port ${port}, which belongs to another protocol`,
  hint: "give the endpoint another port; https://fetch.spec.whatwg.org/#port-blocking lists those that are refused",
  unsent: true,
  final: true,
});

/** What Node's codes mean (https://nodejs.org/api/errors.html, https://nodejs.org/api/tls.html). */
const failuresByCode: { readonly [code: string]: (host: string) => ConnectionFailure } = {
  ECONNREFUSED: refusedConnection,
  ENOTFOUND: unresolvedName,
  EAI_AGAIN: unresolvedName,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: broken,
  EPIPE: broken,
  UND_ERR_SOCKET: broken,
  ETIMEDOUT: slow,
  UND_ERR_CONNECT_TIMEOUT: (host) => ({
    ...refusedConnection(host),
    reason: `${host} didn't answer in time`,
  }),
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  CERT_HAS_EXPIRED: badCertificate("has expired"),
  CERT_NOT_YET_VALID: badCertificate("isn't valid yet"),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrustedCertificate,
  SELF_SIGNED_CERT_IN_CHAIN: untrustedCertificate,
  UNABLE_TO_GET_ISSUER_CERT: untrustedCertificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrustedCertificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrustedCertificate,
  ERR_TLS_CERT_ALTNAME_INVALID: badCertificate("is for another host"),
};

/** Explains why no answer came; `error` is what fetch threw. */
export function explainConnectionError(error: unknown, baseUrl: string): ConnectionFailure {
  const url = new URL(baseUrl);
  const { host } = url;
  const chain = causesOf(error);
  const timeOut = chain.find((one) => one instanceof TimeOut);
  if (timeOut) return { ...slow(), reason: timeOut.message };
  if (chain.some(({ message }) => message === "bad port")) return closed(url);
  const code =
    chain.flatMap((one) => ("code" in one && typeof one.code === "string" ? [one.code] : []))[0] ?? "";
  const known = failuresByCode[code]?.(host);
  return known ?? { ...broken(), reason: code ? `the connection failed (${code})` : "the connection failed" };
}

function causesOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
