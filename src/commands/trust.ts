import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { InvalidInput } from "../core/diagnostic.ts";
import { type Explained, explain, say } from "../messages/text.ts";

/** Environment variables by name. */
export type Env = { readonly [name: string]: string | undefined };

/**
 * What the person or runner that starts cozeform allows a repository. Nothing in a repository can change it.
 * {@link readTrust} reads it from environment variables and the user's configuration.
 */
export interface Trust {
  /** Whether calls with a token may go to an endpoint that the project file names. */
  mayCall(url: URL): boolean;
  /** Whether a project file or manifest may read an environment variable. */
  mayReadVariable(name: string): boolean;
  /** The same for a tool's settings: what begins with the tool's prefix may be read, too, unless it is excluded. */
  mayReadOwn(name: string, prefix: string): boolean;
  /** Directories outside the project whose files may be read; real paths. */
  readonly readable: readonly string[];
  /** Directories outside the project that a link may lead the state to; real paths. */
  readonly writable: readonly string[];
}

/** The user's `config.yaml`, with the names of the file. */
export interface UserConfig {
  readonly allow_hosts?: readonly string[] | undefined;
  readonly allow_env?: readonly string[] | undefined;
  readonly allow_read?: readonly string[] | undefined;
  readonly allow_write?: readonly string[] | undefined;
  /** Reserved for the language of messages. */
  readonly lang?: "zh" | "en" | undefined;
}

/** The sources of {@link readTrust}. */
export interface TrustSources {
  readonly env: Env;
  readonly config?: UserConfig | undefined;
  /** The names of the variables of `--env-file`. */
  readonly given?: readonly string[] | undefined;
  /** The base of relative paths; the process's working directory by default. */
  readonly cwd?: string | undefined;
}

/** The environment variables that widen or narrow trust. */
export const trustVariables = {
  hosts: "COZEFORM_ALLOW_HOSTS",
  variables: "COZEFORM_ALLOW_ENV",
  readable: "COZEFORM_ALLOW_READ",
  endpoint: "COZE_API_BASE",
} as const;

/** Reads the runner's trust; throws {@link InvalidInput} for an invalid entry. */
export function readTrust({ env, config = {}, given = [], cwd = "." }: TrustSources): Trust {
  const base = env[trustVariables.endpoint];
  const hosts = [
    ...splitList(env[trustVariables.hosts]).map((entry) => readHost(entry, trustVariables.hosts)),
    ...(config.allow_hosts ?? []).map((entry) => readHost(entry, "allow_hosts")),
    // An invalid base URL is reported where it is used.
    ...(base && /^https?:\/\/[^@?#]+$/iu.test(base) ? [readHost(base, trustVariables.endpoint)] : []),
  ];
  const rules = [
    ...splitList(env[trustVariables.variables]).map((entry) => readRule(entry, trustVariables.variables)),
    ...(config.allow_env ?? []).map((entry) => readRule(entry, "allow_env")),
  ];
  const paths = (env[trustVariables.readable] ?? "").split(delimiter).filter((path) => path !== "");
  return {
    mayCall: (url) => isCoze(url) || isLoopback(url) || hosts.some((host) => covers(host, url)),
    mayReadVariable: (name) => judgeVariable(name, rules, given),
    mayReadOwn: (name, prefix) =>
      judgeVariable(name, [{ allows: true, start: prefix, whole: false }, ...rules], given),
    readable: [...paths, ...(config.allow_read ?? [])].flatMap((path) => foldersOf(path, env, cwd)),
    writable: (config.allow_write ?? []).flatMap((path) => foldersOf(path, env, cwd)),
  };
}

const splitList = (text = ""): readonly string[] => text.split(/[\s,]+/u).filter((entry) => entry !== "");

/** Coze's hosts, and this machine. */
const cozeHosts: ReadonlySet<string> = new Set(["api.coze.cn", "api.coze.com"]);
const loopbackHosts: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

const isCoze = ({ protocol, hostname, port }: URL): boolean =>
  protocol === "https:" && port === "" && cozeHosts.has(hostname);

/** Whether a URL is on this machine, so that a token sent there doesn't leave it. */
export const isLoopback = ({ hostname }: URL): boolean => loopbackHosts.has(hostname);

interface AllowedHost {
  readonly hostname: string;
  /** Undefined for every port. */
  readonly port: string | undefined;
  /** Plain http is allowed, too. */
  readonly plain: boolean;
}

function readHost(entry: string, where: string): AllowedHost {
  const schemed = /^https?:\/\//iu.test(entry);
  const text = schemed ? entry : `https://${entry}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    !url ||
    url.hostname === "" ||
    url.hostname.includes("*") ||
    url.username ||
    url.search ||
    (!schemed && url.pathname !== "/")
  ) {
    const problem = explain("commands/host-invalid", { source: where, entry: JSON.stringify(entry) });
    // The entry may contain a password.
    throw refuse(
      entry.includes("@") ? { ...problem, message: say("commands/host-hidden", { source: where }) } : problem,
    );
  }
  const { hostname, port, protocol } = url;
  const written = schemed || /:\d+$/u.test(entry);
  return { hostname, port: written ? port : undefined, plain: protocol === "http:" };
}

const covers = ({ hostname, port, plain }: AllowedHost, url: URL): boolean =>
  url.hostname === hostname &&
  (port === undefined || url.port === port) &&
  (url.protocol === "https:" || (plain && url.protocol === "http:"));

/** One entry of a list of variables: a name or `NAME_*`, excluded with `!` before it. */
interface VariableRule {
  readonly allows: boolean;
  readonly start: string;
  readonly whole: boolean;
}

/** The variables that a repository may read by default. */
const usualRule: VariableRule = { allows: true, start: "COZE_", whole: false };

function readRule(entry: string, where: string): VariableRule {
  const [, not = "", name = "", star = ""] = /^(!?)([^*!]*)(\*?)$/u.exec(entry) ?? [];
  if (name !== "" || star !== "") return { allows: not === "", start: name, whole: star === "" };
  throw refuse(explain("commands/variables-invalid", { source: where, entry: JSON.stringify(entry) }));
}

const refuse = (problem: Explained): InvalidInput =>
  new InvalidInput([{ code: "bad-trust", severity: "error", ...problem }]);

/** The most specific matching rule decides, and among equally specific ones the one that excludes. */
function judgeVariable(name: string, rules: readonly VariableRule[], given: readonly string[]): boolean {
  const own = given.map((one): VariableRule => ({ allows: true, start: one, whole: true }));
  const [first] = [usualRule, ...own, ...rules]
    .filter(({ start, whole }) => (whole ? name === start : name.startsWith(start)))
    .sort(
      (a, b) =>
        Number(b.whole) - Number(a.whole) ||
        b.start.length - a.start.length ||
        Number(a.allows) - Number(b.allows),
    );
  return first?.allows === true;
}

/** The real path of a directory or file; none when it doesn't exist. */
function foldersOf(path: string, env: Env, cwd: string): readonly string[] {
  const home = env.HOME || homedir();
  const whole = path === "~" ? home : path.startsWith("~/") ? join(home, path.slice(2)) : path;
  try {
    return [realpathSync(isAbsolute(whole) ? whole : resolve(cwd, whole))];
  } catch {
    return [];
  }
}
