import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import type { Connection } from "./client.ts";
import { BadRequest, type CozeError, Forbidden, Unauthenticated } from "./error-classes.ts";
import { type Operation, reading } from "./http/operation.ts";
import { unexpected } from "./http/response.ts";
import type { Token } from "./http/transport.ts";

/** An OAuth app that signs in without a user (https://docs.coze.cn/developer_guides/oauth_jwt). */
export interface OauthApp {
  readonly appId: string;
  /** The fingerprint of the public key. */
  readonly keyId: string;
  readonly key: KeyObject;
  /** The lifetime of its tokens, up to 86,399. */
  readonly durationSeconds: number;
  readonly sessionName?: string | undefined;
  /** The organization whose resources the token is for; the app owner's by default. */
  readonly organizationId?: string | undefined;
  /** The enterprise of a privileged app (https://docs.coze.cn/developer_guides/oauth_jwt_privilege). */
  readonly enterpriseId?: string | undefined;
}

/** The settings of an OAuth app, as configurations name them. */
export interface OauthAppSettings {
  readonly app_id: string;
  readonly key_id: string;
  readonly duration_seconds: number;
  readonly session_name?: string | undefined;
  readonly organization_id?: string | undefined;
  readonly enterprise_id?: string | undefined;
}

/** The app with these settings and this key. */
export const describeApp = (settings: OauthAppSettings, key: KeyObject): OauthApp => ({
  key,
  appId: settings.app_id,
  keyId: settings.key_id,
  durationSeconds: settings.duration_seconds,
  sessionName: settings.session_name,
  organizationId: settings.organization_id,
  enterpriseId: settings.enterprise_id,
});

// An exchange has no visible effect, and each attempt has a new JWT.
const oauth = "/api/permission/oauth2";
const bare = { bare: true } as const;
const exchange = reading("oauth_jwt", "POST", `${oauth}/token`, bare);
const exchangeForOrganization = reading(
  "oauth_jwt_collaborate",
  "POST",
  `${oauth}/account/:account_id/token`,
  bare,
);
const exchangeForEnterprise = reading(
  "oauth_jwt_privilege",
  "POST",
  `${oauth}/enterprise_id/:enterprise_id/token`,
  bare,
);

const exchanges: ReadonlySet<string> = new Set(
  [exchange, exchangeForOrganization, exchangeForEnterprise].map(({ name }) => name),
);

/** Whether the operation with this name exchanges JWTs for tokens. */
export const isExchange = (operation: string): boolean => exchanges.has(operation);

interface IssuedToken {
  readonly token: string;
  /** When it is to be renewed, by this machine's clock. */
  readonly renewAt: number;
}

/** Tokens are renewed so many milliseconds before they expire, or after four fifths of a short lifetime. */
const longestMargin = 60_000;

/**
 * A token that renews itself shortly before it expires, or when Coze rejects it. Concurrent calls share one exchange. If
 * the app itself is refused, there are no further exchanges.
 */
export function createJwtToken(connection: Connection, app: OauthApp): Exclude<Token, string> {
  let current: IssuedToken | undefined;
  let running: Promise<IssuedToken> | undefined;
  let refusal: CozeError | undefined;

  async function renew(): Promise<IssuedToken> {
    if (refusal) throw refusal;
    try {
      current = await exchangeJwt(connection, app);
      return current;
    } catch (error) {
      if (isRefusal(error)) refusal = withClockHint(error, connection.clockLead());
      throw refusal ?? error;
    } finally {
      running = undefined;
    }
  }

  return async (rejected) => {
    if (current && current.token !== rejected && connection.clock.now() < current.renewAt) {
      return current.token;
    }
    running ??= renew();
    return (await running).token;
  };
}

