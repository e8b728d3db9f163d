import pLimit from "p-limit";
import { explain } from "../../messages/text.ts";
import type { Backend, KeptTexts, LockedBackend, Stored } from "../backend.ts";
import { headerLine, type JournalHeader } from "../journal.ts";
import type { LockHolder } from "../lock-holder.ts";
import { StateError } from "../model.ts";
import { openGatheredJournal } from "./gathered-journal.ts";
import { unwritable } from "./requests.ts";
import { type Bucket, openBucket, type StoredObject } from "./s3-bucket.ts";
import { breakLock, type HeldLock, takeLock } from "./s3-lock.ts";
import type { BackendContext, S3Settings } from "./settings.ts";

/** Results that nothing waits for are written this long after the last write, in milliseconds. */
const pauseMs = 1000;

/**
 * Keeps the state as an object of S3, the lock as `KEY.lock`, and the journal as small objects below `KEY.journal/`.
 * Only conditional writes let two machines agree on one of them:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
 */
export function openS3Backend(settings: S3Settings, context: BackendContext): Backend {
  const { key } = settings;
  const bucket = openBucket(settings, context);
  const folder = `${key}.journal/`;
  return {
    names: { document: bucket.nameObject(key), journal: bucket.nameObject(folder) },
    texts: { read: (hashes) => readTexts(bucket, key, hashes) },
    versions: {
      list: () => bucket.listVersions(key),
      read: async (id) => (await bucket.get(key, id))?.body,
    },
    read: async () => (await readAll(bucket, key, folder)).stored,
    async lock(holder) {
      const lock = await takeLock(bucket, `${key}.lock`, holder, context);
      return holdObject(bucket.in("patient"), { key, folder, holder }, lock, context);
    },
    unlock: (id, force) => breakLock(bucket, `${key}.lock`, id, { environment: context.environment, force }),
  };
}

const textFolder = (key: string): string => `${key}.releases/`;

async function readTexts(
  bucket: Bucket,
  key: string,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  await Promise.all(
    hashes.map(
      limited(async (hash) => {
        const stored = await bucket.get(textFolder(key) + hash);
        if (stored) found.set(hash, stored.body);
      }),
    ),
  );
  return found;
}

const keepTexts = (bucket: Bucket, key: string, lock: HeldLock): KeptTexts => ({
  read: (hashes) => readTexts(bucket, key, hashes),
  async write(texts) {
    try {
      await Promise.all(
        [...texts].map(limited(([hash, content]) => bucket.put(textFolder(key) + hash, content))),
      );
    } catch (error) {
      throw unwritable(error);
    }
  },
  async sweep(inUse) {
    const objects = await bucket.list(textFolder(key));
    const unused = objects.filter((one) => !inUse.has(one.key.slice(textFolder(key).length)));
    // The next run may be about to name one of them.
    await lock.check();
    await Promise.all(unused.map(limited((one) => bucket.remove(one.key))));
  },
});

/** An object of a journal: `ID.NNNNNNNN`, with the header and the lines that gathered, or `ID.folded`. */
const piecePattern = /^(?<run>[\w-]+)\.(?:(?<number>\d+)|folded)$/u;

const namePiece = (run: string, number: number): string => `${run}.${String(number).padStart(8, "0")}`;

interface Piece {
  readonly key: string;
  /** The id of the run's lock. */
  readonly run: string;
  /** Undefined for the object that says up to which number the document contains the lines of its run. */
  readonly number: number | undefined;
  readonly modified: string;
}

interface ReadObjects {
  readonly stored: Stored;
  readonly document: StoredObject | undefined;
  readonly pieces: readonly Piece[];
}

async function readAll(bucket: Bucket, key: string, folder: string): Promise<ReadObjects> {
  for (;;) {
    const pieces = await listPieces(bucket, folder);
    const bodies = await Promise.all(pieces.map(limited((piece) => bucket.get(piece.key))));
    const document = await bucket.get(key);
    // A run that saved the document meanwhile, and removed its journal, may have been followed by another.
    const left = new Set(pieces.length > 0 ? (await listPieces(bucket, folder)).map((one) => one.key) : []);
    if (pieces.some((piece, index) => !bodies[index] || !left.has(piece.key))) continue;
    const journals = joinPieces(
      pieces.map((piece, index) => ({ ...piece, body: bodies[index]?.body ?? nothing })),
    );
    return { stored: { document: document?.body, journals }, document, pieces };
  }
}

const nothing = new Uint8Array();

/** Few at a time: a run may have left thousands. */
function limited<T, Result>(run: (item: T) => Promise<Result>): (item: T) => Promise<Result> {
  const limit = pLimit(16);
  return (item) => limit(() => run(item));
}

