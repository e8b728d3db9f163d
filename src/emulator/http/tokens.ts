import { createPublicKey, type KeyObject } from "node:crypto";
import { createDeviceLogins, type DeviceAppOptions, type DeviceLogins } from "./device-logins.ts";
import { codes, Refusal } from "./envelope.ts";
import { addPoints, managementPoints, openRights, type Rights, type RightsOptions } from "./rights.ts";

/** A token that exists at the start. */
export interface TokenOptions extends RightsOptions {
  readonly token: string;
  /** By default derived from the prefix. */
  readonly kind?: TokenKind | undefined;
  /** The token's region, by default the emulator's; tokens of another region are refused. */
  readonly region?: Region | undefined;
  /** When it expires, in seconds since the epoch; by default never. */
  readonly expires_at?: number | undefined;
  /** The user who made it, by default the account's owner. */
  readonly user?: TokenUser | undefined;
  /** The channel of a token of kind "channel". */
  readonly connector_id?: string | undefined;
}

/** The user behind a token. */
interface TokenUser {
  readonly id: string;
  readonly name: string;
}

/** An OAuth app that signs in with JWTs. List it once per key. */
export interface AppOptions extends RightsOptions {
  readonly app_id: string;
  readonly name?: string | undefined;
  /** The fingerprint of its public key, which JWTs name as `kid`. */
  readonly key_id: string;
  /** The public key in PEM. */
  readonly public_key: string;
  /** An ordinary service app, or one with privileges in an enterprise; "service" by default. */
  readonly kind?: "service" | "privileged" | undefined;
  /** The organization for which it may request tokens by path; these don't reach other organizations. */
  readonly organization_id?: string | undefined;
  /** The enterprise of a privileged app; by default the world's. */
  readonly enterprise_id?: string | undefined;
}

/**
 * What a token comes from: a person's page, a service identity, an OAuth app with a JWT, a user's consent to an OAuth app,
 * an enterprise's privileged app, or a channel's app.
 */
type TokenKind = "personal" | "service" | "oauth" | "consented" | "privileged" | "channel";

export type Region = "cn" | "com";

/** How an expired token is refused; "by-turn" alternates between the ways that Coze was seen to. */
export type ExpiredAs = "by-turn" | keyof typeof expiryAnswers;

const expiryAnswers = {
  "http-401": [codes.unauthenticated, 401, "authentication is invalid"],
  "http-200": [codes.unauthenticated, 200, "authentication is invalid"],
  "login-invalid": [codes.loginInvalid, 401, "authentication failed: the access token has expired"],
} as const;

/** A token with its rights. */
export interface Token {
  readonly token: string;
  /** A name without secrets, for the log of requests. */
  readonly name: string;
  readonly kind: TokenKind;
  readonly region: Region;
  /** The app it was issued to. */
  readonly app_id?: string | undefined;
  /** The organization it was requested for. */
  readonly organization_id?: string | undefined;
  /** The workspace that a user's consent was for. */
  readonly workspace_id?: string | undefined;
  readonly user?: TokenUser | undefined;
  readonly connector_id?: string | undefined;
  /** Milliseconds since the epoch; Infinity if it never expires. */
  readonly expires_at_ms: number;
  readonly rights: Rights;
}

/** An app with its key, rights and state. */
export interface OauthApp extends AppOptions {
  readonly key: KeyObject;
  readonly rights: Rights;
  /** When it is disabled and enabled again, in milliseconds. */
  readonly off: { from_ms: number; until_ms: number };
}

/** The tokens of an emulator, for tests. */
export interface TokenBox {
  /** All tokens so far, oldest first. */
  list(): readonly Token[];
  /** Why JWTs were refused, oldest first; the answers don't say. */
  readonly refusals: readonly string[];
  /** Expires all tokens that were issued to apps. */
  expireAll(): void;
  /** Revokes one token. */
  revoke(token: string): void;
  /** Disables an app: it gets no more tokens. */
  disable(appId: string): void;
  /** Enables an app; like all changes to apps, this takes effect late. */
  enable(appId: string, lagMs?: number): void;
  /** Grants points to a token, or to an app and all its tokens; 4101 continues for a while. */
  grant(tokenOrAppId: string, points: readonly string[], lagMs?: number): void;
}

