import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { describeType } from "./guarded-reading.ts";

/**
 * The folder beside a file in which it is written before it takes its place: every temporary file is below one of this
 * name, so that one line of a `.gitignore` covers them all.
 */
export const temporaryFolder = ".cozeform-tmp";

/** How a file is written. */
export interface Writing {
  /** Permissions; by default its owner alone may read and write it. */
  readonly mode?: number;
  /** Whether it has to outlive a power cut, and not only the process; true by default. */
  readonly durable?: boolean;
}

/** Something stands where a file or folder has to be, and writing there would change something else. */
export class UnfitPlace extends Error {
  override readonly name = "UnfitPlace";
  readonly place: string;
  /** What is wrong with the place, to be read after its name. */
  readonly what: string;
  readonly hint: string;

  constructor(place: string, what: string, hint: string) {
    super(`${place} ${what}`);
    this.place = place;
    this.what = what;
    this.hint = hint;
  }
}

/**
 * Writes a file whole or not at all. A link of that name is replaced, and what it leads to stays as it is. Throws the
 * system's error; then what was there before is still there.
 */
export function writeFileGuarded(
  file: string,
  content: string | Uint8Array,
  { mode = 0o600, durable = true }: Writing = {},
): void {
  const draft = nameDraft(file);
  try {
    writeContent(openDraft(draft, mode), content, mode, durable);
    renameSync(draft, file);
    if (durable) syncFolder(dirname(file));
  } finally {
    discardDraft(draft);
  }
}

/** The name of a temporary file that is to become `file`, or that takes its place for a moment. */
export const nameDraft = (file: string): string =>
  join(dirname(file), temporaryFolder, `${basename(file)}.${process.pid}.${randomUUID()}`);

/** Creates a temporary file, for its owner alone; a descriptor to write it by. */
export function openDraft(draft: string, mode = 0o600): number {
  for (let attempt = 1; ; attempt += 1) {
    makeFolder(dirname(draft));
    try {
      return openSync(draft, "wx", mode);
    } catch (error) {
      // Another run that was done may have removed the folder in between.
      if (codeOf(error) !== "ENOENT" || attempt === 20) throw error;
    }
  }
}

/** Removes a temporary file where it is still there, and its folder when it was the last. */
export function discardDraft(draft: string): void {
  discard(draft);
  removeEmpty(dirname(draft));
}

function writeContent(
  descriptor: number,
  content: string | Uint8Array,
  mode: number,
  durable: boolean,
): void {
  try {
    writeFileSync(descriptor, content);
    // The umask may have taken something away.
    if (mode !== 0o600) fchmodSync(descriptor, mode);
    if (durable) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes a folder for its owner alone, unless it is there. Throws {@link UnfitPlace} when a link stands there: what is
 * written below would land elsewhere.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  const there = lstatSync(folder, { throwIfNoEntry: false });
  if (there?.isSymbolicLink()) {
    throw new UnfitPlace(folder, "is a link, and nothing is written through it", "remove the link");
  }
  if (there && !there.isDirectory()) {
    throw new UnfitPlace(folder, "isn't a directory", "move it away");
  }
}

/**
 * Throws {@link UnfitPlace} when a path below a directory leads out of it, because a folder on the way is a link. Of a
 * path that isn't below it nothing is said: it was chosen on purpose.
 */
export function refuseStray(file: string, directory: string): void {
  const parent = dirname(resolve(file));
  if (!isBelow(parent, resolve(directory))) return;
  const [real, root] = [realOfNearest(parent), realOfNearest(directory)];
  if (isBelow(real, root)) return;
  throw new UnfitPlace(
    file,
    "is behind a link that leads out of the directory",
    "choose another place, or remove the link",
  );
}

/** Whether a path is that of a directory or below it; both absolute. */
export function isBelow(path: string, directory: string): boolean {
  const steps = relative(directory, path);
  return steps === "" || (steps !== ".." && !steps.startsWith(`..${sep}`) && !isAbsolute(steps));
}

/** The real path of a folder, or of the nearest one around it that is there. */
function realOfNearest(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const around = dirname(path);
    return around === path ? path : realOfNearest(around);
  }
}

/** Opens a file to be appended to, for its owner alone. Throws {@link UnfitPlace} when something else stands there. */
export function openForAppending(file: string): number {
  const there = lstatSync(file, { throwIfNoEntry: false });
  const what = there && describeType(there);
  if (what !== undefined) {
    throw new UnfitPlace(file, `is ${what}, and nothing is written to it`, "move it away");
  }
  const { O_NOFOLLOW = 0, O_APPEND, O_CREAT, O_WRONLY } = constants;
  return openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
}

/** Removes what processes of this machine that ended in the middle left of files beside `file`. */
export function sweepDrafts(directory: string): void {
  const folder = join(directory, temporaryFolder);
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return;
  for (const name of listFolder(folder)) {
    const pid = Number(/\.(\d+)\.[\da-f-]{36}$/u.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) discard(join(folder, name));
  }
  removeEmpty(folder);
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** So that a file's name outlives a power cut as well. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some systems have no way to sync a folder.
    if (!["EPERM", "EINVAL", "EISDIR"].includes(codeOf(error))) throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** That a left-over can't be removed matters less than what is said already. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {}
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";