async function listPieces(bucket: Bucket, folder: string): Promise<readonly Piece[]> {
  return (await bucket.list(folder)).flatMap(({ key, modified }) => {
    const { run, number } = piecePattern.exec(key.slice(folder.length))?.groups ?? {};
    if (run === undefined) return [];
    return [{ key, run, number: number === undefined ? undefined : Number(number), modified }];
  });
}

/** The journals of the runs, the oldest first. */
function joinPieces(pieces: readonly (Piece & { readonly body: Uint8Array })[]): readonly Uint8Array[] {
  const folded = new Map(
    pieces
      .filter(({ number }) => number === undefined)
      .map(({ run, body }) => [run, Number(Buffer.from(body).toString())]),
  );
  const open = pieces.filter(({ run, number = -1 }) => number > (folded.get(run) ?? -1));
  const runs = [...new Set(open.map(({ run }) => run))].map((run) => open.filter((one) => one.run === run));
  return runs
    .sort(([a], [b]) => ((a?.modified ?? "") < (b?.modified ?? "") ? -1 : 1))
    .map((ones) =>
      Buffer.concat(
        ones.map(({ body }, index) => (index === 0 ? body : body.subarray(body.indexOf(lineFeed) + 1))),
      ),
    );
}

const lineFeed = 10;

function holdObject(
  bucket: Bucket,
  place: { readonly key: string; readonly folder: string; readonly holder: LockHolder },
  lock: HeldLock,
  context: BackendContext,
): LockedBackend {
  const { key, folder, holder } = place;
  const run = holder.id ?? "";
  let known: ReadObjects | undefined;
  let written: Piece[] = [];
  let next = 0;
  const read = async (): Promise<Stored> => {
    known = await readAll(bucket, key, folder);
    return known.stored;
  };
  const write = async (header: JournalHeader, gathered: readonly Uint8Array[]): Promise<void> => {
    await lock.check();
    const first = Buffer.from(`${JSON.stringify(headerLine(header))}\n`);
    const number = next;
    next += 1;
    const lines = number === 0 ? gathered : [first, ...gathered];
    const piece = { key: folder + namePiece(run, number), run, number, modified: "" };
    await bucket.put(piece.key, Buffer.concat(lines));
    written.push(piece);
  };
  return {
    read,
    texts: keepTexts(bucket, key, lock),
    openJournal(header, { before }) {
      const writeAfter = async (gathered: readonly Uint8Array[]): Promise<void> => {
        await before();
        await write(header, gathered);
      };
      return openGatheredJournal(header, { pauseMs, write: writeAfter }, context.clock);
    },
    async save(document) {
      try {
        if (!known) await read();
        await lock.check();
        const saved = await replace(bucket, key, known?.document, document);
        known = { stored: { document, journals: [] }, pieces: known?.pieces ?? [], document: saved };
      } catch (error) {
        throw unwritable(error);
      }
    },
    async removeJournal() {
      const pieces = [...(known?.pieces ?? []), ...written];
      await removePieces(bucket, folder, pieces);
      known = known && { ...known, pieces: [] };
      written = [];
    },
    release: lock.release,
  };
}

/** Replaces the document that was read. */
async function replace(
  bucket: Bucket,
  key: string,
  before: StoredObject | undefined,
  body: Uint8Array,
): Promise<StoredObject> {
  const condition = before ? { etag: before.etag } : ({ absent: true } as const);
  const etag = await bucket.put(key, body, condition);
  if (etag !== undefined) return { body, etag, age: 0 };
  // The answer to an earlier attempt may have been lost.
  const now = await bucket.get(key);
  if (now && Buffer.compare(now.body, body) === 0) return now;
  throw new StateError(bucket.nameObject(key), explain("state/lock-lost"));
}

/** Removes objects of journals that the document contains; what is left if this run dies meanwhile counts no more. */
async function removePieces(bucket: Bucket, folder: string, pieces: readonly Piece[]): Promise<void> {
  const last = new Map<string, number>();
  for (const { run, number } of pieces) {
    if (number !== undefined) last.set(run, Math.max(number, last.get(run) ?? 0));
  }
  const markOf = (run: string): string => `${folder}${run}.folded`;
  await Promise.all(
    [...last].map(limited(([run, number]) => bucket.put(markOf(run), Buffer.from(String(number))))),
  );
  const lines = pieces.filter(({ number }) => number !== undefined);
  await Promise.all(lines.map(limited(({ key }) => bucket.remove(key))));
  const marks = new Set(pieces.map(({ run }) => markOf(run)));
  await Promise.all([...marks].map(limited((mark) => bucket.remove(mark))));
}
