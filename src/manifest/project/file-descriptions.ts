import { createHash } from "node:crypto";
import pLimit from "p-limit";
import { isMarkdown, prepareReading, readContent, readParts, readTitle } from "../../content/read-content.ts";
import type { ContentFault } from "../../core/content-faults.ts";
import { type CountedContent, countText, kindOfName } from "../../core/text-content.ts";
import { canonicalJson, type FileContent, type FileReading } from "../../core/value.ts";
import type { PlacedFound } from "../../secrets/detection.ts";
import { openFileSearch, openSourceSearch, searchFile } from "../../secrets/file-search.ts";
import type { Problem } from "../problems.ts";
import type { FileResult } from "./file-problems.ts";

/** Path, hash and size of what is sent of a file, and the secrets and personal data that a text holds. */
export interface FileDescription {
  readonly content: FileContent;
  /** It was read as text. */
  readonly isText: boolean;
  readonly found: readonly PlacedFound[];
}

/** What is sent of the files of a project. */
export interface FileDescriptions {
  /** Describes a file that is sent: unchanged, or as it is to be read. */
  describe(file: string, reading?: FileReading): Promise<FileResult<FileDescription>>;
  /** The keys of the parts of a file that is read in parts; none where it is small enough to be read whole. */
  listParts(file: string, reading: FileReading): Promise<FileResult<readonly string[]>>;
  /** The title in the front matter of a Markdown file, whose text is read like that which is sent. */
  readTitle(file: string, reading?: FileReading): Promise<string | undefined>;
}

/** A file that may be read. */
interface FoundFile {
  /** As the project names it. */
  readonly file: string;
  readonly size: number;
  /** Reads at most so many bytes, and fails if there are more. */
  readonly read: (most: number) => Promise<Buffer>;
  readonly stream: (most: number) => AsyncIterable<Buffer>;
}

type UseFile = <T>(file: string, use: (found: FoundFile) => Promise<FileResult<T>>) => Promise<FileResult<T>>;

/** Describes files by what is sent of them, each once; only one large file is held in memory at a time. */
export function describeFiles(useFile: UseFile): FileDescriptions {
  const limits = { small: pLimit(16), large: pLimit(1) };
  const known = new Map<string, Promise<FileResult<unknown>>>();
  const once = <T>(
    key: readonly unknown[],
    file: string,
    use: (found: FoundFile) => Promise<FileResult<T>>,
  ): Promise<FileResult<T>> => {
    const name = canonicalJson([...key, file]);
    const begun =
      known.get(name) ??
      useFile(file, (found) => limits[found.size > mostAtOnce ? "large" : "small"](() => use(found)));
    known.set(name, begun);
    return begun as Promise<FileResult<T>>;
  };
  const parts = (file: string, { part: _, ...reading }: FileReading) =>
    once(["parts", reading], file, (found) => describeParts(found, reading));
  return {
    async describe(file, reading) {
      if (reading?.part === undefined)
        return once(["file", reading ?? null], file, (found) => describeFile(found, reading));
      const found = await parts(file, reading);
      if ("complaint" in found) return found;
      const one = found.value.get(reading.part);
      if (one) return { value: one };
      // The file isn't divided, or not there: reading it tells which parts it has.
      return once(["file", reading], file, (opened) => describeFile(opened, reading));
    },
    async listParts(file, reading) {
      const found = await parts(file, reading);
      return "complaint" in found ? found : { value: [...found.value.keys()] };
    },
    async readTitle(file, reading = {}) {
      const read = await once(["title", reading.encoding ?? null], file, async (found) => ({
        value: isMarkdown(found.file)
          ? readTitle(found.file, await found.read(longestDivided), reading)
          : undefined,
      }));
      return "value" in read ? read.value : undefined;
    },
  };
}

const faultCodes = {
  pointer: "unfetched-file",
  conflict: "merge-conflict",
  encoding: "not-utf8",
  binary: "bad-file",
  parts: "bad-file",
} as const;

/** The problem of a file whose content isn't what was meant to be sent. */
export const describeContentFault = ({ reason, message, hint }: ContentFault): Problem => ({
  code: faultCodes[reason],
  message,
  hint,
});

/** Bytes. No text that Coze takes comes near, nor does a file of manifests that people write. */
export const longestText = 16 * 2 ** 20;

/** Bytes of a text that is divided into several documents. */
const longestDivided = 64 * 2 ** 20;

/** Bytes. Files of other types that are larger aren't held in memory whole. */
const mostWhole = 4 * 1024 * 1024;

/** Bytes; Coze takes no larger file (https://docs.coze.cn/developer_guides/upload_files). */
const largestFile = 512 * 2 ** 20;

/** Bytes; of larger files only one is read at a time. */
const mostAtOnce = 2 ** 20;

async function describeFile(
  found: FoundFile,
  reading: FileReading | undefined,
): Promise<FileResult<FileDescription>> {
  const { file, size, read, stream } = found;
  const kind = kindOfName(file);
  const mayBeText = kind === "text" || (kind === "unknown" && reading !== undefined);
  const most = reading?.part === undefined ? longestText : longestDivided;
  if (size > (mayBeText ? most : mostWhole)) {
    const hash = createHash("sha256");
    const search = openFileSearch(file);
    for await (const chunk of stream(largestFile)) {
      hash.update(chunk);
      search.add(chunk);
    }
    const content = { $file: file, sha256: hash.digest("hex"), size };
    return { value: { content, isText: kind === "text", found: search.end() } };
  }
  await prepareReading([file]);
  const bytes = await read(most);
  const sent = readContent(file, bytes, reading);
  if ("fault" in sent) return { complaint: describeContentFault(sent.fault) };
  const { content, isText, source } = sent;
  const named = nameContent(file, content, isText ? reading : undefined);
  if (source === undefined) return { value: { content: named, isText, found: searchFile(file, bytes) } };
  const text = Buffer.from(content.bytes).toString();
  const search = openSourceSearch(file, source);
  const placed = reading?.part === undefined ? search.findInWhole(text) : search.findInPart(text);
  return { value: { content: named, isText, found: placed } };
}

/** Describes the parts of a file by their keys; none where it isn't divided. */
async function describeParts(
  { file, size, read }: FoundFile,
  reading: FileReading,
): Promise<FileResult<ReadonlyMap<string, FileDescription>>> {
  if (kindOfName(file) === "binary" || size <= (reading.limit ?? 0) / 2) return { value: new Map() };
  await prepareReading([file]);
  const divided = readParts(file, await read(longestDivided), reading);
  if (!divided) return { value: new Map() };
  if ("fault" in divided) return { complaint: describeContentFault(divided.fault) };
  const search = openSourceSearch(file, divided.source);
  const described = divided.parts.map(({ key, text }): [string, FileDescription] => {
    const bytes = Buffer.from(text);
    const content = nameContent(file, countText(bytes), { ...reading, part: key });
    return [key, { content, isText: true, found: search.findInPart(text) }];
  });
  return { value: new Map(described) };
}

function nameContent(
  file: string,
  { bytes, sha256, formerly }: CountedContent,
  reading: FileReading | undefined,
): FileContent {
  return {
    $file: file,
    sha256,
    size: bytes.length,
    ...(formerly && { formerly }),
    ...(reading && { reading }),
  };
}
