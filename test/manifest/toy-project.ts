import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Diagnostic } from "../../src/core/diagnostic.ts";
import { type LoadOptions, loadProject, type Project } from "../../src/manifest/load.ts";
import { toyKinds } from "./toy-kinds.ts";

export type Files = { readonly [file: string]: string | Uint8Array };

/** Runs with a directory that holds these files, and removes it afterwards. */
export async function withDirectory<T>(files: Files, run: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), "manifest-"));
  try {
    for (const [file, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
      await writeFile(path.join(directory, file), content);
    }
    return await run(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Loads a project of toy kinds from these files. */
export const loadFiles = (files: Files, options: Partial<LoadOptions> = {}): Promise<Project> =>
  withDirectory(files, (directory) => loadProject({ directory, kinds: toyKinds, env: {}, ...options }));

/** A manifest whose spec begins on line 4, two spaces in. */
export const manifest = (kind: string, name: string, spec: readonly string[]): string =>
  [
    `apiVersion: cozeform/v1`,
    `kind: ${kind}`,
    `metadata: {name: ${name}}`,
    "spec:",
    ...spec.map((line) => `  ${line}`),
    "",
  ].join("\n");

export const boxManifest = manifest("Box", "crate", ["name: crate"]);

/** Where and what: `file:line:column code`. */
export const brief = ({ at, code }: Diagnostic): string =>
  at ? `${at.file}:${at.line}:${at.column} ${code}` : code;
