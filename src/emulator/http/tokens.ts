import { createPublicKey, type KeyObject } from "node:crypto";
import { codes, Refusal } from "./envelope.ts";

/** What a token may do, and in which workspaces; by default everything. */
interface RightsOptions {
  /** Permission points by their names in the reference, such as "listWorkspace". */
  readonly permissions?: readonly string[] | undefined;
  /** Ids of the workspaces that it reaches. */
  readonly workspaces?: readonly string[] | undefined;
}

/** The points a token has, each with the time in milliseconds from which it applies. */
export interface Rights {
  readonly points: Map<string, number> | "all";
  readonly workspaces: ReadonlySet<string> | "all";
}

/** A token that exists at the start. */
export interface TokenOptions extends RightsOptions {
  readonly token: string;
  /** By default derived from the prefix. */
  readonly kind?: TokenKind | undefined;
  /** The token's region, by default the emulator's; tokens of another region are refused. */
  readonly region?: Region | undefined;
  /** When it expires, in seconds since the epoch; by default never. */
  readonly expires_at?: number | undefined;
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

type TokenKind = "personal" | "service" | "oauth" | "privileged";

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
    app: OauthApp,
    request: { readonly seconds: number; readonly organization_id?: string | undefined },
  ): Token;
  findApp(appId: unknown, keyId: unknown): OauthApp | undefined;
  isOff(app: OauthApp): boolean;
  /** Whether this is the first use of a JWT's id. */
  useOnce(id: string): boolean;
  noteRefusal(reason: string): void;
}

/** The settings of a registry. */
export interface RegistryOptions {
  readonly tokens: readonly TokenOptions[];
  readonly apps: readonly AppOptions[];
  readonly region: Region;
  readonly expiredAs: ExpiredAs;
  readonly now: () => number;
  readonly random: () => number;
}

/** The points of enterprise, organization and workspace management: the only ones for privileged apps. */
const managementPoints: readonly string[] = [
  "listWorkspace",
  "createWorkspace",
  "Workspace.update",
  "readMember",
  "addMember",
  "removeMember",
];

const grantLagMs = 5000;
const never = Number.POSITIVE_INFINITY;

/** Makes the registry of an emulator's tokens. It isn't part of the world's file. */
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

interface Issue extends Pick<RegistryOptions, "now" | "random" | "region"> {
  readonly seconds: number;
  readonly organization_id?: string | undefined;
}

function issueToken(
  app: OauthApp,
  { seconds, organization_id, ...by }: Issue,
  before: readonly Token[],
): Token {
  const earlier = before.filter((one) => one.app_id === app.app_id);
  return {
    // The number makes it unique for any `random`.
    token: `czs_${randomText(by.random)}${before.length.toString(36).padStart(4, "0")}`,
    name: `${app.app_id}#${earlier.length + 1}`,
    kind: app.kind === "privileged" ? "privileged" : "oauth",
    region: by.region,
    app_id: app.app_id,
    organization_id,
    // The wire has whole seconds, and the token expires at the one it names.
    expires_at_ms: (Math.floor(by.now() / 1000) + seconds) * 1000,
    rights: app.rights,
  };
}

/** Whether a token reaches a workspace. */
export function reaches(
  { rights, organization_id }: Token,
  workspace: { readonly id: string; readonly workspace_type: string; readonly coze_account_id: string },
): boolean {
  const isForeign =
    organization_id !== undefined &&
    workspace.workspace_type === "team" &&
    !["", organization_id].includes(workspace.coze_account_id);
  return !isForeign && (rights.workspaces === "all" || rights.workspaces.has(workspace.id));
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

/** The rights that options describe. */
function openRights({ permissions, workspaces }: RightsOptions): Rights {
  return {
    points: permissions ? new Map(permissions.map((point) => [point, 0])) : "all",
    workspaces: workspaces ? new Set(workspaces) : "all",
  };
}

/** Adds points that apply from a time on. */
function addPoints({ points }: Rights, added: readonly string[], from: number): void {
  if (points === "all") return;
  for (const point of added) {
    points.set(point, Math.min(points.get(point) ?? from, from));
  }
}

/** Refuses with 4101 unless all the points apply. */
export function requirePoints({ points: held }: Rights, points: readonly string[], now: number): void {
  if (held !== "all" && points.some((point) => (held.get(point) ?? never) > now)) {
    // Seen with 401 as well as with 403; with 401 only the code distinguishes it from an expired token.
    throw new Refusal(
      codes.forbidden,
      "Your token does not have permission to access resource. Please verify whether the resource ID or token is correct.",
      { status: 401 },
    );
  }
}
