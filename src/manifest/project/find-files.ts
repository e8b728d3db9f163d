import { type Dirent, readdir, realpath, stat } from "node:fs";
import path from "node:path";
import type { PathFault } from "../../files/project-paths.ts";
import { ForbiddenFolder, isMissing, TooManyFiles } from "./file-problems.ts";
import { searchPlainly } from "./plain-search.ts";

/** How a directory is searched for files. */
export interface SearchOptions {
  readonly except?: readonly string[] | undefined;
  /** Whether links to folders are entered; links to files always count as files. */
  readonly links: "enter" | "leave";
  /** How many files and folders may be looked at. */
  readonly limit: number;
  /** What keeps a folder, where it really is, from being read; without it everything may be read. */
  checkFolder?(folder: string): Promise<PathFault | undefined>;
}

/** Sorted paths of the files that match any of the patterns; packages and hidden folders are passed over. */
export async function findFiles(
  directory: string,
  patterns: readonly string[],
  { except = [], links, limit, checkFolder = async () => undefined }: SearchOptions,
): Promise<readonly string[]> {
  const plain = searchPlainly(directory, patterns, { except, limit });
  if (plain) return plain;
  const { glob } = await import("tinyglobby");
  const errors: Error[] = [];
  // Folders behind links are listed by their real paths.
  const linked = new Map<string, string>();
  const controller = new AbortController();
  let seen = 0;
  const list = (folder: string, _: { withFileTypes: true }, done: Done) => {
    if (isKernelView(folder, directory)) return done(null, []);
    // Not even the names in a forbidden folder may be read.
    checkFolder(folder).then(
      (fault) => {
        if (!fault) return enter(folder, done);
        const place = path.resolve(folder);
        const link = linked.get(place);
        // Dot folders are passed over, and only a link says that one is meant all the same.
        if (link !== undefined || fault.reason === "outside")
          errors.push(new ForbiddenFolder(link ?? place, fault));
        done(null, []);
      },
      // What can't be entered says so when it is listed.
      () => enter(folder, done),
    );
  };
  const enter = (folder: string, done: Done) => {
    readdir(folder, { withFileTypes: true }, async (error, entries) => {
      // Passed over in silence, manifests in a folder that can't be read would count as taken out.
      if (error && !isMissing(error)) errors.push(error);
      seen += entries?.length ?? 0;
      if (seen > limit) controller.abort();
      if (error || controller.signal.aborted) return done(error, []);
      const resolved = await Promise.all(entries.map((entry) => resolveLink(folder, entry, links)));
      done(null, resolved.flat());
    });
  };
  const found = await glob([...patterns], {
    cwd: directory,
    ignore: ["**/node_modules/**", ...except],
    expandDirectories: false,
    signal: controller.signal,
    // The forms in which it calls them.
    fs: { readdir: list as unknown as typeof readdir, realpath: recordLinks(errors, linked) },
  });
  if (controller.signal.aborted) throw new TooManyFiles();
  const [error] = errors;
  if (error) throw error;
  return found.map((file) => file.split(path.sep).join("/")).sort();
}

/** Those of some paths, whose files needn't be there, that {@link findFiles} would find by any of the patterns. */
export async function matchPaths(
  paths: readonly string[],
  patterns: readonly string[],
): Promise<readonly string[]> {
  const root = path.resolve("/");
  const folders = new Map<string, Map<string, boolean>>();
  for (const file of paths) {
    for (let place = file, isFile = true; place !== "."; place = path.posix.dirname(place), isFile = false) {
      const folder = path.resolve(root, path.posix.dirname(place));
      const known = folders.get(folder) ?? new Map<string, boolean>();
      folders.set(folder, known.set(path.posix.basename(place), isFile));
    }
  }
  const list = (folder: string, _: { withFileTypes: true }, done: Done) => {
    const entries = [...(folders.get(path.resolve(folder)) ?? [])];
    done(
      null,
      entries.map(([name, isFile]) => ({
        name,
        isFile: () => isFile,
        isDirectory: () => !isFile,
        isSymbolicLink: () => false,
      })),
    );
  };
  const { glob } = await import("tinyglobby");
  const found = await glob([...patterns], {
    cwd: root,
    ignore: ["**/node_modules/**"],
    expandDirectories: false,
    fs: { readdir: list as unknown as typeof readdir },
  });
  return found.map((file) => file.split(path.sep).join("/")).sort();
}

type Done = (error: Error | null, entries: readonly Entry[]) => void;

type Entry = Pick<Dirent, "name" | "isFile" | "isDirectory" | "isSymbolicLink">;

/** Views of the running system, which have no end. */
const isKernelView = (folder: string, directory: string): boolean => {
  const resolved = path.resolve(folder);
  return ["/proc", "/sys"].includes(resolved) && resolved !== path.resolve(directory);
};

/** A link as its target. A broken link counts as a file, so that reading it reports the problem. */
async function resolveLink(
  folder: string,
  entry: Dirent,
  links: SearchOptions["links"],
): Promise<readonly Entry[]> {
  if (!entry.isSymbolicLink()) return [entry];
  const target = await new Promise<"folder" | "other" | "nothing">((resolve) =>
    stat(path.join(folder, entry.name), (error, found) =>
      resolve(error ? "nothing" : found.isDirectory() ? "folder" : "other"),
    ),
  );
  if (target === "folder") return links === "enter" ? [entry] : [];
  // Without an extension it may have led to a folder, which is told when it is to be entered.
  if (target === "nothing" && links === "enter" && /^[^.]+$/u.test(entry.name)) return [entry];
  const { name } = entry;
  return [{ name, isFile: () => true, isDirectory: () => false, isSymbolicLink: () => false }];
}

function recordLinks(errors: Error[], linked: Map<string, string>): typeof realpath {
  const watched = (link: string, done: (error: Error | null, resolved: string) => void) =>
    realpath(link, (error, resolved) => {
      if (error) errors.push(error);
      else linked.set(path.resolve(resolved), path.resolve(link));
      done(error, resolved);
    });
  return watched as unknown as typeof realpath;
}
