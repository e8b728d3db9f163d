import { realpathSync, statSync } from "node:fs";
import { lstat, realpath } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { decodeUtf8, type ReadText, readMergedText, readText } from "../../core/content-faults.ts";
import type { Location } from "../../core/diagnostic.ts";
import { groupBy } from "../../core/group.ts";
import {
  describeType,
  readFileGuarded,
  readLargeGuarded,
  streamFileGuarded,
  UnfitFile,
} from "../../files/guarded-reading.ts";
import {
  checkName,
  checkRealPath,
  isBelow,
  leavesDirectory,
  type PathFault,
  realOfNearest,
} from "../../files/project-paths.ts";
import { explain, say } from "../../messages/text.ts";
import type { Scalar } from "../yaml/source-tree.ts";
import {
  describeContentFault,
  describeFiles,
  type FileDescriptions,
  longestText,
} from "./file-descriptions.ts";
import {
  explainFault,
  explainLink,
  explainSearchError,
  type FileResult,
  isMissing,
  proposeFile,
  proposeMatch,
  staticBase,
  unreadable,
} from "./file-problems.ts";
import { findFiles, type SearchOptions } from "./find-files.ts";

/**
 * The files of a project, each read once. What a repository may not have read can't be reached: what is outside its
 * directory, also through links, dot files, and keys.
 */
export interface ProjectFiles extends FileDescriptions {
  /** The sorted paths of the files that were read until now. */
  opened(): readonly string[];
  /** A UTF-8 text with its line ends as LF. */
  readText(file: string): Promise<FileResult<string>>;
  /** The same of a text that may hold the marks of an unfinished merge. */
  readSource(file: string): Promise<FileResult<string>>;
  /** The text of a small file, as far as it is UTF-8; undefined when it can't be read. Nothing depends on it. */
  peek(file: string): Promise<string | undefined>;
  /** Whether there is something of this name, be it a link that leads nowhere. */
  has(file: string): Promise<boolean>;
  /**
   * Sorted paths of the files that match any of the patterns, or what is wrong with a pattern. Links to folders are
   * entered where a pattern may have meant them.
   */
  find(patterns: readonly string[], search?: Search): Promise<FileResult<readonly string[]>>;
  /** What a pattern that matches nothing may have meant. */
  propose(pattern: string): Promise<string>;
  /** Lets the files of a directory outside be read as well. */
  include(folder: Include): void;
  /** The included directory that a place is in, by its path from the project; empty for a place in the project. */
  baseOf(at: Pick<Location, "file">): string;
  /**
   * The path from the project of a file that a text names: those of an included directory are relative to it, and the
   * paths of a `for_each` to the directory that it searches.
   */
  fromProject(file: string, text: Pick<Scalar, "base"> & { readonly at: Pick<Location, "file"> }): string;
}

/** A directory outside a project whose manifests are part of it. */
export interface Include {
  /** Its path from the project's directory: `../shared`. */
  readonly name: string;
  /** Its real path. */
  readonly folder: string;
}

interface Search {
  /** The directory to search, by its path from the project, to which patterns are relative; the project by default. */
  readonly below?: string | undefined;
  /** Patterns that are relative to the project. */
  readonly except?: readonly string[] | undefined;
  readonly links?: "enter" | "leave" | undefined;
}

// A search through a whole disk would end with the memory.
const maxEntries = 50_000;

/** Which files of a directory may be read. */
export interface FileRules {
  /** How many files and folders a search may look at. */
  readonly most?: number | undefined;
  /** Folders and files outside the directory that may be read as well; real paths. */
  readonly readable?: readonly string[] | undefined;
  /** The runner named the files: they may be anywhere and called anything. */
  readonly chosen?: true | undefined;
  /** By real path, what texts would say: what they say on the disk isn't read. */
  readonly edited?: ReadonlyMap<string, string> | undefined;
}

