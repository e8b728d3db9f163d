import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openTofuHost, providerSource } from "./provider-source.ts";
import type { Env } from "./trust.ts";

/** A CLI configuration file that makes Terraform look for the provider elsewhere. */
export interface Overruling {
  readonly file: string;
  /** Its other blocks that apply to this provider, such as `direct` and `network_mirror`. */
  readonly others: readonly string[];
}

/** Whose CLI configuration to read, and for which provider directory. */
export interface Search {
  readonly home: string;
  readonly env: Env;
  /** The directory that Terraform will run in; paths in the configuration are relative to it. */
  readonly workingDirectory: string;
  /** The plugin directory with the provider. */
  readonly plugins: string;
  /** The host of the provider's source address; that of OpenTofu means that OpenTofu will run. */
  readonly host: string;
}

/**
 * Finds a `provider_installation` block that doesn't name the plugin directory. With such a block Terraform looks
 * nowhere else.
 */
export async function findOverruling(search: Search): Promise<Overruling | undefined> {
  for (const file of await configurationFiles(search)) {
    const text = withoutComments(await readFile(file, "utf8").catch(() => ""));
    if (!/^\s*provider_installation\b/mu.test(text)) continue;
    const ways = readWays(text).filter((way) => isFor(way, search.host));
    const isNamed = ways.some(
      ({ path }) => path && resolve(search.workingDirectory, path) === search.plugins,
    );
    if (isNamed) return undefined;
    const names = new Set(ways.filter(({ path }) => path === undefined).map(({ name }) => name));
    return { file, others: [...names] };
  }
  return undefined;
}

/**
 * A file in TF_CLI_CONFIG_FILE is the only one. Otherwise there are files in the home and in Terraform's
 * directory.
 */
async function configurationFiles({ home, env, host }: Search): Promise<readonly string[]> {
  const named = env.TF_CLI_CONFIG_FILE;
  if (named) return [named];
  const folder = join(home, ".terraform.d");
  const names = await readdir(folder).catch(() => []);
  return [
    ...(host === openTofuHost ? [join(home, ".tofurc")] : []),
    join(home, ".terraformrc"),
    ...names.filter((name) => name.endsWith(".tfrc")).map((name) => join(folder, name)),
  ];
}

interface Way {
  readonly name: string;
  readonly path: string | undefined;
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
}

const withoutComments = (text: string): string =>
  text.replaceAll(/("(?:\\.|[^"\\\n])*")|#.*|\/\/.*|\/\*[\s\S]*?\*\//gu, "$1");

// These blocks contain no nested braces.
function readWays(text: string): readonly Way[] {
  const blocks = text.matchAll(/\b(direct|[a-z]+_mirror)\s*\{([^}]*)\}/gu);
  return [...blocks].map(([, name = "", body = ""]) => ({
    name,
    path: /\bpath\s*=\s*"([^"]*)"/u.exec(body)?.[1],
    include: readPatterns(body, "include"),
    exclude: readPatterns(body, "exclude") ?? [],
  }));
}

function readPatterns(body: string, name: "include" | "exclude"): readonly string[] | undefined {
  const list = new RegExp(`\\b${name}\\s*=\\s*\\[([^\\]]*)\\]`, "u").exec(body)?.[1];
  return list === undefined
    ? undefined
    : [...list.matchAll(/"([^"]*)"/gu)].map(([, pattern = ""]) => pattern);
}

const isFor = ({ include, exclude }: Way, host: string): boolean =>
  (include === undefined || include.some((pattern) => covers(pattern, host))) &&
  !exclude.some((pattern) => covers(pattern, host));

/** Patterns are addresses with stars; one without a host means the default host. */
function covers(pattern: string, host: string): boolean {
  const parts = pattern.toLowerCase().split("/");
  const implied = host === openTofuHost ? openTofuHost : providerSource.host;
  const whole = parts.length === 2 ? [implied, ...parts] : parts;
  const wanted = [host, providerSource.namespace, providerSource.type];
  return (
    whole.length === wanted.length && whole.every((part, index) => part === "*" || part === wanted[index])
  );
}
