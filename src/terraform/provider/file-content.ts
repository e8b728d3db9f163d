import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { basename } from "node:path";
import {
  ChangedFile,
  longestRead,
  openPlanned,
  readPlanned,
  uploadPlanned,
} from "../../content/planned-content.ts";
import { prepareReading, readContent } from "../../content/read-content.ts";
import { ExplainedError } from "../../core/explained-error.ts";
import type { FileHandle } from "../../core/field.ts";
import { mapLeaves, type Path } from "../../core/spec-walk.ts";
import { isTextFile } from "../../core/text-content.ts";
import {
  canonicalJson,
  type FileContent,
  type FileReading,
  isFileContent,
  type Json,
  type Values,
} from "../../core/value.ts";
import { readFileGuarded, streamFileGuarded } from "../../files/guarded-reading.ts";
import { type Explained, explain } from "../../messages/text.ts";
import type { Remote } from "../remote/remote.ts";
import { comparing, toValues } from "../resource/attribute-conversion.ts";
import type { CozeKind } from "../schema/names.ts";
import type { ProviderDiagnostic } from "./provider-interface.ts";
import { errorAt } from "./text.ts";

/** What is known of a local file's content; size in bytes, of a text with its line ends as LF. */
export interface Content {
  readonly sha256: string;
  readonly size: number;
  /** It was read as text. */
  readonly isText: boolean;
  /** Hashes that older versions of the provider stored for the same text. */
  readonly formerly?: readonly string[] | undefined;
  /** Why it isn't what was meant to be sent. */
  readonly fault?: Explained | undefined;
}

/** Local files as configurations name them, relative to the directory that Terraform runs in. */
export interface Files {
  /** Looks at files, each of which is read once per process as long as it is the same. */
  open(paths: Iterable<string>, reading?: FileReading): Promise<LocalFiles>;
}

/** The files that one configuration names, as it has them read. */
export interface LocalFiles {
  /** Undefined: it can't be read, or is no plain file. */
  look(path: string): Content | undefined;
  /** What a kind is given: it reads the file, which must have this content, or uploads it once per content. */
  handle(path: string, sha256: string, remote: Remote): Json;
}

/** Opens the files that a configuration of a kind names. */
export function openConfigured(files: Files, kind: CozeKind, config: Values): Promise<LocalFiles> {
  const values = toValues(kind.fields, config, comparing);
  const paths = new Set<string>();
  mapLeaves(kind.fields, values, ({ value }) => {
    if (isFileContent(value)) paths.add(value.$file);
    return value;
  });
  return files.open(paths, kind.readingOf?.(values));
}

/** A file that is planned with, or what to say where it can't be read. */
export function readableFile(
  files: Pick<LocalFiles, "look">,
  path: string,
  at: Path,
): Content | { readonly diagnostic: ProviderDiagnostic } {
  const found = files.look(path);
  if (!found)
    return { diagnostic: errorAt(explain("terraform-provider/file-unreadable", { file: path }), at) };
  return found.fault ? { diagnostic: errorAt(found.fault, at) } : found;
}

/** Bytes; Coze takes no larger file. A configuration's path is the user's own, links included. */
const limits = { most: 512 * 2 ** 20, links: "follow" } as const;

/** Bytes; a file that goes as it is and is larger isn't held in memory. */
const mostHeld = 2 ** 22;

/** Looks at files when they are asked for. */
export function createFiles(): Files {
  const seen = new Map<string, { readonly stamp: string; readonly content: Promise<Content> }>();
  const find = async (path: string, reading?: FileReading): Promise<Content | undefined> => {
    try {
      const found = statSync(path);
      if (!found.isFile()) return undefined;
      const { mtimeMs, size, ino } = found;
      const stamp = [mtimeMs, size, ino].join();
      const key = canonicalJson([path, reading ?? null]);
      const known = seen.get(key);
      const content = known?.stamp === stamp ? known.content : describe(path, size, reading);
      seen.set(key, { stamp, content });
      return await content;
    } catch {
      return undefined;
    }
  };
  return {
    async open(paths, reading) {
      const found = new Map<string, Content | undefined>();
      for (const path of paths) found.set(path, await find(path, reading));
      const look = (path: string) => found.get(path);
      return { look, handle: (path, sha256, remote) => handleOf({ look, reading }, path, sha256, remote) };
    },
  };
}

async function describe(path: string, size: number, reading: FileReading | undefined): Promise<Content> {
  const isLarge = size > (reading ? longestRead : mostHeld);
  if (isLarge && (reading || !isTextFile(path))) {
    const hash = createHash("sha256");
    for await (const chunk of streamFileGuarded(path, limits)) hash.update(chunk);
    return { sha256: hash.digest("hex"), size, isText: isTextFile(path) };
  }
  await prepareReading([path]);
  const sent = readContent(path, readFileGuarded(path, limits), reading);
  if ("fault" in sent) return { sha256: "", size, isText: false, fault: sent.fault };
  const { bytes, sha256, formerly } = sent.content;
  return { sha256, size: bytes.length, isText: sent.isText, formerly };
}

interface HandleContext extends Pick<LocalFiles, "look"> {
  readonly reading: FileReading | undefined;
}

function handleOf({ look, reading }: HandleContext, path: string, sha256: string, remote: Remote): Json {
  const content = look(path);
  if (!content) throw new ExplainedError(explain("terraform-provider/file-gone", { file: path }));
  const { size, isText } = content;
  const file: FileContent = { $file: path, sha256, size, ...(reading && isText ? { reading } : {}) };
  const name = basename(path);
  const handle: FileHandle = {
    ...file,
    name,
    read: () => readFor(readPlanned, file),
    async upload() {
      const content = await readFor(openPlanned, file);
      return await readFor(() => uploadPlanned(remote.upload({ name, sha256, content })), file);
    },
  };
  return handle as unknown as Json;
}

async function readFor<T>(
  read: (path: string, file: FileContent) => Promise<T>,
  file: FileContent,
): Promise<T> {
  try {
    return await read(file.$file, file);
  } catch (cause) {
    if (!(cause instanceof ChangedFile)) throw cause;
    throw new ExplainedError(explain("terraform-provider/file-changed", { file: file.$file }));
  }
}
