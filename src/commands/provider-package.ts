import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { version } from "../core/version.ts";

/** How configurations name the provider; the host is the one that Terraform takes when none is written. */
export const providerSource = {
  host: "registry.terraform.io",
  namespace: "cozeform",
  type: "coze",
} as const;

/** The host that OpenTofu takes when none is written. */
export const openTofuHost = "registry.opentofu.org";

const impliedHosts: readonly string[] = [providerSource.host, openTofuHost];

/** What `source` says in `required_providers` for a provider of this host. */
export function formatSource(host: string): string {
  const { namespace, type } = providerSource;
  return [...(impliedHosts.includes(host) ? [] : [host]), namespace, type].join("/");
}

/** The version that is packaged and installed: the one of this package. */
export const providerVersion = version;

/** Where the script runs, in Terraform's words: Windows starts no scripts by their first line. */
export const providerPlatforms = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"] as const;

const architectures: { readonly [node: string]: string } = { x64: "amd64", arm64: "arm64" };

/** Terraform's word for an operating system and architecture of Node's; undefined where the provider doesn't run. */
export function platformOf(system: string, architecture: string): string | undefined {
  const word = `${system}_${architectures[architecture]}`;
  return providerPlatforms.find((one) => one === word);
}

/** A file of the provider's package. */
export interface PackageFile {
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

const packageRoot = new URL("../../", import.meta.url);

/**
 * What a release's zip and an installed provider's folder hold, the same for all platforms: Terraform's checksum is of
 * these files, so that a lock file that was written with one of them fits the other. `root`: the folder of this package.
 * Throws the system's error for a file that isn't there: the script is made by the build.
 */
export function readProviderPackage(root: URL = packageRoot): Promise<readonly PackageFile[]> {
  const read = async (from: string, name: string, mode: number): Promise<PackageFile> => ({
    name,
    mode,
    content: await readFile(fileURLToPath(new URL(from, root))),
  });
  const { type } = providerSource;
  return Promise.all([
    read("LICENSE", "LICENSE", 0o644),
    read("dist/terraform/LICENSES.txt", "LICENSES.txt", 0o644),
    // An extension of its own keeps the script CommonJS, whatever a package.json above it says.
    read(
      `dist/terraform/terraform-provider-${type}.cjs`,
      `terraform-provider-${type}_v${providerVersion}.cjs`,
      0o755,
    ),
  ]);
}
