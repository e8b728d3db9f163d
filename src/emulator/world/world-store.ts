import { createHash } from "node:crypto";
import { appendFileSync, closeSync, existsSync, fstatSync, ftruncateSync, rmSync } from "node:fs";
import { readFileGuarded, UnfitFile } from "../../files/guarded-reading.ts";
import { openForAppending, writeFileGuarded } from "../../files/guarded-writing.ts";
import type { WorldChanges } from "./create-world.ts";
import { compareIds, type WorldSnapshot } from "./world.ts";
import { WorldError } from "./world-error.ts";
import { formatSnapshot, largestFile, loadSnapshot, saveSnapshot, validateSnapshot } from "./world-file.ts";

/** What a store saves. */
interface SavedWorld {
  takeChanges(): WorldChanges;
  /** The world as it is; the value isn't changed, nor kept. */
  snapshot(): WorldSnapshot;
}

/**
 * A world's file, and beside it the changes since that was written: a file that is written whole at each call makes a
 * world's calls the slower, the more it holds. A small world has its file alone.
 */
export interface WorldStore {
  /** The world as it was saved; undefined when there is none. Throws {@link WorldError} for one that can't be used. */
  load(): WorldSnapshot | undefined;
  /** Saves what changed. It outlives the process when this returns. */
  saveChanges(world: SavedWorld): void;
  /** Writes the file whole. */
  saveWhole(world: Pick<SavedWorld, "snapshot">): void;
}

const smallWorld = 64 * 1024;

type Items = Readonly<Record<string, readonly { readonly id: string }[]>>;

/** A line of the file of changes: the items as they are afterwards, and the ids of those that are gone. */
interface ChangeLine {
  readonly last_id: string;
  readonly items: Items;
  readonly gone: Readonly<Record<string, readonly string[]>>;
}

/** The store of a file, which is written whole each time as long as it has fewer bytes than `small`. */
export function openWorldStore(file: string, small = smallWorld): WorldStore {
  const changesFile = `${file}.changes`;
  let bytes = 0;
  let digest: string | undefined;
  // What an earlier process left beside the file, without a line that was cut off.
  let earlier: string | undefined;
  let log: { readonly descriptor: number; bytes: number } | undefined;

  function closeLog(): void {
    if (log) closeSync(log.descriptor);
    log = undefined;
    earlier = undefined;
    rmSync(changesFile, { force: true });
  }

  const store: WorldStore = {
    load() {
      const snapshot = loadSnapshot(file);
      if (snapshot === undefined) return undefined;
      earlier = readText(changesFile);
      const lines = readChanges(changesFile, file, earlier);
      return lines.length === 0
        ? snapshot
        : validateSnapshot(changesFile, replay(changesFile, snapshot, lines));
    },
    saveWhole(world) {
      const text = Buffer.from(formatSnapshot(world.snapshot()));
      const written = digestOf(text);
      digest = undefined;
      if (log) appendLine(log, foldLine(written));
      else if (earlier) writeFileGuarded(changesFile, earlier + foldLine(written), { durable: false });
      saveSnapshot(file, text);
      closeLog();
      bytes = text.length;
      digest = bytes < small ? undefined : written;
    },
    saveChanges(world) {
      const follows = digest;
      const isSettled = follows === undefined || !existsSync(file);
      if (isSettled || (log && (log.bytes > bytes || fstatSync(log.descriptor).nlink === 0))) {
        store.saveWhole(world);
        world.takeChanges();
        return;
      }
      const head = headLine(follows);
      // What these changes are is forgotten now: unless they are written, the next save writes all.
      digest = undefined;
      const line = `${JSON.stringify(lineOf(world.takeChanges()))}\n`;
      if (log === undefined) {
        rmSync(changesFile, { force: true });
        log = { descriptor: openForAppending(changesFile), bytes: 0 };
        appendLine(log, head);
      }
      appendLine(log, line);
      digest = follows;
    },
  };
  return store;
}

