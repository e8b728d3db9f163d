import { type Diagnostic, InvalidInput, type Location } from "../core/diagnostic.ts";
import type { Project } from "../manifest/load.ts";
import type { SecretSource } from "../manifest/project/auth.ts";
import type { StateSettings } from "../manifest/project/state-settings.ts";
import { bucketPattern, regionPattern } from "../manifest/schema/state-fields.ts";
import type { PlacedText } from "../manifest/yaml/source-tree.ts";
import { type Explained, explain, say } from "../messages/text.ts";
import type { Backend } from "../state/backend.ts";
import { openBackend } from "../state/backends/open.ts";
import type { BackendSettings } from "../state/backends/settings.ts";
import { readSecretAt } from "./credentials.ts";
import type { Host } from "./host.ts";
import {
  completeConnection,
  findBadVariable,
  isDecodable,
  isOwnPlace,
  readConnection,
  type WrittenConnection,
  webAddress,
} from "./pg-connection.ts";
import { type Env, isLoopback, type Trust, trustVariables } from "./trust.ts";

type Keeper<Type> = Extract<StateSettings, { readonly type: Type }>;

/** A project with the runner's trust. */
type KeptProject = Pick<Project, "states" | "sources" | "directory" | "givenName"> & {
  readonly trust: Trust;
};

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
  const reading = createReading(host.env, project, prefixes[settings.type]);
  const resolved = await resolveSettings(reading, settings, nameState(project, environment));
  host.secrets.add(...reading.secrets);
  if (reading.problems.length > 0 || !resolved) throw new InvalidInput(reading.problems, project.sources);
  const { fetch, clock, signal, onPlaceSilence: onSilence } = host;
  return openBackend(resolved, { fetch, clock, signal, onSilence });
}

/** How the variables of the tools begin that keep their states at the same places. */
const prefixes = { http: "TF_HTTP_", pg: "PG", s3: "AWS_" } as const;

/** What the settings of a keeper are read with, and the problems found so far. */
interface Reading {
  readonly trust: Trust;
  readonly problems: Diagnostic[];
  /** What of the settings must not be shown. */
  readonly secrets: (string | undefined)[];
  /** The value of a variable of the tool whose settings these are; undefined where the runner excludes it. */
  own(name: string): string | undefined;
  /** The text at the place of a secret; that of the tool's own variable without one. */
  secret(source: SecretSource | undefined, variable: string): Promise<string | undefined>;
  /** An address that the runner allows: the written one, or that of the tool's own variables. */
  address(at: Location, written: PlacedText | undefined, ...variables: readonly string[]): string | undefined;
  /** Something is wrong. */
  fault(at: Location, problem: Explained): undefined;
  /** Something is missing that the variables would have said. */
  lack(at: Location, problem: Explained, ...variables: readonly string[]): undefined;
}

/** States of one schema are told apart by the environment, and by the project where its file names it. */
const nameState = ({ givenName }: KeptProject, environment: string): string =>
  givenName === undefined ? environment : `${givenName}/${environment}`;

