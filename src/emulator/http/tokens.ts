import { createPublicKey, type KeyObject } from "node:crypto";
import { codes, Refusal } from "./envelope.ts";
import { addPoints, managementPoints, openRights, type Rights, type RightsOptions } from "./permissions.ts";

/** A token that exists from the start. */
export interface TokenOptions extends RightsOptions {
  readonly token: string;
  /** Read off the prefix unless given. */
  readonly kind?: TokenKind;
  /** Where the token was made, the emulator's region unless given; one of another region is refused. */
  readonly region?: Region;
  /** When it ends, in seconds since the epoch; never unless given. */
  readonly expires_at?: number;
}

/** An OAuth app that signs in with JWTs. List it once per key. */
export interface AppOptions extends RightsOptions {
  readonly app_id: string;
  readonly name?: string;
  /** The fingerprint of its public key, which JWTs name as `kid`. */
  readonly key_id: string;
  /** The public key in PEM. */
  readonly public_key: string;
  /** An ordinary service app, or one with privileges in an enterprise; "service" unless given. */
  readonly kind?: "service" | "privileged";
  /** The organization for which it may ask for tokens by path; these don't reach other organizations. */
  readonly organization_id?: string;
  /** The enterprise of a privileged app; the world's unless given. */
  readonly enterprise_id?: string;
}

type TokenKind = "personal" | "service" | "oauth" | "privileged";

export type Region = "cn" | "com";

/** How a token that ended is refused; "by-turn" goes round the ways that were seen. */
export type ExpiredAs = "by-turn" | keyof typeof expiryAnswers;

const expiryAnswers = {
  "http-401": [codes.unauthenticated, 401, "authentication is invalid"],
  "http-200": [codes.unauthenticated, 200, "authentication is invalid"],
  "login-invalid": [codes.loginInvalid, 401, "authentication failed: the access token has expired"],
} as const;

/** A token as the emulator knows it. */
export interface Token {
  readonly token: string;
  /** A name that discloses nothing: what the log of requests calls it. */
  readonly name: string;
  readonly kind: TokenKind;
  readonly region: Region;
  /** The app it was issued to. */
  readonly app_id?: string;
  /** The organization it was asked for. */
  readonly organization_id?: string;
  /** Milliseconds since the epoch; Infinity for one without end. */
  readonly expires_at_ms: number;
  readonly rights: Rights;
}

/** An app with what became of it. */
export interface OauthApp extends AppOptions {
  readonly key: KeyObject;
  readonly rights: Rights;
  /** The milliseconds from which it is switched off, and on again. */
  readonly off: { from_ms: number; until_ms: number };
}

/** The tokens of an emulator, for tests: what was issued, and what happens to it. */
export interface TokenBox {
  /** All that were ever accepted, oldest first. */
  list(): readonly Token[];
  /** Why JWTs were refused, oldest first: the answers don't say. */
  readonly refusals: readonly string[];
  /** Ends every token that was issued to an app. */
  expireAll(): void;
  /** Ends one token. */
  revoke(token: string): void;
  /** Switches an app off: it gets no more tokens. */
  disable(appId: string): void;
  /** Switches it on, which takes effect late, as changes to apps do. */
  enable(appId: string, lagMs?: number): void;
  /** Grants points to a token, or to an app and all its tokens; 4101 goes on for a while. */
  grant(tokenOrAppId: string, points: readonly string[], lagMs?: number): void;
}

/** What the server and the OAuth endpoints use of the tokens. */
export interface TokenRegistry extends TokenBox {
  readonly region: Region;
  /** The token that a request bears, or a refusal. */
  admit(bearer: string | undefined): Token;
  /** Makes a token for an app. */
  issue(app: OauthApp, request: { readonly seconds: number; readonly organization_id?: string }): Token;
  findApp(appId: unknown, keyId: unknown): OauthApp | undefined;
  isOff(app: OauthApp): boolean;
  /** Whether this is the first use of a JWT's id. */
  useOnce(id: string): boolean;
  noteRefusal(reason: string): void;
}

