import { lstatSync } from "node:fs";
import { arch, homedir, platform } from "node:os";
import { join } from "node:path";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import { makeFolders, refuseStray, sweepDrafts, writeFileGuarded } from "../files/guarded-writing.ts";
import { explain } from "../messages/text.ts";
import { NotInstalled } from "./machine-errors.ts";
import { type PackageFile, readProviderPackage } from "./provider-package.ts";
import {
  formatSource,
  platformOf,
  providerPlatforms,
  providerSource,
  providerVersion,
} from "./provider-source.ts";
import { findOverruling, type Overruling } from "./terraform-cli-config.ts";
import type { Env } from "./trust.ts";

/** Where to install the provider; by default where Terraform looks for it. */
export interface InstallOptions {
  /** The absolute path of a plugin directory. */
  readonly directory?: string | undefined;
  /** The host of the provider's source address. */
  readonly host?: string | undefined;
  /** The user's environment, for the home directory and Terraform's CLI configuration. */
  readonly env?: Env | undefined;
  /** The directory that Terraform will run in; it looks for plugins there, too. */
  readonly workingDirectory?: string | undefined;
  /** The provider's platform in Node's words; this machine by default. */
  readonly machine?: { readonly system: string; readonly architecture: string } | undefined;
  /** The directory of cozeform's package. */
  readonly root?: URL | undefined;
}

/** An installed provider. */
export interface Installed {
  /** `source` and `version` of `required_providers`. */
  readonly source: string;
  readonly version: string;
  readonly host: string;
  /** The plugin directory, and the provider's directory in it. */
  readonly plugins: string;
  readonly directory: string;
  /** Whether Terraform looks into that directory by default. */
  readonly found: boolean;
  /** `replaced`: another build of this version was installed. */
  readonly outcome: "installed" | "replaced" | "unchanged";
  /** A CLI configuration file that makes Terraform look elsewhere. */
  readonly overruledBy?: Overruling | undefined;
}

/**
 * Installs the provider where Terraform finds it without a registry. It is idempotent and writes files atomically.
 * Throws {@link NotInstalled} when the provider isn't built, doesn't run on this machine, or can't be written.
 */
export async function installProvider(options: InstallOptions = {}): Promise<Installed> {
  const { host = providerSource.host, env = {}, workingDirectory = "." } = options;
  const word = supportedPlatform(options.machine ?? { system: platform(), architecture: arch() });
  const home = env.HOME || homedir();
  const usual = join(home, ".terraform.d", "plugins");
  const plugins = options.directory ?? usual;
  const { namespace, type } = providerSource;
  const directory = join(plugins, host, namespace, type, providerVersion, word);
  if (options.directory !== undefined) refuseStray(directory, workingDirectory);
  const outcome = await placeFiles(directory, await readFiles(options.root));
  const found = [usual, join(workingDirectory, "terraform.d", "plugins")].includes(plugins);
  const overruledBy = found
    ? await findOverruling({ home, env, workingDirectory, plugins, host })
    : undefined;
  return {
    source: formatSource(host),
    version: providerVersion,
    host,
    plugins,
    directory,
    found,
    outcome,
    overruledBy,
  };
}

function supportedPlatform({ system, architecture }: NonNullable<InstallOptions["machine"]>): string {
  const word = platformOf(system, architecture);
  if (word !== undefined) return word;
  if (system === "win32") throw new NotInstalled(explain("commands/provider-on-windows"));
  const platforms = providerPlatforms.join(", ");
  throw new NotInstalled(explain("commands/provider-unsupported", { system, architecture, platforms }));
}

async function readFiles(root: URL | undefined): Promise<readonly PackageFile[]> {
  try {
    return await readProviderPackage(root);
  } catch (error) {
    if (systemCodeOf(error) !== "ENOENT") throw error;
    const { path: file = "" } = error as NodeJS.ErrnoException;
    throw new NotInstalled(explain("commands/provider-unbuilt", { file }));
  }
}

async function placeFiles(directory: string, files: readonly PackageFile[]): Promise<Installed["outcome"]> {
  try {
    makeFolders(directory);
    // A leftover draft would change the checksum of the package.
    sweepDrafts(directory);
    const before = files.map(({ name }) => readPlaced(join(directory, name)));
    refuseForeign(directory, files, before);
    // The script comes last, so that the package is complete once the script exists.
    for (const [index, { name, mode, content }] of files.entries()) {
      const placed = before[index];
      if (placed?.content.equals(content) && placed.mode === mode) continue;
      writeFileGuarded(join(directory, name), content, { mode });
    }
    const isSame = files.every(({ content }, index) => before[index]?.content.equals(content));
    if (isSame) return "unchanged";
    return before.some((one) => one !== undefined) ? "replaced" : "installed";
  } catch (error) {
    if (systemCodeOf(error) === "") throw error;
    const reason = describeReason(error);
    throw new NotInstalled(explain("commands/provider-blocked", { directory, reason }));
  }
}

/** An existing file; undefined when there is none. */
type Placed = { readonly content: Buffer; readonly mode: number } | undefined;

/** Bytes; the provider's script has less than a million. */
const largestFile = 64 * 2 ** 20;

function readPlaced(file: string): Placed {
  try {
    return { content: readFileGuarded(file, { most: largestFile }), mode: lstatSync(file).mode & 0o777 };
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    if (!(error instanceof UnfitFile)) throw error;
    throw foreign(file);
  }
}

/**
 * Refuses to replace files of other origin. Files that differ count as an older build only when the script among them
 * is one of ours.
 */
function refuseForeign(directory: string, files: readonly PackageFile[], before: readonly Placed[]): void {
  const script = files.findIndex(({ name }) => name.endsWith(".cjs"));
  const there = before[script]?.content;
  if (there && isOwnScript(there)) return;
  const stranger = files.findIndex(({ content }, index) => {
    const placed = before[index];
    return placed !== undefined && !placed.content.equals(content);
  });
  if (stranger >= 0) throw foreign(join(directory, files[stranger]?.name ?? ""));
}

/** Every build of the provider names its source address in its script. */
const isOwnScript = (script: Buffer): boolean =>
  script.subarray(0, 20).toString().startsWith("#!/usr/bin/env node") && script.includes("cozeform");

const foreign = (file: string): NotInstalled =>
  new NotInstalled(explain("commands/provider-foreign", { file }));
