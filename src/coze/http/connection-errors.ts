import { TimeOut } from "./exchange.ts";

/** Why no answer came, in words. */
export interface ConnectionFailure {
  readonly reason: string;
  readonly hint: string;
  /** The request never reached Coze. */
  readonly unsent: boolean;
  /** It will be the same next time. */
  readonly final?: true;
}

const later = "run again; if it stays, check the network and any proxy on the way";

const refused = (host: string): ConnectionFailure => ({
  reason: `nothing answers at ${host}`,
  hint: "check the endpoint, and any firewall or proxy on the way",
  unsent: true,
});
const unnamed = (host: string): ConnectionFailure => ({
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
const distrusted =
  (why: string) =>
  (host: string): ConnectionFailure => ({
    reason: `the certificate of ${host} ${why}`,
    hint: "check the endpoint and this machine's clock; for a company's proxy set NODE_EXTRA_CA_CERTS to its certificate",
    unsent: true,
    final: true,
  });
const untrusted = distrusted("isn't one that this machine trusts");

// A browser's fetch keeps off ports of other protocols, and Node's does the same, without a code.
const closed = ({ port }: URL): ConnectionFailure => ({
  reason: `calls can't be made to port ${port}, which belongs to another protocol`,
  hint: "give the endpoint another port; https://fetch.spec.whatwg.org/#port-blocking lists those that are refused",
  unsent: true,
  final: true,
});

/** What Node's codes mean (https://nodejs.org/api/errors.html, https://nodejs.org/api/tls.html). */
const losses: { readonly [code: string]: (host: string) => ConnectionFailure } = {
  ECONNREFUSED: refused,
  ENOTFOUND: unnamed,
  EAI_AGAIN: unnamed,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: broken,
  EPIPE: broken,
  UND_ERR_SOCKET: broken,
  ETIMEDOUT: slow,
  UND_ERR_CONNECT_TIMEOUT: (host) => ({ ...refused(host), reason: `${host} didn't answer in time` }),
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  CERT_HAS_EXPIRED: distrusted("has expired"),
  CERT_NOT_YET_VALID: distrusted("isn't valid yet"),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: distrusted("is for another host"),
};

/** Why no answer came from an address; `error` is what fetch threw. */
export function describeLoss(error: unknown, baseUrl: string): ConnectionFailure {
  const url = new URL(baseUrl);
  const { host } = url;
  const chain = causesOf(error);
  const timeOut = chain.find((one) => one instanceof TimeOut);
  if (timeOut) return { ...slow(), reason: timeOut.message };
  if (chain.some(({ message }) => message === "bad port")) return closed(url);
  const code =
    chain.flatMap((one) => ("code" in one && typeof one.code === "string" ? [one.code] : []))[0] ?? "";
  const known = losses[code]?.(host);
  return known ?? { ...broken(), reason: code ? `the connection failed (${code})` : "the connection failed" };
}

function causesOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