async function exchangeJwt(connection: Connection, app: OauthApp): Promise<IssuedToken> {
  const { host } = new URL(connection.baseUrl);
  const sign = () =>
    signJwt(app.key, {
      ...app,
      audience: host,
      issuedAt: Math.floor(connection.serverTime() / 1000),
    });
  // A rejected JWT isn't replaced: another signature would be rejected too.
  const send = connection.open(async (rejected) => rejected ?? sign());
  const answer = await send(operationFor(app), {
    path: { account_id: app.organizationId ?? "", enterprise_id: app.enterpriseId ?? "" },
    body: {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      duration_seconds: app.durationSeconds,
    },
  });
  const { access_token: token, expires_in: expires } = answer.body;
  if (typeof token !== "string" || token === "") throw unexpected(answer, "`access_token` is missing");
  const lifetime = lifetimeOf(Number(expires) * 1000 - connection.serverTime(), app.durationSeconds * 1000);
  return {
    token,
    renewAt: connection.clock.now() + lifetime - Math.min(longestMargin, lifetime / 5),
  };
}

function operationFor({ organizationId, enterpriseId }: OauthApp): Operation {
  if (enterpriseId !== undefined) return exchangeForEnterprise;
  return organizationId === undefined ? exchange : exchangeForOrganization;
}

// `expires_in` is a time by Coze's clock. For an implausible one, the requested lifetime is assumed.
function lifetimeOf(left: number, asked: number): number {
  return left > 0 && left < asked ? left : asked;
}

const isRefusal = (error: unknown): error is CozeError =>
  error instanceof Unauthenticated || error instanceof Forbidden || error instanceof BadRequest;

/** The clock difference in milliseconds from which it is the likely reason for a refusal: a JWT is valid for minutes. */
const noticeableLeadMs = 60_000;

function withClockHint(error: CozeError, lead: number | undefined): CozeError {
  if (!(error instanceof Unauthenticated) || lead === undefined || Math.abs(lead) < noticeableLeadMs)
    return error;
  const apart = Math.round(Math.abs(lead) / 60_000);
  const clock = `this machine's clock is ${apart} min ${lead > 0 ? "behind" : "ahead of"} Coze's`;
  const { message, operation, outcome, code, httpStatus, logid } = error;
  const hint = `${clock}, and a JWT counts only for minutes: set the clock right, then run again`;
  return new Unauthenticated(message, { operation, outcome, code, httpStatus, logid, hint });
}

/** What is wrong with the text of a key, and a hint; without any part of the text. */
export interface KeyProblem {
  readonly problem: string;
  readonly hint: string;
}

const download =
  "give the private_key.pem that Coze's page offered when the key was made, from BEGIN to END; or make a new key there";

/** The RSA key in a PEM text (PKCS #8, or PKCS #1 as older tools write it), or what is wrong with it. */
export function readPrivateKey(text: string): KeyObject | KeyProblem {
  const pem = text.trim();
  if (pem === "") return { problem: "is empty", hint: download };
  if (/-----BEGIN (?:RSA )?PUBLIC KEY-----|-----BEGIN CERTIFICATE-----/.test(pem)) {
    return { problem: "is a public key, which signs nothing", hint: download };
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    const hint = "take its password off: openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem";
    return { problem: "is locked with a password", hint };
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    return { problem: "isn't a private key in PEM form", hint: download };
  try {
    return checkKey(createPrivateKey(pem));
  } catch {
    return { problem: "is damaged: no key can be read from it", hint: download };
  }
}

function checkKey(key: KeyObject): KeyObject | KeyProblem {
  if (key.asymmetricKeyType !== "rsa") {
    return { problem: "isn't an RSA key, and Coze takes no other", hint: download };
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < 2048 ? { problem: `has ${bits} bits, and at least 2048 are needed`, hint: download } : key;
}

/** The claims of a JWT. */
interface JwtClaims {
  readonly appId: string;
  /** The public key's fingerprint. */
  readonly keyId: string;
  /** The API's host. */
  readonly audience: string;
  /** Epoch seconds. */
  readonly issuedAt: number;
  readonly sessionName?: string | undefined;
}

/** An exchange takes seconds; the rest allows for clock differences. */
const lifetimeSeconds = 600;

/** A signed JWT for one exchange, with a new random `jti`: Coze accepts each only once. */
async function signJwt(key: KeyObject, claims: JwtClaims): Promise<string> {
  const { SignJWT } = await import("jose");
  const { sessionName, issuedAt } = claims;
  return new SignJWT(sessionName === undefined ? {} : { session_name: sessionName })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: claims.keyId })
    .setIssuer(claims.appId)
    .setAudience(claims.audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .setJti(randomBytes(32).toString("base64url"))
    .sign(key);
}
