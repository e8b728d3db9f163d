import { createHash } from "node:crypto";
import { openAsBlob, statSync } from "node:fs";
import { isTextFile, mostBytesOf } from "../core/text-content.ts";
import { canonicalJson, type FileContent, type FileReading, isSameContent } from "../core/value.ts";
import { readLargeGuarded, streamFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import { prepareReading, readContent, readParts } from "./read-content.ts";
import type { TextPart } from "./text-parts.ts";

/** Bytes of the largest file that is read as text. */
export const longestRead = 64 * 2 ** 20;

/** A file doesn't hold what a plan was made with. */
export class ChangedFile extends Error {
  override readonly name = "ChangedFile";
}

/**
 * Reads what is sent of a file, which must be what a plan was made with; `path`: where it is now. Throws
 * {@link ChangedFile}, or the system's error.
 */
export async function readPlanned(path: string, file: FileContent): Promise<Uint8Array> {
  const { reading } = file;
  const part = reading?.part === undefined ? undefined : await readPart(path, reading);
  await prepareReading([path]);
  const sent = part
    ? readContent("part.txt", Buffer.from(part.text), undefined)
    : readContent(path, await readWhole(path, file), reading);
  if (!("content" in sent)) throw new ChangedFile();
  const { bytes, ...content } = sent.content;
  if (!isSameContent({ ...file, ...content }, file)) throw new ChangedFile();
  return bytes;
}

/**
 * The same for an upload. A file that goes as it is isn't read into memory: the blob stands for it, and can't be read once
 * the file changes.
 */
export async function openPlanned(path: string, file: FileContent): Promise<Blob | Uint8Array> {
  if (file.reading || isTextFile(path)) return await readPlanned(path, file);
  const blob = await openAsBlob(path);
  const hash = createHash("sha256");
  for await (const chunk of streamPlanned(path, file.size)) hash.update(chunk);
  if (!isSameContent({ ...file, sha256: hash.digest("hex") }, file)) throw new ChangedFile();
  return blob;
}

async function readWhole(path: string, { size, reading }: FileContent): Promise<Buffer> {
  const most = reading ? longestRead : isTextFile(path) ? mostBytesOf(size) : size;
  try {
    return await readLargeGuarded(path, statSync(path).size, { most, links: "follow" });
  } catch (cause) {
    throw asChanged(cause);
  }
}

/** One that is larger by now has changed, and needn't be read to its end. */
async function* streamPlanned(path: string, most: number): AsyncGenerator<Buffer> {
  try {
    yield* streamFileGuarded(path, { most, links: "follow" });
  } catch (cause) {
    throw asChanged(cause);
  }
}

const asChanged = (cause: unknown): unknown =>
  cause instanceof UnfitFile ? new ChangedFile(undefined, { cause }) : cause;

// Parts of one file are sent one after the other.
let divided: { readonly key: string; readonly parts: readonly TextPart[] | undefined } | undefined;

/** A part of a file that is divided; undefined where it is small enough to be read whole. */
async function readPart(path: string, reading: FileReading): Promise<TextPart | undefined> {
  const { mtimeMs, size } = statSync(path);
  const { part, ...whole } = reading;
  const key = canonicalJson([path, mtimeMs, size, whole]);
  if (divided?.key !== key) {
    await prepareReading([path]);
    const read = readParts(path, await readWhole(path, { $file: path, sha256: "", size, reading }), whole);
    if (read && "fault" in read) throw new ChangedFile();
    divided = { key, parts: read?.parts };
  }
  if (!divided.parts) return undefined;
  const found = divided.parts.find((one) => one.key === part);
  if (!found) throw new ChangedFile();
  return found;
}
