import { createHash } from "node:crypto";
import { createReadStream, type Dirent, readdir } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { glob } from "tinyglobby";
import type { FileContent } from "../core/value.ts";
import type { Complaint } from "./codes.ts";
import { nearest } from "./nearest.ts";

type Outcome<T> = { readonly value: T } | { readonly complaint: Complaint };

/** The files of a project; nothing outside its directory can be reached, and each file is read once. */
export interface ProjectFiles {
  /** A UTF-8 text with its line ends as LF. */
  readText(file: string): Promise<Outcome<string>>;
  /** Path, hash and size. */
  describe(file: string): Promise<Outcome<FileContent>>;
  /** Sorted paths of the files that match any of the patterns, or what is wrong with a pattern. */
  find(patterns: readonly string[], except?: readonly string[]): Promise<Outcome<readonly string[]>>;
}

/** Opens a project's directory; paths are relative to it, with `/` between their parts. */
export function openFiles(directory: string): ProjectFiles {
  const limit = pLimit(16);
  const listAll = once(() => findFiles(directory, ["**/*"], []).catch(() => []));
  const propose = async (file: string) => proposeFile(file, await listAll());
  const root = once(() => realpath(directory));
  const open = (file: string) => openFile(root, file, propose);
  return {
    readText: remember((file) => limit(() => withFile(open(file), readUtf8))),
    describe: remember((file) => limit(() => withFile(open(file), describeFile))),
    async find(patterns, except = []) {
      const bad = patterns.find(leavesProject);
      if (bad !== undefined) return { complaint: outside(bad) };
      try {
        return { value: await findFiles(directory, patterns, except) };
      } catch (error) {
        return { complaint: unreadable((error as NodeJS.ErrnoException).path ?? "this pattern", error) };
      }
    },
  };
}

/** The folders at the start of a glob that hold no wildcard. */
export function staticBase(pattern: string): string {
  const parts = path.posix.normalize(pattern).split("/");
  const wild = parts.findIndex((part) => /[*?[\]{}()\\]/u.test(part));
  return parts.slice(0, wild < 0 ? -1 : wild).join("/");
}

interface Opened {
  readonly absolute: string;
  /** As the project names it. */
  readonly file: string;
  readonly size: number;
}

async function openFile(
  root: () => Promise<string>,
  file: string,
  propose: (file: string) => Promise<string | undefined>,
): Promise<Outcome<Opened>> {
  if (file === "") return { complaint: { code: "missing-file", message: "the path is empty" } };
  if (leavesProject(file)) return { complaint: outside(file) };
  try {
    const directory = await root();
    const absolute = await realpath(path.join(directory, file));
    const inside = path.relative(directory, absolute);
    if (leavesProject(inside.split(path.sep).join("/"))) return { complaint: outside(file) };
    const found = await stat(absolute);
    if (!found.isFile()) {
      const what = found.isDirectory() ? "a folder" : "not a regular file";
      return { complaint: { code: "bad-file", message: `${file} is ${what}`, hint: "name a file" } };
    }
    return { value: { absolute, file: path.posix.normalize(file), size: found.size } };
  } catch (error) {
    if (!isMissing(error)) return { complaint: unreadable(file, error) };
    const hint = (await propose(file)) ?? "paths are relative to the project's directory";
    return { complaint: { code: "missing-file", message: `there is no file ${file}`, hint } };
  }
}

async function withFile<T>(
  opening: Promise<Outcome<Opened>>,
  use: (opened: Opened) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const opened = await opening;
  if ("complaint" in opened) return opened;
  try {
    return await use(opened.value);
  } catch (error) {
    return { complaint: unreadable(opened.value.file, error) };
  }
}

/** Decodes strictly; undefined when the bytes aren't UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function readUtf8({ absolute, file }: Opened): Promise<Outcome<string>> {
  const text = decodeUtf8(await readFile(absolute));
  if (text !== undefined) return { value: text.replaceAll("\r\n", "\n") };
  return { complaint: { code: "not-utf8", message: `${file} isn't UTF-8 text`, hint: "save it as UTF-8" } };
}

async function describeFile({ absolute, file, size }: Opened): Promise<Outcome<FileContent>> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(absolute)) hash.update(chunk as Uint8Array);
  return { value: { $file: file, sha256: hash.digest("hex"), size } };
}

async function findFiles(
  directory: string,
  patterns: readonly string[],
  except: readonly string[],
): Promise<readonly string[]> {
  const errors: Error[] = [];
  // Passed over in silence, manifests in a folder that can't be read would count as taken out.
  const watched = (
    folder: string,
    options: { withFileTypes: true },
    done: (error: Error | null, entries: Dirent[]) => void,
  ) =>
    readdir(folder, options, (error, entries) => {
      if (error && !isMissing(error)) errors.push(error);
      done(error, entries);
    });
  // For the same reason links are followed.
  const found = await glob([...patterns], {
    cwd: directory,
    ignore: ["**/node_modules/**", ...except],
    expandDirectories: false,
    // The one form of readdir that it calls.
    fs: { readdir: watched as unknown as typeof readdir },
  });
  const [error] = errors;
  if (error) throw error;
  return found.map((file) => file.split(path.sep).join("/")).sort();
}

function proposeFile(file: string, known: readonly string[]): string | undefined {
  const base = path.posix.basename(file);
  const same = known.find((one) => path.posix.basename(one) === base) ?? nearest(file, known);
  return same && `did you mean ${same}?`;
}

function leavesProject(file: string): boolean {
  const normal = path.posix.normalize(file.replaceAll("\\", "/"));
  return (
    normal === ".." || normal.startsWith("../") || normal.startsWith("/") || /^[A-Za-z]:\//u.test(normal)
  );
}

const outside = (file: string): Complaint => ({
  code: "outside-project",
  message: `${file} is outside the project's directory`,
  hint: "copy the file into the project and name it relative to cozeform.yaml",
});

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "");

/** What to say of a file or folder that can't be read. */
export const unreadable = (file: string, error: unknown): Complaint => ({
  code: "unreadable",
  message: isMissing(error)
    ? `there is no ${file}`
    : `${file} can't be read: ${codeOf(error) ?? (error as Error).message}`,
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function remember<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}
