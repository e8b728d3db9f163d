import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { explain, say } from "../messages/text.ts";
import { describeType } from "./guarded-reading.ts";
import { isBelow, realOfNearest } from "./project-paths.ts";

/**
 * The folder beside a file in which it is written before it takes its place: every temporary file is below one of this
 * name, so that one line of a `.gitignore` covers them all.
 */
export const temporaryFolder = ".cozeform-tmp";

/** How a file is written. */
export interface WriteOptions {
  /** Permissions; by default its owner alone may read and write it. */
  readonly mode?: number | undefined;
  /** Whether it has to outlive a power cut, and not only the process; true by default. */
  readonly durable?: boolean | undefined;
}

/** Something stands where a file or folder has to be, and writing there would change something else. */
export class UnfitPlace extends Error {
  override readonly name = "UnfitPlace";
  readonly place: string;
  /** What is wrong with the place, without its name. */
  readonly why: string;
  readonly hint: string;

  constructor(place: string, { message: why, hint }: { readonly message: string; readonly hint: string }) {
    super(say("files/unfit-place", { place, why }));
    this.place = place;
    this.why = why;
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
  { mode = 0o600, durable = true }: WriteOptions = {},
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

/** Where the number of this process is one: machines and containers that share a folder count their own. */
const ownCount = createHash("sha256").update(`${hostname()}:${processNamespace()}`).digest("hex").slice(0, 8);

function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

/** The name of a temporary file that is to become `file`, or that takes its place for a moment. */
export const nameDraft = (file: string): string =>
  join(dirname(file), temporaryFolder, `${basename(file)}.${ownCount}.${process.pid}.${randomUUID()}`);

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
  if (there?.isSymbolicLink()) throw new UnfitPlace(folder, explain("files/link-in-path"));
  if (there && !there.isDirectory()) throw new UnfitPlace(folder, explain("files/not-a-directory"));
}

/**
 * Makes a folder with those above it that are missing. Throws the system's error where one can't be made; Node's own
 * way tries for ever where a system refuses a folder as if the one above was missing, as /proc does.
 */
export function makeFolders(folder: string): void {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  for (const one of missing) {
    try {
      mkdirSync(one);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (codeOf(error) !== "EEXIST" || !existsSync(one)) throw error;
    }
  }
  if (!statSync(folder).isDirectory()) mkdirSync(folder);
}

/**
 * Throws {@link UnfitPlace} when a folder below a directory really is outside it, because a folder on the way is a link.
 * Of a folder that isn't below it nothing is said: it was chosen on purpose.
 */
export function refuseStray(folder: string, directory: string): void {
  if (!isBelow(resolve(folder), resolve(directory))) return;
  const [real, root] = [realOfNearest(resolve(folder)), realOfNearest(resolve(directory))];
  if (!isBelow(real, root)) throw new UnfitPlace(folder, explain("files/stray"));
}

/** Opens a file to be appended to, for its owner alone. Throws {@link UnfitPlace} when something else stands there. */
export function openForAppending(file: string): number {
  const there = lstatSync(file, { throwIfNoEntry: false });
  const what = there && describeType(there);
  if (what !== undefined) throw new UnfitPlace(file, explain("files/not-a-file", { what }));
  const { O_NOFOLLOW = 0, O_APPEND, O_CREAT, O_WRONLY } = constants;
  return openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
}

/** Milliseconds; nothing takes as long to be written, wherever it is done. */
const longAbandoned = 24 * 3600 * 1000;

/** Removes the temporary files in a directory that processes left which ended in the middle. */
export function sweepDrafts(directory: string): void {
  const folder = join(directory, temporaryFolder);
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return;
  for (const name of listFolder(folder)) {
    const [, count, pid] = /\.([\da-f]{8})\.(\d+)\.[\da-f-]{36}$/u.exec(name) ?? [];
    const draft = join(folder, name);
    const isLeft = count === ownCount ? !isRunning(Number(pid)) : ageOf(draft) > longAbandoned;
    if (isLeft) discard(draft);
  }
  removeEmpty(folder);
}

const ageOf = (file: string): number =>
  Date.now() - (lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);

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
