import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { version } from "../core/version.ts";

/** The provider's source address with Terraform's default host. */
export const providerSource = {
  host: "registry.terraform.io",
  namespace: "cozeform",
  type: "coze",
} as const;

/** OpenTofu's default host. */
export const openTofuHost = "registry.opentofu.org";

const impliedHosts: readonly string[] = [providerSource.host, openTofuHost];

/** The `source` in `required_providers` for a provider of this host. */
export function formatSource(host: string): string {
  const { namespace, type } = providerSource;
  return [...(impliedHosts.includes(host) ? [] : [host]), namespace, type].join("/");
}

/** The version of the provider: that of this package. */
export const providerVersion = version;

/** The provider's platforms in Terraform's words. Windows doesn't start scripts by their first line. */
export const providerPlatforms = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"] as const;

const architectures: { readonly [node: string]: string } = { x64: "amd64", arm64: "arm64" };

/** Terraform's name of one of Node's platforms; undefined where the provider doesn't run. */
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
 * The files of a release's zip and of an installed provider, the same for all platforms. Terraform's checksum covers
 * these files, so that a lock file fits both. `root` is the directory of this package. Throws the system's error for a
 * missing file: the build creates the script.
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
    // The extension keeps the script CommonJS, whatever a package.json above it says.
    read(
      `dist/terraform/terraform-provider-${type}.cjs`,
      `terraform-provider-${type}_v${providerVersion}.cjs`,
      0o755,
    ),
  ]);
}
