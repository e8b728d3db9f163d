import { InvalidInput, isError } from "../core/diagnostic.ts";
import type { Failure } from "../core/failure.ts";
import type { WorkspaceItem } from "../coze/api/workspaces.ts";
import type { CozeClient } from "../coze/client.ts";
import { Forbidden, Unauthenticated } from "../coze/error-classes.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import type { Item } from "../kind/kind.ts";
import { explainFailure } from "../kinds/call-errors.ts";
import { kinds } from "../kinds/index.ts";
import { say } from "../messages/text.ts";
import { readState } from "../state/store.ts";
import {
  findUsage,
  findUsedIds,
  type PermissionCheck,
  type ProbeSession,
  probePermissions,
  type UncheckedKind,
} from "./access-probes.ts";
import { type Access, openAccess } from "./connections.ts";
import { type Credential, tokenOf } from "./credentials.ts";
import type { Host } from "./host.ts";
import { findStatePlace, type ProjectOptions, readProject } from "./project.ts";

/** A workspace that the project uses, and the role of the token's user in it. */
interface WorkspaceRole {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

/** The check of one credential. */
export interface CredentialCheck {
  /** `auth`, or its name in `credentials`. */
  readonly name: string;
  /** The type of the token in words. */
  readonly sort: string;
  /** Where its secret is stored, never the secret. */
  readonly source: string;
  /** The kinds that it serves; empty for `auth`, which serves all others. */
  readonly kinds: readonly string[];
  readonly works: boolean;
  /** The reason why it doesn't work. */
  readonly failure?: Failure | undefined;
  /** The endpoint where it works instead. */
  readonly elsewhere?: string | undefined;
  /** Absent when the token has no permission to list them. */
  readonly workspaces?: { readonly count: number; readonly meant: readonly WorkspaceRole[] } | undefined;
  readonly permissions: readonly PermissionCheck[];
  readonly untold: readonly UncheckedKind[];
}

/** The check of an environment's credentials. */
export interface AuthCheck {
  readonly environment: string;
  readonly endpoint: string;
  /** Coze's site at the endpoint; absent for other endpoints. */
  readonly site?: string | undefined;
  readonly credentials: readonly CredentialCheck[];
  /** Every credential works, and no permission was refused. */
  readonly good: boolean;
  /** The number of API calls made. */
  readonly calls: number;
}

/** Coze's sites. Neither accepts the other's tokens. */
const sites = ["https://api.coze.cn", "https://api.coze.com"];

/**
 * Checks each credential of an environment: its type, whether it works, and what it may read of the kinds in use.
 * Writes nothing. Throws {@link InvalidInput} when a token or key is missing or invalid.
 */
export async function checkAuth(host: Host, options: ProjectOptions): Promise<AuthCheck> {
  const project = await readProject(host, options);
  // Credentials can be checked before there are manifests.
  const errors = project.diagnostics.filter((one) => isError(one) && one.code !== "no-manifests");
  if (errors.length > 0) throw new InvalidInput(errors, project.sources);
  const records: CallRecord[] = [];
  const onCall = (record: CallRecord): void => {
    records.push(record);
    host.onCall?.(record);
  };
  const access = await openAccess({ ...host, onCall }, project, options);
  const place = await findStatePlace(project, options);
  const usage = findUsage(kinds, project, await readState(place));
  const session: ProbeSession = { kinds, usage, seen: new Map<string, readonly Item[]>(), records };
  const checks: CredentialCheck[] = [];
  for (const credential of access.credentials) {
    // Messages quote Coze, and Coze may quote the request.
    checks.push(host.secrets.redactValue(await checkCredential(session, access, credential)));
  }
  const site = siteOf(place.endpoint);
  return withoutUndefined({
    environment: project.environmentName,
    endpoint: place.endpoint,
    site: site === undefined ? undefined : new URL(site).host.replace("api.", ""),
    credentials: checks,
    good: checks.every(
      ({ works, permissions }) => works && permissions.every(({ result }) => result === "allowed"),
    ),
    calls: records.length,
  });
}

/** The check is public and compared by callers: what it has no value for is absent in it. */
const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;

const siteOf = (baseUrl: string): string | undefined =>
  sites.find((site) => new URL(baseUrl).origin === site);

async function checkCredential(
  session: ProbeSession,
  access: Access,
  credential: Credential,
): Promise<CredentialCheck> {
  const { name, kinds: own, source } = credential;
  const listing = createListing(access.connection.signIn(tokenOf(access.connection, credential)));
  const others = access.credentials.filter((one) => one !== credential).flatMap((one) => one.kinds);
  const serves = (kind: string) => (name === "" ? !others.includes(kind) : own.includes(kind));
  // At least one call is needed to find out whether it works.
  const first = name === "" || !own.some((kind) => session.usage.kinds.has(kind)) ? listing.ask : undefined;
  const { permissions, untold, ...probe } = await probePermissions(session, listing.api, { serves, first });
  // Coze refuses an invalid token in the same way as a token without permissions.
  const refusesAll = permissions.length > 0 && permissions.every(({ result }) => result === "refused");
  const failure = probe.failure ?? (refusesAll ? probe.refusal : undefined);
  const elsewhere = failure instanceof Unauthenticated ? await findElsewhere(access, credential) : undefined;
  const workspaces = listing.known();
  return withoutUndefined({
    name: name || "auth",
    sort: describeType(credential),
    source,
    kinds: own,
    works: failure === undefined,
    failure: failure === undefined ? undefined : explainFailure(failure),
    elsewhere,
    workspaces: workspaces && describeWorkspaces(workspaces, findUsedIds(session)),
    permissions,
    untold: [...untold, ...unusedOf(own, session)],
  });
}

const unusedOf = (own: readonly string[], { usage }: ProbeSession): readonly UncheckedKind[] =>
  own
    .filter((kind) => !usage.kinds.has(kind))
    .map((kind) => ({ kind, because: say("commands/kind-unused") }));

/** A client that lists its workspaces at most once. */
function createListing(api: CozeClient) {
  let asked: Promise<readonly WorkspaceItem[]> | undefined;
  let known: readonly WorkspaceItem[] | undefined;
  async function listAll(): Promise<readonly WorkspaceItem[]> {
    const all: WorkspaceItem[] = [];
    for await (const page of api.workspaces.list()) all.push(...page);
    known = all;
    return all;
  }
  const ask = () => {
    asked ??= listAll();
    return asked;
  };
  async function* list() {
    yield await ask();
  }
  return { ask, known: () => known, api: { ...api, workspaces: { ...api.workspaces, list } } };
}

function describeWorkspaces(all: readonly WorkspaceItem[], meant: ReadonlySet<string>) {
  const roles = all
    .filter(({ id }) => meant.has(id))
    .map(({ id, name, role_type: role }) => ({
      id,
      name: name ?? "",
      role: role ?? say("commands/role-unknown"),
    }));
  return { count: all.length, meant: roles };
}

/** The other one of Coze's sites if the credential works there. The credential is sent to Coze only. */
async function findElsewhere(
  { connection, reach }: Access,
  credential: Credential,
): Promise<string | undefined> {
  const here = siteOf(connection.baseUrl);
  const other = here && sites.find((site) => site !== here);
  if (other === undefined) return undefined;
  const there = reach(other);
  const token = tokenOf(there, credential);
  try {
    if (typeof token === "string") await there.signIn(token).workspaces.list().next();
    else await token();
    return other;
  } catch (error) {
    return error instanceof Forbidden ? other : undefined;
  }
}

const tokenTypes = [
  ["pat_", "commands/token-of-user"],
  ["sat_", "commands/token-of-service"],
  ["czs_", "commands/token-of-app"],
  ["czu_", "commands/token-of-user-login"],
  ["", "commands/token-of-unknown-type"],
] as const;

function describeType({ secret }: Credential): string {
  if (typeof secret === "string") {
    const [, key] = tokenTypes.find(([prefix]) => secret.startsWith(prefix)) ?? tokenTypes[4];
    return say(key);
  }
  const { appId: app, organizationId: organization, enterpriseId: enterprise } = secret;
  if (enterprise !== undefined) return say("commands/app-token-of-enterprise", { app, enterprise });
  if (organization !== undefined) return say("commands/app-token-of-organization", { app, organization });
  return say("commands/app-token", { app });
}
