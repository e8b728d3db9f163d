import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { type BodyParts, OAuthRefusal, refuseParameter } from "../http/envelope.ts";
import { type Credentials, operation } from "../http/operation.ts";
import { integer, required, text, type Values } from "../http/params.ts";
import type { OauthApp, Token, TokenRegistry } from "../http/tokens.ts";
import { isPersonal } from "../world/plans.ts";
import type { World } from "../world/world.ts";
import type { Area } from "./area.ts";

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const body = {
  grant_type: required(text(1)),
  duration_seconds: integer(1, 86_399),
  // Only channel apps may narrow a token down, and those are not imitated.
  scope: text(),
};

const tokenBody = {
  ...body,
  client_id: text(1),
  device_code: text(1),
  refresh_token: text(1),
} as const;

const deviceBody = { client_id: required(text(1)) } as const;

/** oauth_jwt, oauth_jwt_collaborate, oauth_jwt_privilege: JWTs for tokens. oauth_device_code: a user's consent for one. */
const oauthOperations = [
  operation({
    name: "oauth_jwt",
    method: "POST",
    path: "/api/permission/oauth2/token",
    permissions: [],
    writes: false,
    oauth: true,
    body: tokenBody,
    answer: async (call) => renewConsent(call) ?? showToken(await exchange(call, "service", () => undefined)),
  }),
  operation({
    name: "oauth_device_code",
    method: "POST",
    path: "/api/permission/oauth2/device/code",
    permissions: [],
    writes: false,
    oauth: true,
    body: deviceBody,
    answer: ({ body: { client_id }, services }) => ({ ...services.tokens.devices.begin(client_id) }),
  }),
  operation({
    name: "oauth_device_code",
    method: "POST",
    path: "/api/permission/oauth2/workspace_id/:workspace_id/device/code",
    permissions: [],
    writes: false,
    oauth: true,
    body: deviceBody,
    answer: ({ world, path, body: { client_id }, services }) => {
      if (isPersonal(world)) throw new OAuthRefusal("access_deny", "the plan has no shared workspaces");
      return { ...services.tokens.devices.begin(client_id, path.workspace_id) };
    },
  }),
  operation({
    name: "oauth_jwt_collaborate",
    method: "POST",
    path: "/api/permission/oauth2/account/:account_id/token",
    permissions: [],
    writes: false,
    oauth: true,
    body,
    answer: async (call) =>
      showToken(
        await exchange(call, "service", ({ organization_id }) =>
          call.path.account_id === organization_id
            ? organization_id
            : refuseParameter("account_id", "is no account of the app"),
        ),
      ),
  }),
  operation({
    name: "oauth_jwt_privilege",
    method: "POST",
    path: "/api/permission/oauth2/enterprise_id/:enterprise_id/token",
    permissions: [],
    writes: false,
    oauth: true,
    body,
    answer: async (call) =>
      showToken(
        await exchange(call, "privileged", ({ enterprise_id = call.world.options.enterpriseId }) =>
          call.path.enterprise_id === enterprise_id
            ? undefined
            : refuseParameter("enterprise_id", "is not the enterprise of the app"),
        ),
      ),
  }),
];

/** The sign-in of OAuth apps by JWT, and of users by a device's code. */
export const oauthArea: Area = {
  operations: oauthOperations,
};

interface ExchangeRequest {
  readonly world: World;
  readonly body: {
    readonly grant_type: string;
    readonly duration_seconds?: number | undefined;
    readonly scope?: string | undefined;
  };
  readonly credentials: Credentials;
  readonly services: { readonly tokens: TokenRegistry };
}

