import { readdir, readlink } from "node:fs/promises";
import path from "node:path";
import { suggest } from "../../core/suggestions.ts";
import { describeReason } from "../../core/system-error.ts";
import { leavesDirectory, outside, type PathFault } from "../../files/project-paths.ts";
import type { Problem } from "../problems.ts";

/** The complaint for a path that may not be read. */
export const explainFault = (file: string, { reason, message, hint }: PathFault): Problem => ({
  code: reason === "outside" ? "outside-project" : "bad-file",
  message: `${file} ${message}`,
  hint,
});

export function explainForbidden(directory: string, { folder, fault }: ForbiddenFolder): Problem {
  const file = path.relative(directory, folder).split(path.sep).join("/");
  return explainFault(file, fault.reason === "outside" ? leavingLink : fault);
}

export const explainTooMany = (directory: string, most: number): Problem => ({
  code: "too-large",
  message: `${directory} holds too much to be a project: more than ${most.toLocaleString("en")} files and folders`,
  hint: "name the folders that hold the manifests under manifests: in cozeform.yaml, such as manifests/**/*.yaml",
});

export async function explainSearchError(directory: string, error: NodeJS.ErrnoException): Promise<Problem> {
  if (error.path === undefined) return unreadable("this pattern", error);
  const place = path.relative(directory, error.path).split(path.sep).join("/");
  return (await explainLink(error.path, place)) ?? unreadable(error.path, error);
}

/** What to say of a link that leads nowhere; undefined of anything else. */
export async function explainLink(absolute: string, file: string): Promise<Problem | undefined> {
  const target = await readLinks(absolute, file);
  // Whether something is there is none of a repository's business outside itself.
  if (
    target !== undefined &&
    (path.isAbsolute(target) || leavesDirectory(path.posix.join(path.posix.dirname(file), target)))
  ) {
    return explainFault(file, leavingLink);
  }
  return target === undefined
    ? undefined
    : {
        code: "missing-file",
        message: `${file} is a link to ${target}, which isn't there`,
        hint: "mend the link or remove it",
      };
}

/** What a link says; of several that follow each other, the first that leads out. */
async function readLinks(absolute: string, file: string): Promise<string | undefined> {
  const first = await readlink(absolute).catch(() => undefined);
  let [place, from, target] = [absolute, file, first];
  for (let count = 0; count < 40 && target !== undefined; count += 1) {
    from = path.posix.join(path.posix.dirname(from), target);
    if (path.isAbsolute(target) || leavesDirectory(from)) return "/";
    place = path.resolve(path.dirname(place), target);
    target = await readlink(place).catch(() => undefined);
  }
  return first;
}

/** Where a pattern is searched, and what keeps a folder from being read. */
interface SearchRoot {
  readonly directory: string;
  readonly checkFolder: (folder: string) => Promise<PathFault | undefined>;
}

/** Follows the folders of a pattern to the first that isn't there. */
export async function proposeMatch(
  { directory, checkFolder }: SearchRoot,
  pattern: string,
  listAll: () => Promise<readonly string[]>,
): Promise<string> {
  const parts = path.posix.normalize(pattern).split("/");
  const base = staticBase(pattern).split("/").filter(Boolean);
  for (const [index, part] of base.entries()) {
    const around = path.join(directory, ...base.slice(0, index));
    if (await checkFolder(around).catch(() => outside)) return outside.hint;
    const known = await foldersIn(around);
    if (known.includes(part)) continue;
    const near = suggest(part, known);
    if (near !== undefined) return `did you mean ${parts.with(index, near).join("/")}?`;
    const where = base.slice(0, index).join("/") || "the project";
    const shown = known.length > 0 ? `the folders ${known.slice(0, 5).join(", ")}` : "no folders";
    return `there is no folder ${base.slice(0, index + 1).join("/")}; ${where} has ${shown}`;
  }
  const file = !isWild(pattern) ? proposeFile(pattern, await listAll()) : undefined;
  const where = base.join("/") || "the project's directory";
  return file ?? `${where} holds no such file; where none is wanted, take the pattern out`;
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort();
}

const isWild = (part: string): boolean => /[*?[\]{}()\\]/u.test(part);

/** The folders at the start of a glob that hold no wildcard. */
export function staticBase(pattern: string): string {
  const parts = path.posix.normalize(pattern).split("/");
  const wild = parts.findIndex(isWild);
  return parts.slice(0, wild < 0 ? -1 : wild).join("/");
}

export const leavingLink: PathFault = {
  ...outside,
  message: "is, or is behind, a link that leads out of the project's directory",
};

export function proposeFile(file: string, known: readonly string[]): string | undefined {
  const base = path.posix.basename(file);
  const same = known.find((one) => path.posix.basename(one) === base) ?? suggest(file, known);
  return same && `did you mean ${same}?`;
}

/** What to say of a file or folder that can't be read. */
export const unreadable = (file: string, error: unknown): Problem => ({
  code: "unreadable",
  message: isMissing(error) ? `there is no ${file}` : `${file} can't be read: ${describeReason(error)}`,
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
    super(`${folder} ${fault.message}`);
    this.folder = folder;
    this.fault = fault;
  }
}
