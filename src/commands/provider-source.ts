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
