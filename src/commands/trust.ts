import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { InvalidInput } from "../core/diagnostic.ts";

/** Environment variables by name. */
export type Env = { readonly [name: string]: string | undefined };

/**
 * What the person or runner that starts cozeform allows a repository: nothing in a repository can change it. Read from
 * environment variables and the user's own configuration by {@link readTrust}.
 */
export interface Trust {
  /** Whether calls with a token may go to an address that a project file names. */
  mayCall(url: URL): boolean;
  /** Whether a project file or manifest may read an environment variable. */
  mayReadVariable(name: string): boolean;
  /** Folders outside the project whose files may be read; real paths. */
  readonly readable: readonly string[];
  /** Folders outside the project into which a link may lead the state; real paths. */
  readonly writable: readonly string[];
}

/** What `config.yaml` of the user says, under its own names. */
export interface UserConfig {
  readonly allow_hosts?: readonly string[];
  readonly allow_env?: readonly string[];
  readonly allow_read?: readonly string[];
  readonly allow_write?: readonly string[];
  /** Kept for the language of messages, of which there is one so far. */
  readonly lang?: "zh" | "en";
}

/** What {@link readTrust} reads. */
export interface TrustSources {
  readonly env: Env;
  readonly config?: UserConfig;
  /** Names of variables that a file of the runner's gives (`--env-file`). */
  readonly given?: readonly string[];
  /** What relative paths are relative to; the process's own directory without it. */
  readonly cwd?: string;
}

/** The variables that a runner widens or narrows trust with. */
export const trustVariables = {
  hosts: "COZEFORM_ALLOW_HOSTS",
  variables: "COZEFORM_ALLOW_ENV",
  readable: "COZEFORM_ALLOW_READ",
  endpoint: "COZE_API_BASE",
} as const;

/** Reads what the runner allows; throws {@link InvalidInput} when a part of it can't be understood. */
export function readTrust({ env, config = {}, given = [], cwd = "." }: TrustSources): Trust {
  const base = env[trustVariables.endpoint];
  const hosts = [
    ...splitList(env[trustVariables.hosts]).map((entry) => readHost(entry, trustVariables.hosts)),
    ...(config.allow_hosts ?? []).map((entry) => readHost(entry, "allow_hosts")),
    // What is wrong with that one is said where it is used.
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
    readable: [...paths, ...(config.allow_read ?? [])].flatMap((path) => foldersOf(path, env, cwd)),
    writable: (config.allow_write ?? []).flatMap((path) => foldersOf(path, env, cwd)),
  };
}

const splitList = (text = ""): readonly string[] => text.split(/[\s,]+/u).filter((entry) => entry !== "");

/** Coze's own hosts, and this machine. */
const cozeHosts: ReadonlySet<string> = new Set(["api.coze.cn", "api.coze.com"]);
const loopbackHosts: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

const isCoze = ({ protocol, hostname, port }: URL): boolean =>
  protocol === "https:" && port === "" && cozeHosts.has(hostname);

/** Whether an address is this machine's own, so that nothing that is sent there leaves it. */
export const isLoopback = ({ hostname }: URL): boolean => loopbackHosts.has(hostname);

/** Whether Coze itself is at an address, or would be with https. */
export const isCozeHost = ({ hostname }: URL): boolean => cozeHosts.has(hostname);

interface AllowedHost {
  readonly hostname: string;
  /** Undefined: every port. */
  readonly port: string | undefined;
  /** Plain http is allowed as well. */
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
    throw new InvalidInput([
      {
        code: "bad-trust",
        severity: "error",
        message: `${where}: ${entry.includes("@") ? "an entry" : JSON.stringify(entry)} is neither a host nor an address`,
        hint: "write hosts such as coze.example.com, with a port where there is one: coze.example.com:8443; http://emulator:8787 allows plain http there",
      },
    ]);
  }
  const { hostname, port, protocol } = url;
  const written = schemed || /:\d+$/u.test(entry);
  return { hostname, port: written ? port : undefined, plain: protocol === "http:" };
}

const covers = ({ hostname, port, plain }: AllowedHost, url: URL): boolean =>
  url.hostname === hostname &&
  (port === undefined || url.port === port) &&
  (url.protocol === "https:" || (plain && url.protocol === "http:"));

/** One entry of a list of variables: a name or `NAME_*`, with `!` before it one that is excluded. */
interface VariableRule {
  readonly allows: boolean;
  readonly start: string;
  readonly whole: boolean;
}

/** What a repository may read unless the runner says something else. */
const usualRule: VariableRule = { allows: true, start: "COZE_", whole: false };

function readRule(entry: string, where: string): VariableRule {
  const [, not = "", name = "", star = ""] = /^(!?)([^*!]*)(\*?)$/u.exec(entry) ?? [];
  if (name !== "" || star !== "") return { allows: not === "", start: name, whole: star === "" };
  throw new InvalidInput([
    {
      code: "bad-trust",
      severity: "error",
      message: `${where}: ${JSON.stringify(entry)} isn't the name of a variable`,
      hint: "write names, or their beginnings with a star, separated by commas: DB_TOKEN,CI_COZE_*,!COZE_*",
    },
  ]);
}

/** Of the rules that meet a name the most precise one counts, and of equally precise ones the one that excludes. */
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

/** The real path of a folder or file that the runner names; none when it isn't there. */
function foldersOf(path: string, env: Env, cwd: string): readonly string[] {
  const home = env.HOME || homedir();
  const whole = path === "~" ? home : path.startsWith("~/") ? join(home, path.slice(2)) : path;
  try {
    return [realpathSync(isAbsolute(whole) ? whole : resolve(cwd, whole))];
  } catch {
    return [];
  }
}
