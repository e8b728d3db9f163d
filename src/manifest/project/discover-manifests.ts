import { lstat, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { explain, say } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import type { PlacedText } from "../yaml/source-tree.ts";
import { type FileResult, isWild } from "./file-problems.ts";
import { dropLeftovers } from "./leftover-files.ts";
import type { ProjectFiles } from "./readable-files.ts";

/** What makes a directory a project of its own, by the names that it may have. */
const projectFiles = ["cozeform.yaml", "cozeform.yml"] as const;

/** Those of the names of project files that the project has. */
export async function listProjectFiles(files: ProjectFiles): Promise<readonly string[]> {
  const there = await Promise.all(projectFiles.map((name) => files.has(name)));
  return projectFiles.filter((_, index) => there[index]);
}

/** Whether a path is that of a project file. */
export const isProjectFile = (file: string): boolean =>
  projectFiles.some((name) => name === path.posix.basename(file));

/** The name of a directory's project file, be it a link that leads nowhere; undefined where there is none. */
export async function findProjectFile(directory: string): Promise<string | undefined> {
  const found = await Promise.allSettled(projectFiles.map((name) => lstat(path.join(directory, name))));
  return projectFiles.find((_, index) => found[index]?.status === "fulfilled");
}

/**
 * Whether a directory is a project even without manifests: it has a project file, or a state, and then all its
 * manifests may have been taken out.
 */
export async function isProject(directory: string): Promise<boolean> {
  const signs = [...projectFiles, ".cozeform"].map((name) => stat(path.join(directory, name)));
  return (await Promise.allSettled(signs)).some(({ status }) => status === "fulfilled");
}

/** Whether a directory is one that holds everything: the root of a disk, or the user's home. */
export async function isRootOrHome(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const real = (place: string) => realpath(place).catch(() => path.resolve(place));
  const place = await real(directory);
  const homes = [env.HOME, env.USERPROFILE].flatMap((home) => (home ? [real(home)] : []));
  return place === path.parse(place).root || (await Promise.all(homes)).includes(place);
}

/** The YAML files of a project that names none, and the projects in folders below, which keep theirs. */
export interface DiscoveredFiles {
  readonly own: readonly string[];
  readonly nested: readonly string[];
}

/** Finds every YAML file but those of patches and of projects below; undefined when that fails, which is reported. */
export async function findAllManifests(
  patches: readonly string[],
  files: ProjectFiles,
  report: Report,
): Promise<DiscoveredFiles | undefined> {
  const found = await findManifestsBelow(files, { except: [...projectFiles, ...patches] });
  if ("value" in found) return found.value;
  report(undefined, { hint: say("manifest-project/list-manifests"), ...found.complaint });
  return undefined;
}

/** The same of a directory of its own, by its path from the project. */
export async function findManifestsBelow(
  files: ProjectFiles,
  options: { readonly below?: string; readonly except?: readonly string[] },
): Promise<FileResult<DiscoveredFiles>> {
  const found = await files.find(["**/*.{yaml,yml,YAML,YML}"], { ...options, links: "leave" });
  if ("complaint" in found) return found;
  const folders = found.value.filter(isProjectFile).map(path.posix.dirname);
  const isBelow = (file: string): boolean => folders.some((folder) => file.startsWith(`${folder}/`));
  return {
    value: {
      own: found.value.filter((file) => !isBelow(file)),
      nested: folders.filter((folder) => !isBelow(folder)),
    },
  };
}

/**
 * Finds the files that match patterns, wherever they are, in the patterns' order, those of one by name; a pattern
 * without any is an error.
 */
export async function findMatches(
  patterns: readonly PlacedText[],
  except: readonly string[],
  files: ProjectFiles,
  report: Report,
): Promise<readonly string[]> {
  const all = new Set<string>();
  const others = [...projectFiles.map((name) => `**/${name}`), ...except];
  for (const { text, at } of patterns) {
    const found = await files.find([text], { except: others });
    const matches = "value" in found ? dropLeftovers(found.value, at, report) : [];
    if ("complaint" in found) report(at, found.complaint);
    else if (matches.length === 0) {
      // Taken for no manifests, a misspelt pattern would have everything deleted.
      const message = say("manifest-project/no-match", { pattern: text });
      report(at, {
        code: "no-match",
        message,
        hint: (await proposeExtension(text, others, files)) ?? (await files.propose(text)),
      });
    } else for (const file of matches) all.add(file);
  }
  return [...all];
}

const yamlExtensions = ["YAML", "YML", "yaml", "yml"];

/** Names a file that a pattern of YAML files misses for its extension, and the pattern that matches it. */
async function proposeExtension(
  pattern: string,
  except: readonly string[],
  files: ProjectFiles,
): Promise<string | undefined> {
  const [, stem, written] = /^(.*)\.(ya?ml|\{ya?ml(?:,ya?ml)*\})$/isu.exec(pattern) ?? [];
  if (stem === undefined || written === undefined) return undefined;
  const withExtensions = (extensions: readonly string[]): string => `${stem}.{${extensions.join(",")}}`;
  const found = await files.find([withExtensions(yamlExtensions)], { except });
  const matches = "value" in found ? found.value : [];
  const [file] = matches;
  if (file === undefined) return undefined;
  if (!isWild(pattern)) return say("common/did-you-mean", { word: file });
  const extensions = matches.map((match) => path.posix.extname(match).slice(1));
  const wanted = [...written.replaceAll(/[{}]/gu, "").split(","), ...extensions];
  const shown = withExtensions(yamlExtensions.filter((one) => wanted.includes(one)));
  return say("manifest-project/other-extension", { file, pattern: shown });
}

/** Reports a directory in which nothing is a manifest, and where to go from there. */
export function reportNoManifests(directory: string, nested: readonly string[], report: Report): void {
  const shown = [...nested.slice(0, 5), ...(nested.length > 5 ? ["…"] : [])].join(", ");
  const problem = explain("manifest-project/no-manifests", { directory });
  const hint = nested.length > 0 ? say("common/did-you-mean", { word: shown }) : problem.hint;
  report(undefined, { code: "no-manifests", ...problem, hint });
}
