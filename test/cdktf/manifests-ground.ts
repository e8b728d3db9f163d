import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TerraformStack, Testing } from "cdktf";
import { CozeManifests, type CozeManifestsConfig } from "../../src/cdktf/manifests.ts";
import { makeScratch } from "../support/scratch.ts";

/** A manifest as YAML, one line of metadata and the rest as it is. */
export const manifest = (kind: string, metadata: string, spec: string): string =>
  `apiVersion: cozeform/v1\nkind: ${kind}\nmetadata: ${metadata}\nspec:\n${spec
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n")}\n`;

/** A directory that holds these files. */
export function layManifests(files: { readonly [path: string]: string }): string {
  const directory = makeScratch();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

/** A stack that holds what the manifests of a directory make, as `desk`. */
export function openDesk(config: CozeManifestsConfig) {
  const stack = new TerraformStack(Testing.app(), "stack");
  const desk = new CozeManifests(stack, "desk", config);
  return { stack, desk, text: () => Testing.synth(stack), synth: () => JSON.parse(Testing.synth(stack)) };
}