async function exchange(
  {
    world,
    body: { grant_type, duration_seconds: seconds = 900, scope },
    credentials,
    services,
  }: ExchangeRequest,
  kind: NonNullable<OauthApp["kind"]>,
  organizationFor: (app: OauthApp) => string | undefined,
): Promise<Token> {
  const { tokens } = services;
  if (grant_type !== grantType) {
    throw new OAuthRefusal("unsupported_grant_type", `not supported grant type: ${grant_type}`);
  }
  if (scope !== undefined) refuseParameter("scope", "is for channel apps");
  const app = await verifyJwt(tokens, credentials, world.now());
  if (tokens.isOff(app)) {
    const name = app.name ?? app.app_id;
    throw new OAuthRefusal("access_deny", `app: ${name} is currently deactivated by the owner`);
  }
  if ((app.kind ?? "service") !== kind) throw new OAuthRefusal("access_deny", "invalid app type");
  const organization_id = organizationFor(app);
  return tokens.issue(app, { seconds, organization_id, kind: kind === "privileged" ? kind : "oauth" });
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

/** Access lasts a quarter of an hour. */
const accessSeconds = 900;

/** The tokens of a user's consent, first or renewed; undefined for requests of other kinds. */
function renewConsent({
  world,
  body: { grant_type, client_id, device_code, refresh_token },
  services: { tokens },
}: ExchangeRequest & { readonly body: Values<typeof tokenBody> }): BodyParts | undefined {
  const { devices } = tokens;
  const consent =
    grant_type === deviceGrant && device_code !== undefined
      ? devices.collect(client_id ?? refuseParameter("client_id", "is required"), device_code, world.options)
      : grant_type === "refresh_token" && refresh_token !== undefined
        ? devices.renew(client_id, refresh_token)
        : undefined;
  if (!consent) return undefined;
  const { workspace_id } = consent;
  const token = tokens.issue(consent, { seconds: accessSeconds, workspace_id, kind: "consented" });
  return { ...showToken(token), refresh_token: tokens.devices.keep(consent) };
}

function showToken({ token, expires_at_ms }: Token): { access_token: string; expires_in: number } {
  // A point in time, whatever the name says.
  return { access_token: token, expires_in: Math.floor(expires_at_ms / 1000) };
}

const skewSeconds = 30;

/** The app that signed a JWT. The answer to a bad one has no reason, as the reference gives none. */
async function verifyJwt(tokens: TokenRegistry, credentials: Credentials, now: number): Promise<OauthApp> {
  try {
    const jwt = credentials.bearer ?? refuseJwt("there is no JWT");
    const { kid } = decodeProtectedHeader(jwt);
    const { iss } = decodeJwt(jwt);
    const app = tokens.findApp(iss, kid) ?? refuseJwt(`no app ${iss} with key ${kid}`);
    const { payload } = await jwtVerify(jwt, app.key, {
      algorithms: ["RS256"],
      typ: "JWT",
      audience: audiencesOf(tokens, credentials.host),
      requiredClaims: ["iss", "aud", "iat", "exp", "jti"],
      clockTolerance: skewSeconds,
      currentDate: new Date(now),
    });
    checkTimes(payload, Math.floor(now / 1000));
    return tokens.useOnce(`${iss} ${payload.jti}`) ? app : refuseJwt("jti was used before");
  } catch (error) {
    tokens.noteRefusal(reasonOf(error));
    throw new OAuthRefusal("invalid_client", "invalid client");
  }
}

// Clients that derive the audience from the endpoint name this host instead of Coze's. Both are accepted, with or
// without the port.
function audiencesOf({ region }: TokenRegistry, host: string): string[] {
  return [`api.coze.${region}`, host, host.replace(/:\d+$/, "")];
}

function checkTimes({ iat = 0, exp = 0, jti }: JWTPayload, seconds: number): void {
  if (iat > seconds + skewSeconds) refuseJwt("iat lies in the future");
  if (exp <= iat) refuseJwt("exp is not later than iat");
  if (!jti) refuseJwt("jti is empty");
}

class BadJwt extends Error {}

function refuseJwt(reason: string): never {
  throw new BadJwt(reason);
}

function reasonOf(error: unknown): string {
  if (error instanceof BadJwt || error instanceof errors.JOSEError) return error.message;
  return "not a JWT";
}
