import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { explain, say } from "../messages/text.ts";
import type { Connection } from "./client.ts";
import { BadRequest, type CozeError, Forbidden, Unauthenticated } from "./error-classes.ts";
import { type Operation, type OperationName, operations, reading } from "./http/operation.ts";
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
const exchangeOf = (name: OperationName, owner: string): Operation =>
  reading(name, "POST", `/api/permission/oauth2${owner}/token`, { bare: true });
const exchange = exchangeOf("oauth_jwt", "");
const exchangeForOrganization = exchangeOf("oauth_jwt_collaborate", "/account/:account_id");
const exchangeForEnterprise = exchangeOf("oauth_jwt_privilege", "/enterprise_id/:enterprise_id");

/** Whether the operation with this name exchanges JWTs for tokens. */
export const isExchange = (operation: string): boolean => operations.get(operation)?.bare === true;

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
  const sign = () => signJwt(app, host, Math.floor(connection.serverTime() / 1000));
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
  if (typeof token !== "string" || token === "")
    throw unexpected(answer, say("coze/field-missing", { field: "access_token" }));
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
  const hint = say(lead > 0 ? "coze/clock-behind" : "coze/clock-ahead", { minutes: apart });
  return new Unauthenticated(error.message, { ...error, hint });
}

/** What is wrong with the text of a key, without any part of the text. */
export interface KeyProblem {
  readonly message: string;
  readonly hint: string;
}

/**
 * The RSA key in a PEM text (PKCS #8, or PKCS #1 as older tools write it), or what is wrong with it; `place` is what
 * messages call the place of the text.
 */
export function readPrivateKey(text: string, place: string): KeyObject | KeyProblem {
  const pem = text.trim();
  const hint = say("coze/key-use-download");
  if (pem === "") return { message: say("coze/key-missing", { place }), hint };
  if (/-----BEGIN (?:RSA )?PUBLIC KEY-----|-----BEGIN CERTIFICATE-----/.test(pem)) {
    return { message: say("coze/key-public", { place }), hint };
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    return explain("coze/key-encrypted", { place });
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    return { message: say("coze/key-not-pem", { place }), hint };
  }
  try {
    const key = createPrivateKey(pem);
    const { modulusLength: bits = 0 } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType !== "rsa") return { message: say("coze/key-not-rsa", { place }), hint };
    return bits < 2048 ? { message: say("coze/key-short", { place, bits }), hint } : key;
  } catch {
    return { message: say("coze/key-damaged", { place }), hint };
  }
}

/** An exchange takes seconds; the rest allows for clock differences. */
const lifetimeSeconds = 600;

/** A signed JWT for one exchange, with a new random `jti`: Coze accepts each only once. `issuedAt`: epoch seconds. */
async function signJwt(app: OauthApp, audience: string, issuedAt: number): Promise<string> {
  const { SignJWT } = await import("jose");
  const { appId, keyId, key, sessionName } = app;
  return new SignJWT(sessionName === undefined ? {} : { session_name: sessionName })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: keyId })
    .setIssuer(appId)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .setJti(randomBytes(32).toString("base64url"))
    .sign(key);
}