/** How a registry is set up. */
export interface RegistryOptions {
  readonly tokens: readonly TokenOptions[];
  readonly apps: readonly AppOptions[];
  readonly region: Region;
  readonly expiredAs: ExpiredAs;
  readonly now: () => number;
  readonly random: () => number;
}

const grantLagMs = 5000;
const never = Number.POSITIVE_INFINITY;

/** Makes the registry of an emulator's tokens. It is kept in memory: nothing of it is in the world's file. */
export function createTokens(options: RegistryOptions): TokenRegistry {
  const { now, region } = options;
  const apps = options.apps.map(openApp);
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
    list: () => [...tokens.values()],
    expireAll: () => {
      for (const { token, app_id } of tokens.values()) {
        if (app_id !== undefined) {
          ended.add(token);
        }
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
      if (!token) {
        return refuseUnknown(bearer);
      }
      if (token.region !== region) {
        throw new Refusal(codes.unauthenticated, "authentication is invalid");
      }
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

interface Issue extends Pick<RegistryOptions, "now" | "random" | "region"> {
  readonly seconds: number;
  readonly organization_id?: string;
}

function issueToken(
  app: OauthApp,
  { seconds, organization_id, ...by }: Issue,
  before: readonly Token[],
): Token {
  const earlier = before.filter((one) => one.app_id === app.app_id);
  return {
    // The number makes it a new one, however little chance there is.
    token: `czs_${randomText(by.random)}${before.length.toString(36).padStart(4, "0")}`,
    name: `${app.app_id}#${earlier.length + 1}`,
    kind: app.kind === "privileged" ? "privileged" : "oauth",
    region: by.region,
    app_id: app.app_id,
    ...(organization_id === undefined ? {} : { organization_id }),
    // The wire has whole seconds, and the token ends with the one it names.
    expires_at_ms: (Math.floor(by.now() / 1000) + seconds) * 1000,
    rights: app.rights,
  };
}

/** Whether a token is good for a workspace. */
export function reaches(
  { rights, organization_id }: Token,
  workspace: { readonly id: string; readonly workspace_type: string; readonly coze_account_id: string },
): boolean {
  const abroad =
    organization_id !== undefined &&
    workspace.workspace_type === "team" &&
    !["", organization_id].includes(workspace.coze_account_id);
  return !abroad && (rights.workspaces === "all" || rights.workspaces.has(workspace.id));
}

function openApp(given: AppOptions): OauthApp {
  const points = given.permissions ?? (given.kind === "privileged" ? managementPoints : undefined);
  return {
    ...given,
    key: openKey(given),
    rights: openRights({ ...given, ...(points && { permissions: points }) }),
    off: { from_ms: never, until_ms: never },
  };
}

function openKey({ app_id, public_key }: AppOptions): KeyObject {
  const read = readPublicKey(public_key);
  if ("problem" in read) {
    throw new Error(`The public key of app ${app_id} ${read.problem}: ${read.hint}`);
  }
  return read;
}

/** The key in a PEM text, or what is wrong with it and what to do. */
export function readPublicKey(text: string): KeyObject | { readonly problem: string; readonly hint: string } {
  // Node would take the public half out of it.
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
    rights: openRights(given),
  };
}

function kindOf(token: string): TokenKind {
  return token.startsWith("sat_") ? "service" : /^cz[su]_/.test(token) ? "oauth" : "personal";
}

function switchApp(apps: readonly OauthApp[], appId: string, change: Partial<OauthApp["off"]>): void {
  for (const app of apps.filter((one) => one.app_id === appId)) {
    Object.assign(app.off, change);
  }
}

// What isn't even shaped like a token was seen to be answered as a lack of permission.
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

function randomText(random: () => number): string {
  return Array.from({ length: 60 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}