/** Opens a project's directory; paths are relative to it, with `/` between their parts. */
export function openFiles(directory: string, rules: FileRules = {}): ProjectFiles {
  const { most = maxEntries } = rules;
  const readable = [...(rules.readable ?? [])];
  const included = openIncludes(readable);
  const { baseOf } = included;
  const limit = pLimit(16);
  const root = memoize(() => realpath(directory));
  const checkFolder = async (folder: string): Promise<PathFault | undefined> => {
    const fault = checkRealPath({ directory: await root(), allowed: readable }, await realpath(folder));
    return fault?.reason === "key" ? undefined : fault;
  };
  const { find, listBelow } = openSearch(directory, { limit: most, checkFolder, baseOf });
  const propose = async (file: string) => proposeFile(file, await listBelow(baseOf({ file })));
  const opened = new Set<string>();
  const context: FileContext = {
    ...{ directory, root, rules: { ...rules, readable }, propose },
    isIncluded: (file) => baseOf({ file: path.posix.normalize(file) }) !== "",
  };
  const open = async (file: string): Promise<FileResult<OpenedFile>> => {
    const found = await openFile(context, file);
    if ("value" in found) opened.add(found.value.file);
    return found;
  };
  return {
    opened: () => [...opened].sort(),
    readText: memoizeByKey((file) => limit(() => withFile(open(file), readUtf8(readText)))),
    readSource: memoizeByKey((file) => limit(() => withFile(open(file), readUtf8(readMergedText)))),
    ...describeFiles((file, use) =>
      withFile(open(file), (found) =>
        use({
          file: found.file,
          size: found.size,
          read: (most) => readWhole(found, most),
          stream: (most) => streamFileGuarded(found.absolute, { most }),
        }),
      ),
    ),
    async peek(file) {
      const found = await openFile({ ...context, propose: async () => undefined }, file);
      if ("complaint" in found || found.value.size > mostPeeked) return undefined;
      const read = await limit(() => readWhole(found.value, mostPeeked).catch(() => undefined));
      return read && decodeUtf8(read)?.replaceAll("\r\n", "\n");
    },
    has: (file) =>
      lstat(path.join(directory, file)).then(
        () => true,
        (error: unknown) => !isMissing(error),
      ),
    find,
    propose(pattern) {
      const below = baseOf({ file: path.posix.normalize(pattern) });
      return proposeMatch({ directory, checkFolder, included: below }, pattern, () => listBelow(below));
    },
    ...included,
  };
}

/** What the searches of a project keep to. */
type SearchRules = Required<Pick<SearchOptions, "limit" | "checkFolder">> & Pick<ProjectFiles, "baseOf">;

/** The searches for files below a project's directory. */
function openSearch(directory: string, { baseOf, ...rules }: SearchRules) {
  const checkBase = (pattern: string, below: string) =>
    rules.checkFolder(realOfNearest(path.resolve(directory, below, staticBase(pattern))));
  const find: ProjectFiles["find"] = async (patterns, { below = "", except = [], links = "enter" } = {}) => {
    const placed = patterns.map((pattern) => placePattern(pattern, below, baseOf));
    for (const [index, pattern] of patterns.entries()) {
      const { folder, inner } = placed[index] ?? { folder: below, inner: pattern };
      const fault = leavesDirectory(inner)
        ? outside
        : (checkName(inner) ?? (await checkBase(inner, folder).catch(() => undefined)));
      if (fault) return { complaint: explainFault(pattern, fault) };
    }
    try {
      const found: string[] = [];
      for (const [folder, ones] of groupBy(placed, (one) => one.folder)) {
        const inner = ones.map((one) => one.inner);
        const options = { except: within(folder, except), links, ...rules };
        const matches = await findFiles(path.join(directory, folder), inner, options);
        found.push(...placeFiles(folder, matches));
      }
      return { value: [...new Set(found)].sort() };
    } catch (error) {
      return { complaint: await explainSearchError(directory, rules.limit, error) };
    }
  };
  const listBelow = memoizeByKey((below) =>
    findFiles(path.join(directory, below), ["**/*"], { links: "leave", ...rules })
      .then((files) => placeFiles(below, files))
      .catch((): readonly string[] => []),
  );
  return { find, listBelow };
}

/** The included directories; what is below them is `readable` as well. */
function openIncludes(readable: string[]): Pick<ProjectFiles, "include" | "baseOf" | "fromProject"> {
  const names: string[] = [];
  const baseOf = ({ file }: Pick<Location, "file">): string =>
    names.find((name) => file.startsWith(`${name}/`)) ?? "";
  return {
    include({ name, folder }) {
      names.push(name);
      readable.push(folder);
    },
    baseOf,
    fromProject(file, { at, base = baseOf(at) }) {
      return base === "" || path.posix.isAbsolute(file) ? file : path.posix.join(base, file);
    },
  };
}

/** A pattern and the folder that it is searched in: one that leads into an included directory is searched there. */
function placePattern(pattern: string, below: string, baseOf: ProjectFiles["baseOf"]) {
  const own = { folder: below, inner: pattern };
  if (!leavesDirectory(pattern) || path.posix.isAbsolute(pattern)) return own;
  const whole = path.posix.join(below, pattern);
  const folder = baseOf({ file: `${staticBase(whole)}/` });
  return folder === "" ? own : { folder, inner: whole.slice(folder.length + 1) };
}

/** Of patterns of the project, those that are about what is below it, or below a folder outside, relative to that. */
const within = (folder: string, patterns: readonly string[]): readonly string[] =>
  patterns.flatMap((one) => {
    if (folder === "") return leavesDirectory(one) ? [] : [one];
    if (one.startsWith("**/")) return [one];
    const normal = path.posix.normalize(one);
    return normal.startsWith(`${folder}/`) ? [normal.slice(folder.length + 1)] : [];
  });

const placeFiles = (below: string, files: readonly string[]): readonly string[] =>
  below === "" ? files : files.map((file) => path.posix.join(below, file));

interface OpenedFile {
  readonly absolute: string;
  /** Stands for what the disk holds. */
  readonly edited?: Buffer | undefined;
  /** As the project names it. */
  readonly file: string;
  readonly size: number;
}

