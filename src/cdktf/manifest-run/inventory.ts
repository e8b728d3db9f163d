import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isError } from "../../core/diagnostic.ts";
import { kinds } from "../../kinds/index.ts";
import { loadProject } from "../../manifest/load.ts";
import { drawDiagnostics, type Refusal } from "../manifests/blueprint.ts";

/** Which project, and what is known of its variables. */
export interface InventoryOptions {
  readonly directory: string;
  readonly environment?: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of which only Terraform will know what they hold. */
  readonly later: readonly string[];
}

/** What a project consists of in one environment. */
export interface Inventory {
  readonly environmentName: string;
  readonly isProtected: boolean;
  /** SHA-256 in hexadecimal by path, in the order of paths: of each YAML file, and of each that manifests name. */
  readonly digests: Readonly<Record<string, string>>;
  /** As texts, ready to be shown. */
  readonly warnings: readonly string[];
}

/** Checks a project as `cozeform validate` does and lists its files; the values of environment variables stay open. */
export async function takeInventory(
  options: InventoryOptions,
): Promise<{ readonly inventory: Inventory } | { readonly refusal: Refusal }> {
  const directory = resolve(options.directory);
  const project = await loadProject({
    directory,
    kinds,
    env: {},
    variables: options.variables,
    later: { variables: options.later },
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  const { diagnostics } = project;
  if (diagnostics.some(isError))
    return { refusal: { diagnostics, text: drawDiagnostics(diagnostics, project) } };
  const digests: Record<string, string> = {};
  for (const file of project.files) digests[file] = sha256Of(await readFile(join(directory, file)));
  return {
    inventory: {
      environmentName: project.environmentName,
      isProtected: project.environment.protect,
      digests,
      warnings: diagnostics.map((one) => drawDiagnostics([one], project)),
    },
  };
}

/** In hexadecimal. */
export const sha256Of = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
