import type { KeyObject } from "node:crypto";
import type { Connection } from "../client.ts";
import { BadRequest, type CozeError, Forbidden, Unauthenticated } from "../errors.ts";
import { type Operation, reading } from "../http/operation.ts";
import { unexpected } from "../http/response.ts";
import type { Token } from "../http/transport.ts";
import { signJwt } from "./jwt.ts";

/** An OAuth app that signs in by itself (https://docs.coze.cn/developer_guides/oauth_jwt). */
export interface OauthApp {
  readonly appId: string;
  /** The fingerprint of the public key. */
  readonly keyId: string;
  readonly key: KeyObject;
  /** How long its tokens are good, up to 86,399. */
  readonly durationSeconds: number;
  readonly sessionName?: string;
  /** Whose resources the token is for when they aren't the app owner's: an organization. */
  readonly organizationId?: string;
  /** The enterprise of a privileged app (https://docs.coze.cn/developer_guides/oauth_jwt_privilege). */
  readonly enterpriseId?: string;
}

/** What an OAuth app is told of by, under the names that configurations give it. */
export interface OauthAppSettings {
  readonly app_id: string;
  readonly key_id: string;
  readonly duration_seconds: number;
  readonly session_name?: string;
  readonly organization_id?: string;
  readonly enterprise_id?: string;
}

/** The app of some settings and its key. */
export const describeApp = (settings: OauthAppSettings, key: KeyObject): OauthApp => ({
  key,
  appId: settings.app_id,
  keyId: settings.key_id,
  durationSeconds: settings.duration_seconds,
  ...(settings.session_name === undefined ? {} : { sessionName: settings.session_name }),
  ...(settings.organization_id === undefined ? {} : { organizationId: settings.organization_id }),
  ...(settings.enterprise_id === undefined ? {} : { enterpriseId: settings.enterprise_id }),
});

// An exchange changes nothing that anyone can see, and each attempt brings a JWT of its own.
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

/** Whether an operation, by its name, is one that gives tokens. */
export const isExchange = (operation: string): boolean => exchanges.has(operation);

interface Minted {
  readonly token: string;
  /** From then on, by this machine's clock, another one is fetched. */
  readonly renewAt: number;
}

/** Tokens are renewed this long before they end, or after four fifths of a short life. Milliseconds. */
const longestMargin = 60_000;

/**
 * A token that renews itself, for all who call at the same time: one exchange serves them all, shortly before the
 * token ends or once Coze no longer takes it. Once the app itself was refused it isn't asked again.
 */
export function createJwtToken(connection: Connection, app: OauthApp): Exclude<Token, string> {
  let current: Minted | undefined;
  let running: Promise<Minted> | undefined;
  let refusal: CozeError | undefined;

  async function renew(): Promise<Minted> {
    if (refusal) throw refusal;
    try {
      current = await mint(connection, app);
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

async function mint(connection: Connection, app: OauthApp): Promise<Minted> {
  const { host } = new URL(connection.baseUrl);
  const sign = () =>
    signJwt(app.key, {
      ...app,
      audience: host,
      issuedAt: Math.floor(connection.serverTime() / 1000),
    });
  // To ask again with another signature wouldn't help where this one was refused.
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

// `expires_in` is a moment by Coze's clock. What can't be one says no more than that the token was asked for.
function lifetimeOf(left: number, asked: number): number {
  return left > 0 && left < asked ? left : asked;
}

const isRefusal = (error: unknown): error is CozeError =>
  error instanceof Unauthenticated || error instanceof Forbidden || error instanceof BadRequest;

/** A JWT counts from one moment to another, so clocks that differ are the likeliest reason for a refusal. */
const worthTelling = 60_000;

function withClockHint(error: CozeError, lead: number | undefined): CozeError {
  if (!(error instanceof Unauthenticated) || lead === undefined || Math.abs(lead) < worthTelling)
    return error;
  const apart = Math.round(Math.abs(lead) / 60_000);
  const clock = `this machine's clock is ${apart} min ${lead > 0 ? "behind" : "ahead of"} Coze's`;
  const { message, operation, outcome, code, httpStatus, logid } = error;
  const hint = `${clock}, and a JWT counts only for minutes: set the clock right, then run again`;
  return new Unauthenticated(message, { operation, outcome, code, httpStatus, logid, hint });
}
