import { stat } from "node:fs/promises";
import path from "node:path";
import type { Report } from "./codes.ts";
import type { ProjectFiles } from "./files.ts";
import type { Pattern } from "./project.ts";

/** What makes a directory a project of its own. */
export const projectFile = "cozeform.yaml";

/**
 * Whether a directory is a project even without manifests: it has a project file, or a state, and then all its
 * manifests may have been taken out.
 */
export async function isProject(directory: string): Promise<boolean> {
  const signs = [projectFile, ".cozeform"].map((name) => stat(path.join(directory, name)));
  return (await Promise.allSettled(signs)).some(({ status }) => status === "fulfilled");
}

/** The YAML files of a project that names none, and the projects in folders below, which keep theirs. */
export interface Located {
  readonly own: readonly string[];
  readonly nested: readonly string[];
}

/** Finds every YAML file but those of patches and of projects below; undefined when that fails, which is reported. */
export async function locateAll(
  patches: readonly string[],
  files: ProjectFiles,
  report: Report,
): Promise<Located | undefined> {
  const found = await files.find(["**/*.{yaml,yml}"], [projectFile, ...patches]);
  if ("complaint" in found) {
    report(undefined, { ...found.complaint, hint: `name the manifests under manifests: in ${projectFile}` });
    return undefined;
  }
  const folders = found.value
    .filter((file) => path.posix.basename(file) === projectFile)
    .map(path.posix.dirname);
  const isBelow = (file: string): boolean => folders.some((folder) => file.startsWith(`${folder}/`));
  return {
    own: found.value.filter((file) => !isBelow(file)),
    nested: folders.filter((folder) => !isBelow(folder)),
  };
}

/** Finds the files that match patterns, wherever they are; a pattern without any is reported. */
export async function locateMatches(
  patterns: readonly Pattern[],
  except: readonly string[],
  files: ProjectFiles,
  report: Report,
): Promise<readonly string[]> {
  const all = new Set<string>();
  for (const { text, at } of patterns) {
    const found = await files.find([text], [`**/${projectFile}`, ...except]);
    if ("complaint" in found) report(at, found.complaint);
    else if (found.value.length === 0) {
      report(at, { code: "no-match", severity: "warning", message: `no file matches ${text}` });
    } else for (const file of found.value) all.add(file);
  }
  return [...all].sort();
}

/** Reports a directory in which nothing is a manifest, and where to go from there. */
export function reportNoManifests(directory: string, nested: readonly string[], report: Report): void {
  const shown = nested.slice(0, 5).join(", ");
  const hint =
    nested.length > 0
      ? `did you mean ${shown}${nested.length > 5 ? ", …" : ""}?`
      : `begin with cozeform init; with a ${projectFile} there may be no manifests at all`;
  report(undefined, { code: "no-manifests", message: `no manifests in ${directory}`, hint });
}