/** Appends a line, whole or not at all: half a line would corrupt the next one. */
function appendLine(log: { readonly descriptor: number; bytes: number }, text: string): void {
  const line = Buffer.from(text);
  try {
    appendFileSync(log.descriptor, line);
  } catch (error) {
    ftruncateSync(log.descriptor, log.bytes);
    throw error;
  }
  log.bytes += line.length;
}

const digestOf = (text: Uint8Array): string => createHash("sha256").update(text).digest("hex");

function lineOf({ last_id, items }: WorldChanges): ChangeLine {
  const kept: Record<string, { readonly id: string }[]> = {};
  const gone: Record<string, string[]> = {};
  for (const [name, changed] of items) {
    kept[name] = [...changed.values()].filter((item) => item !== undefined);
    gone[name] = [...changed].flatMap(([id, item]) => (item === undefined ? [id] : []));
  }
  return { last_id, items: kept, gone };
}

/**
 * The changes that follow the world's file as it is now; none when it holds them. The last line may be cut off: its
 * answer never left.
 */
function readChanges(changesFile: string, file: string, text: string): readonly ChangeLine[] {
  if (text === "") return [];
  const [head, ...lines] = text.split("\n").slice(0, -1);
  const digest = digestOf(readFileGuarded(file, { most: largestFile }));
  if (`${lines.at(-1)}\n` === foldLine(digest)) return [];
  if (`${head}\n` !== headLine(digest)) {
    throw new WorldError(changesFile, "the emulator's world was edited while changes of it were beside it", {
      hint: `remove ${changesFile} to go on without them`,
    });
  }
  // A process may have ended before it wrote the file that holds them.
  const changes = lines.filter((line) => !line.startsWith('{"folded":'));
  return changes.map((line, index) => {
    try {
      return JSON.parse(line) as ChangeLine;
    } catch (cause) {
      throw damaged(changesFile, index, cause);
    }
  });
}

/** The last line, once the world's file that has this digest holds all changes. */
const foldLine = (digest: string): string => `${JSON.stringify({ folded: digest })}\n`;

const headLine = (digest: string): string => `${JSON.stringify({ follows: digest })}\n`;

/** The error of a change, whose line is the second or a later one. */
const damaged = (changesFile: string, index: number, cause: unknown): WorldError =>
  new WorldError(changesFile, "the changes of the emulator's world are damaged", {
    at: { line: index + 2, column: 1 },
    cause,
  });

/** The whole lines of the file of changes. */
function readText(changesFile: string): string {
  if (!existsSync(changesFile)) return "";
  try {
    const text = new TextDecoder().decode(readFileGuarded(changesFile, { most: largestFile }));
    return text.slice(0, text.lastIndexOf("\n") + 1);
  } catch (error) {
    if (!(error instanceof UnfitFile)) throw error;
    throw new WorldError(
      changesFile,
      `the changes of the emulator's world can't be read: this is ${error.what}`,
    );
  }
}

/** A world after its changes; its fields aren't validated. */
function replay(changesFile: string, snapshot: WorldSnapshot, lines: readonly ChangeLine[]): object {
  const { format, last_id, ...saved } = snapshot;
  const named = Object.entries(saved as Items);
  const collections = new Map(
    named.map(([name, items]) => [name, new Map(items.map((item) => [item.id, item]))]),
  );
  let lastId = last_id;
  for (const [index, line] of lines.entries()) {
    try {
      if (compareIds(line.last_id, lastId) > 0) lastId = line.last_id;
      replayLine(collections, line);
    } catch (cause) {
      throw damaged(changesFile, index, cause);
    }
  }
  const items = [...collections].map(([name, byId]) => [name, [...byId.values()]]);
  return { format, last_id: lastId, ...Object.fromEntries(items) };
}

function replayLine(
  collections: Map<string, Map<string, { readonly id: string }>>,
  { items, gone }: ChangeLine,
): void {
  for (const [name, changed] of Object.entries(items)) {
    const collection = collections.get(name) ?? new Map<string, { readonly id: string }>();
    collections.set(name, collection);
    for (const item of changed) collection.set(item.id, item);
  }
  for (const [name, ids] of Object.entries(gone)) for (const id of ids) collections.get(name)?.delete(id);
}
