import { readdir, readlink } from "node:fs/promises";
import path from "node:path";
import { suggest } from "../../core/suggestions.ts";
import { describeReason } from "../../core/system-error.ts";
import { explainPathFault, leavesDirectory, type PathFault } from "../../files/project-paths.ts";
import { explain, say } from "../../messages/text.ts";
import type { Problem } from "../problems.ts";

/** What was read, or what is wrong with a file or pattern. */
export type FileResult<T> = { readonly value: T } | { readonly complaint: Problem };

/** The problem of a path that may not be read. */
export const explainFault = (file: string, fault: PathFault): Problem => ({
  code: fault.reason === "outside" ? "outside-project" : "bad-file",
  ...explainPathFault(file, fault),
});

/** The problem that ended a search for files below a directory. */
export async function explainSearchError(directory: string, most: number, error: unknown): Promise<Problem> {
  const nameOf = (place: string) => path.relative(directory, place).split(path.sep).join("/");
  if (error instanceof TooManyFiles)
    return {
      code: "too-large",
      ...explain("manifest-project/too-many-files", { directory, count: most }),
    };
  if (error instanceof ForbiddenFolder) return explainFault(nameOf(error.folder), error.fault);
  const { path: place } = error as NodeJS.ErrnoException;
  if (place !== undefined) return (await explainLink(place, nameOf(place))) ?? unreadable(place, error);
  const message = say("manifest-project/unreadable-pattern", { reason: describeReason(error) });
  return { code: "unreadable", message };
}

/** The problem of a link that leads out of the project or nowhere; undefined for anything else. */
export async function explainLink(absolute: string, file: string): Promise<Problem | undefined> {
  const first = await readlink(absolute).catch(() => undefined);
  if (first === undefined) return undefined;
  let [place, from, target]: [string, string, string | undefined] = [absolute, file, first];
  for (let count = 0; count < 40 && target !== undefined; count += 1) {
    from = path.posix.join(path.posix.dirname(from), target);
    // A repository must not learn what exists outside itself.
    if (path.isAbsolute(target) || leavesDirectory(from)) return explainFault(file, { reason: "outside" });
    place = path.resolve(path.dirname(place), target);
    target = await readlink(place).catch(() => undefined);
  }
  return { code: "missing-file", ...explain("manifest-project/broken-link", { file, target: first }) };
}

/** Where a pattern is searched, and what keeps a folder from being read. */
interface SearchRoot {
  readonly directory: string;
  readonly checkFolder: (folder: string) => Promise<PathFault | undefined>;
  /** The included directory that the pattern leads into, by its path from the project; empty for others. */
  readonly included: string;
}

/** Follows the folders of a pattern to the first that isn't there. */
export async function proposeMatch(
  { directory, checkFolder, included }: SearchRoot,
  pattern: string,
  listAll: () => Promise<readonly string[]>,
): Promise<string> {
  const parts = path.posix.normalize(pattern).split("/");
  const base = staticBase(pattern).split("/").filter(Boolean);
  const first = included === "" ? 0 : included.split("/").length;
  for (const [index, part] of base.entries()) {
    if (index < first) continue;
    const around = path.join(directory, ...base.slice(0, index));
    if (await checkFolder(around).catch(() => true)) return say("files/path-outside.hint");
    const known = await foldersIn(around);
    if (known.includes(part)) continue;
    const near = suggest(part, known);
    if (near !== undefined) return say("common/did-you-mean", { word: parts.with(index, near).join("/") });
    const folder = base.slice(0, index + 1).join("/");
    if (known.length === 0) return say("manifest-project/no-folder", { folder });
    const shown = known.slice(0, 5).map((name) => [...base.slice(0, index), name].join("/"));
    return say("manifest-project/no-folder-but-others", { folder, known: shown.join(", ") });
  }
  const file = !isWild(pattern) ? proposeFile(pattern, await listAll()) : undefined;
  if (file !== undefined) return file;
  if (base.length === 0) return say("manifest-project/no-file-in-project");
  return say("manifest-project/no-file-in-folder", { folder: base.join("/") });
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort();
}

/** Whether a pattern, or a part of one, may match several names. */
export const isWild = (part: string): boolean => /[*?[\]{}()\\]/u.test(part);

/** The folders at the start of a glob that hold no wildcard. */
export function staticBase(pattern: string): string {
  const parts = path.posix.normalize(pattern).split("/");
  const wild = parts.findIndex(isWild);
  return parts.slice(0, wild < 0 ? -1 : wild).join("/");
}

/** A hint that names the file that was most likely meant, if any is near enough. */
export function proposeFile(file: string, known: readonly string[]): string | undefined {
  const base = path.posix.basename(file);
  const same = known.find((one) => path.posix.basename(one) === base) ?? suggest(file, known);
  return same && say("common/did-you-mean", { word: same });
}

/** The problem of a file or folder that can't be read. */
export const unreadable = (file: string, error: unknown): Problem => ({
  code: "unreadable",
  message: isMissing(error)
    ? say("manifest-project/nothing-there", { file })
    : say("manifest-project/unreadable", { file, reason: describeReason(error) }),
});

/** Whether something isn't there, and not merely out of reach. */
export const isMissing = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

/** Thrown when a search comes to a folder that may not be read, most likely through a link. */
export class ForbiddenFolder extends Error {
  override readonly name = "ClosedFolder";
  readonly folder: string;
  readonly fault: PathFault;

  constructor(folder: string, fault: PathFault) {
    super(explainPathFault(folder, fault).message);
    this.folder = folder;
    this.fault = fault;
  }
}

/** Thrown when there is more below a directory than a search may look at. */
export class TooManyFiles extends Error {
  override readonly name = "TooManyFiles";
}
