import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { say } from "../messages/text.ts";

/** How a file is read. */
export interface ReadingLimits {
  /** Bytes; of a larger file nothing is returned. It holds while reading, so a file that grows meets it too. */
  readonly most: number;
  /** Whether a link of that name is followed; by default it is refused. */
  readonly links?: "follow" | "refuse" | undefined;
}

/** A file isn't one that may be read: it is no regular file, or larger than allowed. The message begins with its name. */
export class UnfitFile extends Error {
  override readonly name = "UnfitFile";
  readonly file: string;
  /** What it is, to be read after `it is`: `a named pipe`, `larger than 16 MB`. */
  readonly what: string;
  readonly reason: "type" | "size";

  constructor(file: string, what: string, reason: UnfitFile["reason"]) {
    super(say("files/unfit", { file, what }));
    this.file = file;
    this.what = what;
    this.reason = reason;
  }
}

/** What something is that isn't a regular file, in words; undefined of a regular file. */
export function describeType(found: Stats): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return say("files/directory");
  if (found.isSymbolicLink()) return say("files/link");
  if (found.isFIFO()) return say("files/pipe");
  return say(found.isSocket() ? "files/socket" : "files/device");
}

// Absent on Windows, where opening a file neither follows links nor waits.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/**
 * Reads a regular file whole. It never waits for a pipe or a device: those are refused before they are opened. Throws
 * {@link UnfitFile}, or the system's error.
 */
export function readFileGuarded(file: string, limits: ReadingLimits): Buffer {
  refuseType(file, limits.links === "follow" ? statSync(file) : lstatSync(file));
  const descriptor = openSync(file, flagsOf(limits));
  try {
    // What stands there by now may be something else.
    const found = fstatSync(descriptor);
    refuseUnfit(file, found, limits);
    return readCapped(descriptor, file, found.size, limits);
  } finally {
    closeSync(descriptor);
  }
}

/** {@link readFileGuarded} that doesn't keep other work waiting: hands a regular file out in chunks, in their order. */
export async function* streamFileGuarded(file: string, limits: ReadingLimits): AsyncGenerator<Buffer> {
  refuseType(file, await (limits.links === "follow" ? stat(file) : lstat(file)));
  const handle = await open(file, flagsOf(limits));
  try {
    refuseUnfit(file, await handle.stat(), limits);
    yield* streamCapped(handle, file, limits);
  } finally {
    await handle.close();
  }
}

/**
 * {@link readFileGuarded} that doesn't keep other work waiting; `size`: what the file most likely has, in bytes. It holds
 * the content once.
 */
export async function readLargeGuarded(file: string, size: number, limits: ReadingLimits): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(Math.min(size, limits.most));
  const more: Buffer[] = [];
  let filled = 0;
  for await (const chunk of streamFileGuarded(file, limits)) {
    const fitting = chunk.copy(whole, filled);
    filled += fitting;
    if (fitting < chunk.length) more.push(chunk.subarray(fitting));
  }
  const begin = whole.subarray(0, filled);
  return more.length === 0 ? begin : Buffer.concat([begin, ...more]);
}

const flagsOf = ({ links }: ReadingLimits): number =>
  constants.O_RDONLY | O_NONBLOCK | (links === "follow" ? 0 : O_NOFOLLOW);

function refuseType(file: string, found: Stats): void {
  const what = describeType(found);
  if (what !== undefined) throw new UnfitFile(file, what, "type");
}

function refuseUnfit(file: string, found: Stats, { most }: ReadingLimits): void {
  refuseType(file, found);
  if (found.size > most) throw tooLarge(file, most);
}

const tooLarge = (file: string, most: number): UnfitFile =>
  new UnfitFile(
    file,
    most < 2 ** 20
      ? say("files/larger-than-kb", { size: Math.floor(most / 2 ** 10) })
      : say("files/larger-than-mb", { size: Math.floor(most / 2 ** 20) }),
    "size",
  );

const chunkSize = 64 * 1024;

function readCapped(descriptor: number, file: string, size: number, { most }: ReadingLimits): Buffer {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    // One byte more than the size says tells in the same call that there is no more.
    const chunk = Buffer.allocUnsafe(chunks.length === 0 ? size + 1 : chunkSize);
    const count = readSync(descriptor, chunk);
    if (count === 0) return joinChunks(chunks, total);
    total += count;
    if (total > most) throw tooLarge(file, most);
    chunks.push(chunk.subarray(0, count));
  }
}

function joinChunks(chunks: readonly Buffer[], total: number): Buffer {
  const [only] = chunks;
  return only?.length === total ? only : Buffer.concat(chunks, total);
}

async function* streamCapped(
  handle: FileHandle,
  file: string,
  { most }: ReadingLimits,
): AsyncGenerator<Buffer> {
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkSize));
    if (bytesRead === 0) return;
    total += bytesRead;
    if (total > most) throw tooLarge(file, most);
    yield buffer.subarray(0, bytesRead);
  }
}