/** Where files are looked for. */
interface FileContext {
  readonly directory: string;
  /** Its real path. */
  readonly root: () => Promise<string>;
  readonly rules: FileRules;
  readonly propose: (file: string) => Promise<string | undefined>;
  /** Whether a path leads into an included directory, as it is written. */
  readonly isIncluded: (file: string) => boolean;
}

async function openFile(context: FileContext, file: string): Promise<FileResult<OpenedFile>> {
  const { directory, propose } = context;
  if (file === "") {
    return { complaint: { code: "missing-file", message: say("manifest-project/empty-path") } };
  }
  if (file.includes("\0")) {
    return { complaint: { code: "bad-file", ...explain("manifest-project/nul-in-path") } };
  }
  const pathFault = checkWrittenPath(context, file);
  if (pathFault) return { complaint: explainFault(file, pathFault) };
  try {
    // A call that has to be waited for takes ten times the processor's time of one that hasn't.
    const absolute = realpathSync.native(path.resolve(directory, file));
    const fault = await checkFoundPath(context, file, absolute);
    if (fault) return { complaint: explainFault(file, fault) };
    const found = statSync(absolute);
    const what = describeType(found);
    if (what !== undefined) {
      return { complaint: { code: "bad-file", ...explain("manifest-project/not-a-file", { file, what }) } };
    }
    const text = context.rules.edited?.get(absolute);
    const edited = text === undefined ? undefined : Buffer.from(text);
    const size = edited?.length ?? found.size;
    return { value: { absolute, file: path.posix.normalize(file), size, edited } };
  } catch (error) {
    if (leavesDirectory(file) && !context.isIncluded(file)) {
      return { complaint: explainFault(file, outside) };
    }
    const around = await checkParentFolder(context, file);
    if (around) return { complaint: explainFault(file, around) };
    const link = await explainLink(path.join(directory, file), path.posix.normalize(file));
    if (link) return { complaint: link };
    if (!isMissing(error)) return { complaint: unreadable(file, error) };
    const message = say("manifest-project/no-file", { file });
    const hint = (await propose(file)) ?? say("manifest-project/paths-are-relative");
    return { complaint: { code: "missing-file", message, hint } };
  }
}

const outside: PathFault = { reason: "outside" };

/** What is wrong with a path before anything is looked at. */
function checkWrittenPath({ rules }: FileContext, file: string): PathFault | undefined {
  const { chosen, readable = [] } = rules;
  if (chosen) return undefined;
  if (leavesDirectory(file)) return readable.length === 0 ? outside : undefined;
  const fault = checkName(file);
  // What the runner names may be in a dot folder; that is known once the real path is.
  return fault?.reason === "hidden" && readable.length > 0 ? undefined : fault;
}

async function checkFoundPath(
  { root, rules }: FileContext,
  file: string,
  absolute: string,
): Promise<PathFault | undefined> {
  const { chosen, readable: allowed = [] } = rules;
  if (chosen) return undefined;
  const hidden = allowed.some((one) => isBelow(absolute, one)) ? undefined : checkName(file);
  return checkRealPath({ directory: await root(), allowed }, absolute) ?? hidden;
}

/** Checks the folder of a missing file: messages don't reveal what exists in folders that may not be read. */
async function checkParentFolder(context: FileContext, file: string): Promise<PathFault | undefined> {
  const folder = realOfNearest(path.resolve(context.directory, path.dirname(file)));
  const fault = await checkFoundPath(context, file, folder);
  return fault?.reason === "key" ? undefined : fault;
}

async function withFile<T>(
  opening: Promise<FileResult<OpenedFile>>,
  use: (opened: OpenedFile) => Promise<FileResult<T>>,
): Promise<FileResult<T>> {
  const opened = await opening;
  if ("complaint" in opened) return opened;
  try {
    return await use(opened.value);
  } catch (error) {
    const { file } = opened.value;
    if (!(error instanceof UnfitFile)) return { complaint: unreadable(file, error) };
    const values = { file, what: error.what };
    return {
      complaint:
        error.reason === "size"
          ? { code: "too-large", ...explain("manifest-project/too-large", values) }
          : { code: "bad-file", ...explain("manifest-project/not-a-file", values) },
    };
  }
}

const readUtf8 =
  (read: (file: string, bytes: Uint8Array) => ReadText) =>
  async (opened: OpenedFile): Promise<FileResult<string>> => {
    const found = read(opened.file, await readWhole(opened, longestText));
    if ("fault" in found) return { complaint: describeContentFault(found.fault) };
    return { value: found.text.replaceAll("\r\n", "\n") };
  };

/** Bytes. Manifests that people write are smaller. */
const mostPeeked = 256 * 1024;

/** Bytes; a larger file is read in parts, between which other work goes on. */
const mostAtOnce = 2 ** 20;

async function readWhole({ absolute, size, edited }: OpenedFile, most: number): Promise<Buffer> {
  if (edited) return edited;
  if (size <= mostAtOnce) return readFileGuarded(absolute, { most });
  return await readLargeGuarded(absolute, size, { most });
}

function memoize<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function memoizeByKey<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}
