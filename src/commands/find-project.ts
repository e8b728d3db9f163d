import { lstat, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { shellQuote } from "../core/command-line.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import { findProjectFile, isRootOrHome } from "../manifest/project/discover-manifests.ts";
import { type Explained, explain } from "../messages/text.ts";
import type { Env } from "./trust.ts";

export { findProjectFile };

/** Where a command was started, and the directory that it was given. */
export interface ProjectSearch {
  /** The working directory; absolute. */
  readonly cwd: string;
  readonly dir?: string | undefined;
  readonly env: Env;
}

/** The directory of a command's project. */
export interface FoundProject {
  readonly directory: string;
  /** It is above the working directory, and was searched for. */
  readonly isAbove: boolean;
  /** A directory above the working directory has a state, though no project file. */
  readonly stateAbove?: string | undefined;
}

/**
 * The project of a command: the directory that is given, or the nearest with a project file from the working directory
 * upwards. Throws {@link InvalidInput} where another project is likely meant: for a directory that is given and is part
 * of a project, for a project of another user, and where the working directory has a state of its own.
 */
export async function findProject({ cwd, dir, env }: ProjectSearch): Promise<FoundProject> {
  const directory = path.resolve(cwd, dir ?? ".");
  const own: FoundProject = { directory, isAbove: false };
  const start = await realpath(directory).catch(() => undefined);
  if (start === undefined || (await findProjectFile(start)) !== undefined) return own;
  const { project, state } = await searchAbove(start, env);
  if (project === undefined) return { ...own, stateAbove: dir === undefined ? state : undefined };
  const isOwn = await isOfUser(project, start);
  const hasState = await hasStateOf(start);
  const shown = path.relative(await realpath(cwd), project) || ".";
  const values = { project: shown, directory: dir ?? ".", word: shellQuote(shown) };
  if (dir !== undefined) {
    if (!isOwn || hasState) return own;
    throw refuse(explain("commands/directory-in-project", values));
  }
  if (!isOwn) throw refuse(explain("commands/project-of-other-user", values));
  if (hasState) throw refuse(explain("commands/state-in-project", values));
  return { directory: project, isAbove: true };
}

const refuse = (problem: Explained): InvalidInput =>
  new InvalidInput([{ code: "other-project", severity: "error", ...problem }]);

/** The nearest directories above one with a project file, and with a state; not beyond a git work tree or the home. */
async function searchAbove(
  start: string,
  env: Env,
): Promise<{ readonly project?: string | undefined; readonly state?: string | undefined }> {
  let state: string | undefined;
  for (let folder = start; !(await isThere(path.join(folder, ".git"))); ) {
    const parent = path.dirname(folder);
    // What lies in the home or the root of a disk is hardly meant by everything below; a work tree may be a home.
    const isWide = await isRootOrHome(parent, env);
    if (parent === folder || (isWide && !(await isThere(path.join(parent, ".git"))))) break;
    folder = parent;
    if ((await findProjectFile(folder)) !== undefined) return { project: folder, state };
    if (state === undefined && (await hasStateOf(folder))) state = folder;
  }
  return { state };
}

/** Folders that can't be looked into count as empty. */
const isThere = (place: string): Promise<boolean> =>
  lstat(place).then(
    () => true,
    () => false,
  );

async function hasStateOf(directory: string): Promise<boolean> {
  const names = await readdir(path.join(directory, ".cozeform")).catch(() => []);
  return names.some((name) => /\.(?:state\.json|journal)$/u.test(name));
}

/** Whether a project belongs to the user, to root, or to the owner of the directory that the user chose to be in. */
async function isOfUser(project: string, start: string): Promise<boolean> {
  const me = process.getuid?.();
  if (me === undefined) return true;
  const file = path.join(project, (await findProjectFile(project)) ?? "");
  const trusted = new Set([me, 0, (await stat(start)).uid]);
  const owners = await Promise.all([lstat(file), stat(project)]);
  return owners.every(({ uid }) => trusted.has(uid));
}
