import { type Diagnostic, InvalidInput, type Location } from "../core/diagnostic.ts";
import type { Project } from "../manifest/load.ts";
import type { SecretSource } from "../manifest/project/auth.ts";
import type { StateSettings } from "../manifest/project/state-settings.ts";
import type { PlacedText } from "../manifest/yaml/source-tree.ts";
import { type Explained, explain } from "../messages/text.ts";
import type { Backend } from "../state/backend.ts";
import { openBackend } from "../state/backends/open.ts";
import type { BackendSettings } from "../state/backends/settings.ts";
import { readSecretAt } from "./credentials.ts";
import type { Host } from "./host.ts";
import { type Env, isLoopback, type Trust, trustVariables } from "./trust.ts";

type Keeper<Type> = Extract<StateSettings, { readonly type: Type }>;

/** A project with the runner's trust. */
type KeptProject = Pick<Project, "states" | "sources" | "directory"> & { readonly trust: Trust };

/**
 * Opens what keeps the state of an environment; undefined where that is the project's own directory. Makes no call.
 * Throws {@link InvalidInput} with every setting that is missing or that the runner doesn't allow.
 */
export async function openKeeper(
  host: Host,
  project: KeptProject,
  environment: string,
): Promise<Backend | undefined> {
  const settings = project.states.get(environment);
  if (!settings || settings.type === "local") return undefined;
  const reading = createReading(host.env, project);
  const resolved = await resolveSettings(reading, settings, environment);
  if (reading.problems.length > 0 || !resolved) throw new InvalidInput(reading.problems, project.sources);
  const { fetch, clock, signal } = host;
  host.secrets.add(...secretsOf(resolved));
  return openBackend(resolved, { fetch, clock, signal });
}

/** What the settings of a keeper are read with, and the problems found so far. */
interface Reading {
  readonly env: Env;
  readonly trust: Trust;
  readonly problems: Diagnostic[];
  /** The value of a variable of the tool whose settings these are. */
  own(name: string): string | undefined;
  /** The text at the place of a secret; that of the tool's own variable without one. */
  secret(source: SecretSource | undefined, variable: string): Promise<string | undefined>;
  /** An address that the runner allows: the written one, or that of the tool's own variables. */
  address(written: PlacedText | undefined, ...variables: readonly string[]): string | undefined;
  lack(at: Location, problem: Explained): undefined;
}

function createReading(env: Env, { directory, trust }: KeptProject): Reading {
  const problems: Diagnostic[] = [];
  const own = (name: string) => (Object.hasOwn(env, name) ? env[name]?.trim() || undefined : undefined);
  // The names that the tools themselves use hold what these tools would send there, too.
  const widened: Trust = {
    ...trust,
    mayReadVariable: (name) => /^(?:PG|TF_HTTP_|AWS_)/u.test(name) || trust.mayReadVariable(name),
  };
  const report = (at: Location, code: string, problem: Explained): undefined => {
    problems.push({ code, severity: "error", ...problem, at });
    return undefined;
  };
  return {
    env,
    trust,
    problems,
    own,
    async secret(source, variable) {
      if (!source) return own(variable);
      if ("env" in source && !widened.mayReadVariable(source.env)) {
        return report(
          source.at,
          "untrusted-variable",
          explain("commands/state-variable", { name: source.env }),
        );
      }
      const text = (await readSecretAt({ env, directory, trust: widened }, source))?.trim();
      if (text) return text;
      return report(
        source.at,
        "no-secret",
        "env" in source
          ? explain("commands/state-variable-unset", { variable: source.env })
          : explain("commands/state-file-unreadable", { file: source.file }),
      );
    },
    address(written, ...variables) {
      const given = variables.map(own).find((text) => text !== undefined);
      if (!written) return given;
      if (!URL.canParse(written.text)) return undefined;
      const url = new URL(written.text);
      const isOwn = variables.some((name) => own(name) === written.text);
      if (isOwn || trust.mayCall(url)) return written.text;
      return report(written.at, "untrusted-state", explainUntrusted(url));
    },
    lack: (at, problem) => report(at, "state", problem),
  };
}

function explainUntrusted(url: URL): Explained {
  const { host, protocol } = url;
  const allowed = protocol === "http:" && !isLoopback(url) ? `http://${host}` : host;
  return explain("commands/state-untrusted", { host, allowed, variable: trustVariables.hosts });
}

async function resolveSettings(
  reading: Reading,
  settings: Exclude<StateSettings, { readonly type: "local" }>,
  environment: string,
): Promise<BackendSettings | undefined> {
  switch (settings.type) {
    case "http":
      return resolveHttp(reading, settings);
    case "pg":
      return resolvePostgres(reading, settings, environment);
    case "s3":
      return resolveS3(reading, settings);
  }
}

