import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { packageFile } from "../core/package-files.ts";
import { providerSource, providerVersion } from "./provider-source.ts";

/** A file of the provider's package. */
export interface PackageFile {
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

/**
 * The files of a release's zip and of an installed provider, the same for all platforms. Terraform's checksum covers
 * these files, so that a lock file fits both. `root` is the directory of this package. Throws the system's error for a
 * missing file: the build creates the script.
 */
export function readProviderPackage(root: URL = packageFile("")): Promise<readonly PackageFile[]> {
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