/** The tokens for the server and the OAuth endpoints. */
export interface TokenRegistry extends TokenBox {
  readonly region: Region;
  /** The token of a request; throws a {@link Refusal}. */
  admit(bearer: string | undefined): Token;
  /** Makes a token for an app. */
  issue(
    app: Pick<OauthApp, "app_id" | "rights">,
    request: TokenRequest & { readonly kind: "oauth" | "privileged" | "consented" },
  ): Token;
  readonly devices: DeviceLogins;
  findApp(appId: unknown, keyId: unknown): OauthApp | undefined;
  isOff(app: OauthApp): boolean;
  /** Whether this is the first use of a JWT's id. */
  useOnce(id: string): boolean;
  noteRefusal(reason: string): void;
}

/** How long a token lives, and how far it reaches. */
interface TokenRequest {
  readonly seconds: number;
  readonly organization_id?: string | undefined;
  readonly workspace_id?: string | undefined;
}

/** The settings of a registry. */
export interface RegistryOptions {
  readonly tokens: readonly TokenOptions[];
  readonly apps: readonly (AppOptions | DeviceAppOptions)[];
  readonly region: Region;
  readonly expiredAs: ExpiredAs;
  readonly now: () => number;
  readonly random: () => number;
}

const grantLagMs = 5000;
const never = Number.POSITIVE_INFINITY;

/** Makes the registry of an emulator's tokens. It isn't part of the world's file. */
export function createTokens(options: RegistryOptions): TokenRegistry {
  const { now, region } = options;
  const devices = options.apps.filter((app) => app.kind === "device");
  const apps = options.apps.filter((app) => app.kind !== "device").map(openApp);
  const tokens = new Map(
    options.tokens.map((given, index) => [given.token, openToken(given, index, region)]),
  );
  const ended = new Set<string>();
  const used = new Set<string>();
  const refusals: string[] = [];
  const refuseEnded = rotateRefusals(options.expiredAs);
  const ownersOf = (owner: string) =>
    [...apps.filter((app) => app.app_id === owner), tokens.get(owner)].filter((one) => one !== undefined);

  return {
    region,
    refusals,
    devices: createDeviceLogins({ apps: devices, now, newSecret: () => randomText(options.random) }),
    list: () => [...tokens.values()],
    expireAll: () => {
      for (const { token, app_id } of tokens.values()) {
        if (app_id !== undefined) ended.add(token);
      }
    },
    revoke: (token) => ended.add(token),
    disable: (appId) => switchApp(apps, appId, { from_ms: now(), until_ms: never }),
    enable: (appId, lagMs = grantLagMs) => switchApp(apps, appId, { until_ms: now() + lagMs }),
    grant: (owner, points, lagMs = grantLagMs) => {
      for (const { rights } of ownersOf(owner)) {
        addPoints(rights, points, now() + lagMs);
      }
    },
    admit: (bearer) => {
      const token = bearer === undefined ? undefined : tokens.get(bearer);
      if (!token) return refuseUnknown(bearer);
      if (token.region !== region) throw new Refusal(codes.unauthenticated, "authentication is invalid");
      return ended.has(token.token) || token.expires_at_ms <= now() ? refuseEnded() : token;
    },
    issue: (app, request) => {
      const issued = issueToken(app, { ...request, ...options }, [...tokens.values()]);
      tokens.set(issued.token, issued);
      return issued;
    },
    findApp: (appId, keyId) => apps.find((app) => app.app_id === appId && app.key_id === keyId),
    isOff: ({ off }) => off.from_ms <= now() && now() < off.until_ms,
    useOnce: (id) => !used.has(id) && used.add(id).has(id),
    noteRefusal: (reason) => refusals.push(reason),
  };
}