async function resolveHttp(reading: Reading, settings: Keeper<"http">): Promise<BackendSettings | undefined> {
  const { own } = reading;
  const before = reading.problems.length;
  const address = reading.address(settings.address, "TF_HTTP_ADDRESS");
  const lockAddress = reading.address(settings.lock_address, "TF_HTTP_LOCK_ADDRESS");
  const unlockAddress = reading.address(settings.unlock_address, "TF_HTTP_UNLOCK_ADDRESS");
  const username = await reading.secret(settings.username, "TF_HTTP_USERNAME");
  const password = await reading.secret(settings.password, "TF_HTTP_PASSWORD");
  if (reading.problems.length > before) return undefined;
  if (address === undefined) return reading.lack(settings.at, explain("commands/state-http-address"));
  return {
    type: "http",
    address,
    lockAddress,
    unlockAddress,
    lockMethod: settings.lock_method ?? own("TF_HTTP_LOCK_METHOD"),
    unlockMethod: settings.unlock_method ?? own("TF_HTTP_UNLOCK_METHOD"),
    updateMethod: own("TF_HTTP_UPDATE_METHOD"),
    username,
    password,
  };
}

async function resolvePostgres(
  reading: Reading,
  { at, conn, schema = "cozeform" }: Keeper<"pg">,
  environment: string,
): Promise<BackendSettings | undefined> {
  const { own } = reading;
  const before = reading.problems.length;
  const written = await reading.secret(conn, "PG_CONN_STR");
  if (reading.problems.length > before) return undefined;
  if (written === undefined && own("PGHOST") === undefined) {
    return reading.lack(at, explain("commands/state-pg-connection"));
  }
  if (written !== undefined && !/^postgres(?:ql)?:\/\//u.test(written)) {
    return reading.lack(conn?.at ?? at, explain("commands/state-pg-form"));
  }
  const url = URL.canParse(written ?? "") ? new URL(written ?? "") : new URL("postgres://localhost");
  // A file belongs to the repository, which mustn't choose where the runner's password goes.
  const web = `https://${url.host || "localhost"}`;
  if (conn && "file" in conn && url.hostname !== own("PGHOST") && URL.canParse(web)) {
    const target = new URL(web);
    if (!reading.trust.mayCall(target)) return reading.lack(conn.at, explainUntrusted(target));
  }
  return { type: "pg", connection: completeConnection(written, own), schema, name: environment };
}

/** A connection string with what the variables of PostgreSQL's own programs say where it says nothing. */
function completeConnection(written: string | undefined, own: (name: string) => string | undefined): string {
  const url = new URL(written ?? `postgres://${own("PGHOST")}`);
  if (url.username === "") url.username = encodeURIComponent(own("PGUSER") ?? "");
  if (url.password === "") url.password = encodeURIComponent(own("PGPASSWORD") ?? "");
  if (written === undefined) url.port = own("PGPORT") ?? "";
  if (/^\/?$/u.test(url.pathname)) url.pathname = `/${encodeURIComponent(own("PGDATABASE") ?? "")}`;
  const mode = own("PGSSLMODE");
  if (mode !== undefined && !url.searchParams.has("sslmode")) url.searchParams.set("sslmode", mode);
  return url.href;
}

async function resolveS3(reading: Reading, settings: Keeper<"s3">): Promise<BackendSettings | undefined> {
  const { own } = reading;
  const { at, bucket, key } = settings;
  const before = reading.problems.length;
  const endpoint = reading.address(settings.endpoint, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  const region = settings.region ?? own("AWS_REGION") ?? own("AWS_DEFAULT_REGION");
  const [accessKeyId, secretAccessKey] = [own("AWS_ACCESS_KEY_ID"), own("AWS_SECRET_ACCESS_KEY")];
  if (reading.problems.length > before) return undefined;
  if (region === undefined && endpoint === undefined) reading.lack(at, explain("commands/state-s3-region"));
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return reading.lack(at, explain("commands/state-s3-keys"));
  }
  return {
    type: "s3",
    endpoint,
    bucket,
    key,
    region: region ?? "us-east-1",
    accessKeyId,
    secretAccessKey,
    sessionToken: own("AWS_SESSION_TOKEN"),
    pathStyle: settings.path_style ?? endpoint !== undefined,
  };
}

/** What of the settings must not be shown. */
function secretsOf(settings: BackendSettings): readonly (string | undefined)[] {
  switch (settings.type) {
    case "http":
      return [settings.password];
    case "pg":
      return [settings.connection, decodeURIComponent(new URL(settings.connection).password)];
    case "s3":
      return [settings.secretAccessKey, settings.sessionToken];
  }
}