function createReading(env: Env, { directory, trust }: KeptProject, prefix: string): Reading {
  const problems: Diagnostic[] = [];
  const secrets: (string | undefined)[] = [];
  const mayRead = (name: string): boolean => trust.mayReadOwn(name, prefix);
  const valueIn = (name: string) => (Object.hasOwn(env, name) ? env[name]?.trim() || undefined : undefined);
  const own = (name: string) => (mayRead(name) ? valueIn(name) : undefined);
  const report = (at: Location, code: string, problem: Explained): undefined => {
    problems.push({ code, severity: "error", ...problem, at });
    return undefined;
  };
  const forbid = (at: Location, name: string): undefined =>
    report(at, "untrusted-variable", explain("commands/state-variable", { name, prefix }));
  return {
    trust,
    problems,
    secrets,
    own,
    async secret(source, variable) {
      if (!source) return own(variable);
      if ("env" in source && !mayRead(source.env)) return forbid(source.at, source.env);
      const widened: Trust = { ...trust, mayReadVariable: mayRead };
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
    address(at, written, ...variables) {
      const variable = variables.find((name) => own(name) !== undefined) ?? "";
      const text = written?.text ?? own(variable);
      if (text === undefined) return undefined;
      const url = readAddress(text);
      if (!url) {
        const problem = written
          ? explain("commands/state-address-form")
          : explain("commands/state-address-variable", { variable });
        return report(written?.at ?? at, "state", problem);
      }
      secrets.push(url.password, decodeURIComponent(url.password));
      const isOwn = !written || variables.some((name) => own(name) === text);
      if (isOwn || trust.mayCall(url)) return text;
      return report(written.at, "untrusted-state", explainUntrusted(url));
    },
    fault: (at, problem) => report(at, "state", problem),
    lack(at, problem, ...variables) {
      const excluded = variables.find((name) => valueIn(name) !== undefined && !mayRead(name));
      return excluded === undefined ? report(at, "state", problem) : forbid(at, excluded);
    },
  };
}

/** An http or https address whose login can be decoded. */
function readAddress(text: string): URL | undefined {
  const url = /^https?:\/\//iu.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  return url && isDecodable(`${url.username}:${url.password}`) ? url : undefined;
}

function explainUntrusted(url: URL): Explained {
  const { host, protocol } = url;
  const allowed = protocol === "http:" && !isLoopback(url) ? `http://${host}` : host;
  return explain("commands/state-untrusted", { host, allowed, variable: trustVariables.hosts });
}

async function resolveSettings(
  reading: Reading,
  settings: Exclude<StateSettings, { readonly type: "local" }>,
  state: string,
): Promise<BackendSettings | undefined> {
  switch (settings.type) {
    case "http":
      return resolveHttp(reading, settings);
    case "pg":
      return resolvePostgres(reading, settings, state);
    case "s3":
      return resolveS3(reading, settings);
  }
}

async function resolveHttp(reading: Reading, settings: Keeper<"http">): Promise<BackendSettings | undefined> {
  const { own } = reading;
  const before = reading.problems.length;
  const { at } = settings;
  const address = reading.address(at, settings.address, "TF_HTTP_ADDRESS");
  const lockAddress = reading.address(at, settings.lock_address, "TF_HTTP_LOCK_ADDRESS");
  const unlockAddress = reading.address(at, settings.unlock_address, "TF_HTTP_UNLOCK_ADDRESS");
  const username = await reading.secret(settings.username, "TF_HTTP_USERNAME");
  const password = await reading.secret(settings.password, "TF_HTTP_PASSWORD");
  reading.secrets.push(password);
  if (reading.problems.length > before) return undefined;
  if (address === undefined) {
    return reading.lack(at, explain("commands/state-http-address"), "TF_HTTP_ADDRESS");
  }
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
  state: string,
): Promise<BackendSettings | undefined> {
  const { own } = reading;
  const before = reading.problems.length;
  const text = await reading.secret(conn, "PG_CONN_STR");
  reading.secrets.push(text, own("PGPASSWORD"));
  if (reading.problems.length > before) return undefined;
  if (text === undefined && own("PGHOST") === undefined) {
    return reading.lack(at, explain("commands/state-pg-connection"), "PG_CONN_STR", "PGHOST");
  }
  const written = text === undefined ? undefined : readWritten(reading, text, conn ?? { at });
  if (text !== undefined && !written) return undefined;
  const variable = findBadVariable(written, own);
  if (variable === "PGHOST") return reading.fault(at, explain("commands/state-pg-host", { variable }));
  if (variable === "PGPORT") return reading.fault(at, explain("commands/state-pg-port", { variable }));
  const url = completeConnection(written, own);
  const mode = url.searchParams.get("sslmode");
  if (mode !== null && !sslModes.has(mode)) {
    return reading.fault(
      conn?.at ?? at,
      explain("commands/state-pg-sslmode", { mode, modes: [...sslModes].join(", ") }),
    );
  }
  reading.secrets.push(url.password, decodeURIComponent(url.password));
  return { type: "pg", connection: url.href, schema, name: state };
}

/** https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION. */
const sslModes: ReadonlySet<string> = new Set([
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
]);

/** What a file's connection string may set beside the place and the login: neither another place nor another file. */
const harmlessParameters: ReadonlySet<string> = new Set(["sslmode", "application_name", "connect_timeout"]);

/** A connection string that can be read, and that goes where the runner allows. */
function readWritten(
  reading: Reading,
  text: string,
  conn: SecretSource | { readonly at: Location },
): WrittenConnection | undefined {
  const { at } = conn;
  if (!/^postgres(?:ql)?:\/\//u.test(text)) return reading.fault(at, explain("commands/state-pg-form"));
  const written = readConnection(text);
  const source =
    "file" in conn
      ? say("commands/file-source", { file: conn.file })
      : say("commands/variable-source", { variable: "env" in conn ? conn.env : "PG_CONN_STR" });
  if (!written) return reading.fault(at, explain("commands/state-pg-unreadable", { source }));
  // A file belongs to the repository, which mustn't choose where the runner's password goes.
  if (!("file" in conn)) return written;
  const names = written.parameters.filter((name) => !harmlessParameters.has(name));
  if (names.length > 0) {
    return reading.fault(at, explain("commands/state-pg-parameters", { source, names: names.join(", ") }));
  }
  const web = webAddress(written.url);
  if (!web || written.isHostless || isOwnPlace(written.url, reading.own) || reading.trust.mayCall(web))
    return written;
  return reading.fault(at, explainUntrusted(web));
}

async function resolveS3(reading: Reading, settings: Keeper<"s3">): Promise<BackendSettings | undefined> {
  const { own } = reading;
  const { at, bucket, key } = settings;
  const before = reading.problems.length;
  const endpoint = reading.address(at, settings.endpoint, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  const region = readRegion(reading, settings);
  const [accessKeyId, secretAccessKey] = [own("AWS_ACCESS_KEY_ID"), own("AWS_SECRET_ACCESS_KEY")];
  const sessionToken = own("AWS_SESSION_TOKEN");
  reading.secrets.push(secretAccessKey, sessionToken);
  // The project file of `state migrate --from` isn't checked against the schema.
  if (!new RegExp(bucketPattern, "u").test(bucket)) {
    reading.fault(at, explain("commands/state-s3-bucket", { form: say("manifest-schema/bucket-form") }));
  }
  if (reading.problems.length > before) return undefined;
  if (region === undefined && endpoint === undefined) {
    reading.lack(at, explain("commands/state-s3-region"), ...regionVariables);
  }
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    return reading.lack(at, explain("commands/state-s3-keys"), ...names);
  }
  return {
    type: "s3",
    endpoint,
    bucket,
    key,
    region: region ?? "us-east-1",
    accessKeyId,
    secretAccessKey,
    sessionToken,
    pathStyle: settings.path_style,
  };
}

const regionVariables = ["AWS_REGION", "AWS_DEFAULT_REGION"] as const;

function readRegion({ own, fault }: Reading, { at, region: written }: Keeper<"s3">): string | undefined {
  const variable = regionVariables.find((name) => own(name) !== undefined);
  const region = written ?? (variable && own(variable));
  if (region === undefined || new RegExp(regionPattern, "u").test(region)) return region;
  const form = say("manifest-schema/region-form");
  if (written !== undefined || variable === undefined)
    return fault(at, explain("commands/state-s3-region-form", { form }));
  return fault(at, explain("commands/state-s3-region-variable", { variable, form }));
}