interface Issue extends Pick<RegistryOptions, "now" | "random" | "region">, TokenRequest {
  readonly kind: "oauth" | "privileged" | "consented";
}

function issueToken(
  app: Pick<OauthApp, "app_id" | "rights">,
  { seconds, organization_id, workspace_id, kind, ...by }: Issue,
  before: readonly Token[],
): Token {
  const earlier = before.filter((one) => one.app_id === app.app_id);
  return {
    // The number makes it unique for any `random`.
    token: `${kind === "consented" ? "czu" : "czs"}_${randomText(by.random)}${before.length.toString(36).padStart(4, "0")}`,
    name: `${app.app_id}#${earlier.length + 1}`,
    kind,
    region: by.region,
    app_id: app.app_id,
    organization_id,
    workspace_id,
    // The wire has whole seconds, and the token expires at the one it names.
    expires_at_ms: (Math.floor(by.now() / 1000) + seconds) * 1000,
    rights: app.rights,
  };
}

function openApp(given: AppOptions): OauthApp {
  const points = given.permissions ?? (given.kind === "privileged" ? managementPoints : undefined);
  return {
    ...given,
    key: openKey(given),
    rights: openRights({ ...given, permissions: points }),
    off: { from_ms: never, until_ms: never },
  };
}

function openKey({ app_id, public_key }: AppOptions): KeyObject {
  const read = readPublicKey(public_key);
  if ("problem" in read) throw new Error(`The public key of app ${app_id} ${read.problem}: ${read.hint}`);
  return read;
}

/** The key in a PEM text, or what is wrong with it and a hint. */
export function readPublicKey(text: string): KeyObject | { readonly problem: string; readonly hint: string } {
  // Node would accept it and use its public half.
  if (/PRIVATE KEY/.test(text)) {
    const hint = "openssl pkey -in private_key.pem -pubout gives its public half";
    return { problem: "is a private one", hint };
  }
  try {
    const key = createPublicKey(text);
    return key.asymmetricKeyType === "rsa" ? key : { problem: "is no RSA key", hint: "Coze takes no others" };
  } catch {
    return { problem: "cannot be read", hint: "give it in PEM, from BEGIN PUBLIC KEY to END PUBLIC KEY" };
  }
}

function openToken(given: TokenOptions, index: number, region: Region): Token {
  return {
    token: given.token,
    name: `token ${index + 1}`,
    kind: given.kind ?? kindOf(given.token),
    region: given.region ?? region,
    expires_at_ms: (given.expires_at ?? never) * 1000,
    user: given.user,
    connector_id: given.connector_id,
    rights: openRights(given),
  };
}

function kindOf(token: string): TokenKind {
  const kinds = { sat_: "service", czs_: "oauth", czu_: "consented" } as const;
  return kinds[token.slice(0, 4) as keyof typeof kinds] ?? "personal";
}

function switchApp(apps: readonly OauthApp[], appId: string, change: Partial<OauthApp["off"]>): void {
  for (const app of apps.filter((one) => one.app_id === appId)) {
    Object.assign(app.off, change);
  }
}

// Coze was seen to answer anything without the form of a token as a lack of permission.
function refuseUnknown(bearer: string | undefined): never {
  if (bearer === undefined || /^(pat|sat|czs|czu)_/.test(bearer)) {
    throw new Refusal(codes.unauthenticated, "authentication is invalid");
  }
  throw new Refusal(
    codes.forbidden,
    "The token you entered is incorrect. Please double-check and try again.",
    {
      status: 401,
    },
  );
}

function rotateRefusals(expiredAs: ExpiredAs): () => never {
  const ways = expiredAs === "by-turn" ? Object.values(expiryAnswers) : [expiryAnswers[expiredAs]];
  let turn = 0;
  return () => {
    const [code, status, message] = ways[turn % ways.length] ?? expiryAnswers["http-401"];
    turn += 1;
    throw new Refusal(code, message, { status });
  };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Sixty random letters and digits. */
export function randomText(random: () => number): string {
  return Array.from({ length: 60 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}
