import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isError } from "../../core/diagnostic.ts";
import { drawDiagnostics, type Refusal } from "../manifests/project-snapshot.ts";
import { loadSource, type Source } from "../manifests/source.ts";

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
  source: Source,
): Promise<{ readonly inventory: Inventory } | { readonly refusal: Refusal }> {
  const directory = resolve(source.directory);
  const project = await loadSource(source);
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
