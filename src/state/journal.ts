import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Address } from "../core/address.ts";
import { decodeUtf8 } from "../core/content-faults.ts";
import { locateJson, readJson } from "../core/json-text.ts";
import { canonicalJson, isObject, type Json } from "../core/value.ts";
import { openForAppending, syncFolder } from "../files/guarded-writing.ts";
import type { Entry } from "../kind/state-entry.ts";
import { explain, say } from "../messages/text.ts";
import { type Promotion, type State, StateError, stateFormat, type UploadedFile } from "./model.ts";
import { withTextHashes } from "./release-texts.ts";
import { findShapeFault, type ShapeFault } from "./schema.ts";
import { findEntryFault } from "./state-file.ts";

/**
 * One line of the journal: the new entries of some addresses, null for a removed one. A line that is written before a
 * call contains the entries that hold if no other line follows.
 */
export interface JournalRecord {
  /** The change that was about to be made, or its result; for people. */
  readonly note: string;
  readonly entries?: { readonly [address: Address]: Entry | null } | undefined;
  readonly files?: { readonly [sha256: string]: UploadedFile } | undefined;
  readonly promotion?: Promotion | undefined;
}

/** The state that a journal continues. */
export interface JournalHeader {
  /** The version of the state's files that it is written in. */
  readonly format?: number | undefined;
  readonly lineage: string;
  readonly serial: number;
  readonly endpoint: string;
  /** The run that writes it, where the state isn't on this machine. */
  readonly run?: string | undefined;
}

/** The lines that are appended while a run goes on. */
export interface Journal {
  /**
   * Begins to write a line. Throws when it can't be written, or an earlier one couldn't; then no further line is
   * written.
   */
  append(record: JournalRecord): void;
  /**
   * Resolves when all lines so far would outlive this process, wherever the next run is; at once where each write takes
   * the whole state, and then they follow soon. Rejects as `append`.
   */
  kept(): Promise<void>;
  /** Resolves when they would outlive a power cut, too; lines of one moment share the writing. Rejects as `append`. */
  synced(): Promise<void>;
  /** Milliseconds until the next write, where each takes the whole state; 0 when it may be made now. */
  dueIn?(): number;
  /** Ends the writing. What was appended and not kept may be lost. */
  close(): Promise<void>;
}

/** The first line of a journal: it names the state that the journal continues. */
export const headerLine = ({ lineage, serial, endpoint, run }: JournalHeader) => ({
  format: stateFormat,
  lineage,
  serial,
  endpoint,
  run,
});

/** Begins the journal of a state in a file, whose lines are kept as soon as they are appended. */
export function openFileJournal(file: string, header: JournalHeader): Journal {
  const descriptor = openForAppending(file);
  syncFolder(dirname(file));
  const sync = createSync(descriptor);
  let length = fstatSync(descriptor).size;
  let broken = false;
  const write = (value: unknown): void => {
    if (broken || sync.failed)
      throw new Error("the journal can't be written any more", { cause: sync.failed });
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    try {
      writeFileSync(descriptor, line);
    } catch (error) {
      broken = true;
      truncateTo(descriptor, length);
      throw error;
    }
    length += line.length;
    sync.begin();
  };
  try {
    write(headerLine(header));
    fsyncSync(descriptor);
  } catch (error) {
    sync.close();
    throw error;
  }
  return {
    append: write,
    kept: async () => {},
    synced: sync.finished,
    close: async () => sync.close(),
  };
}

/** Syncs a file in the background: at most one sync runs, and what is written meanwhile shares the next. */
function createSync(descriptor: number) {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let failed: Error | undefined;
  let isClosed = false;
  // Lines of units that begin at the same time share a sync.
  let isGathering = false;

  async function run(): Promise<void> {
    isGathering = true;
    await Promise.resolve();
    isGathering = false;
    await new Promise<void>((resolve) => {
      fsync(descriptor, (error) => {
        failed ??= error ?? undefined;
        resolve();
      });
    });
    running = undefined;
    if (isClosed && next === undefined) closeSync(descriptor);
  }

  const begin = (): void => {
    if (isGathering) return;
    if (running === undefined) running = run();
    else {
      next ??= running.then(() => {
        next = undefined;
        running = run();
        return running;
      });
    }
  };
  return {
    get failed() {
      return failed;
    },
    begin,
    async finished() {
      await (next ?? running);
      if (failed) throw failed;
    },
    /** A descriptor that a sync still uses is closed after it: its number may be another file's by then. */
    close() {
      isClosed = true;
      if (running === undefined) closeSync(descriptor);
    },
  };
}

/** Half a line would corrupt the next one. If this fails, too, the error of the write is reported. */
function truncateTo(descriptor: number, length: number): void {
  try {
    ftruncateSync(descriptor, length);
  } catch {}
}

/** A journal as it was read. */
export interface ReadJournal {
  readonly file: string;
  /** Absent when the first line is incomplete. */
  readonly header?: JournalHeader | undefined;
  readonly records: readonly JournalRecord[];
}

/**
 * Reads the lines of a journal; `file` is its name for messages. A torn last line, as a killed process or a full disk
 * leaves it, is ignored. Throws {@link StateError} when any other line is damaged.
 */
export function parseJournal(bytes: Uint8Array, file: string): ReadJournal {
  const [first, ...rest] = splitLines(bytes);
  if (!first || isTorn(first)) return { file, records: [] };
  const header = readLine<JournalHeader & { readonly format?: unknown }>("header", first, file);
  const records = rest
    .filter((line) => !isTorn(line))
    .map((line) => readLine<JournalRecord>("record", line, file));
  return { file, header, records };
}

/** The state after every line of its journal, and the number of these lines. */
export function foldJournal(
  state: State,
  journal: ReadJournal | undefined,
): { readonly state: State; readonly folded: number } {
  if (!journal?.header) return { state, folded: 0 };
  const { lineage, endpoint } = journal.header;
  const resources: Record<Address, Entry> = { ...state.resources };
  const files = { ...state.files };
  let { promotion } = state;
  for (const record of journal.records) {
    for (const [address, entry] of Object.entries(record.entries ?? {})) {
      if (entry === null) delete resources[address];
      else resources[address] = entry;
    }
    Object.assign(files, record.files);
    promotion = record.promotion ?? promotion;
  }
  const format = journal.header.format ?? 1;
  const folded = { ...state, format, lineage, endpoint, resources, files, promotion };
  return { state: folded, folded: journal.records.length };
}

/**
 * How a journal relates to the state beside it. `continues`: it must be folded in. `folded`: the state contains all of
 * it. Otherwise an error: folding it in or ignoring it could lose objects.
 */
export function relateJournal(
  state: State,
  { file, header, records }: ReadJournal,
): "continues" | "folded" | StateError {
  if (!header) return "folded";
  const { lineage, serial } = header;
  // A state that was never saved has no lineage yet: that of the journal counts.
  if (serial === state.serial && (serial === 0 || lineage === state.lineage)) return "continues";
  const saved = state.serial;
  if (saved === 0) return new StateError(file, explain("state/journal-missing-state", { serial }));
  if (lineage !== state.lineage) {
    return new StateError(file, explain("state/journal-of-other-state", { lineage, saved: state.lineage }));
  }
  if (serial > saved) return new StateError(file, explain("state/journal-of-newer-state", { serial, saved }));
  if (isContained(records, state)) return "folded";
  return new StateError(file, explain("state/journal-of-older-state", { serial, saved }));
}

/** Whether a state contains the last entry of every address in a journal. */
function isContained(records: readonly JournalRecord[], { resources, files, promotion }: State): boolean {
  const last = new Map(records.flatMap((record) => Object.entries(record.entries ?? {})));
  const uploads = new Map(records.flatMap((record) => Object.entries(record.files ?? {})));
  const lastPromotion = records.findLast((record) => record.promotion)?.promotion ?? promotion;
  return (
    canonicalJson(lastPromotion ?? null) === canonicalJson(promotion ?? null) &&
    [...last].every(([key, entry]) => sameEntry(entry, resources[key] ?? null)) &&
    [...uploads].every(([key, one]) => canonicalJson(one) === canonicalJson(files[key] ?? null))
  );
}

/** Older versions kept the configurations of releases in the entries themselves. */
const sameEntry = (...entries: readonly [Entry | null, Entry | null]): boolean => {
  const [one, other] = entries.map((entry) => canonicalJson((entry && withTextHashes(entry)) as Json | null));
  return one === other;
};

interface Line {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly ended: boolean;
}

const lineFeed = 10;

function splitLines(bytes: Uint8Array): readonly Line[] {
  const lines: Line[] = [];
  for (let begin = 0; begin < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, begin);
    const ended = end >= 0;
    lines.push({ number: lines.length + 1, bytes: bytes.subarray(begin, ended ? end : bytes.length), ended });
    begin = ended ? end + 1 : bytes.length;
  }
  const last = lines.at(-1);
  // After a power cut, unsynced bytes may read as zeros.
  return last?.bytes.includes(0) ? [...lines.slice(0, -1), { ...last, ended: false }] : lines;
}

/** A line that was written only in part has no line end. */
const isTorn = ({ ended }: Line): boolean => !ended;

function readLine<T>(shape: "header" | "record", line: Line, file: string): T {
  const damaged = (problem: string, column = 1) => {
    const at = { line: line.number, column };
    return new StateError(file, explain("state/line-damaged", { line: line.number, problem }), { at });
  };
  const text = decodeUtf8(line.bytes);
  if (text === undefined) throw damaged(say("state/not-utf8"));
  const read = readJson(text);
  if ("fault" in read) {
    const { at, message } = read.fault;
    throw damaged(say("state/line-fault", { fault: message }), at.column);
  }
  const { value } = read;
  const format = shape === "header" && isObject(value) ? value.format : undefined;
  if (typeof format === "number" && format > stateFormat) {
    const problem = explain("state/journal-newer", { format, known: stateFormat });
    throw new StateError(file, problem, { at: { line: 1, column: 1 } });
  }
  const fault = findShapeFault(shape, value) ?? findRecordFault(value as JournalRecord);
  if (fault) throw damaged(fault.message, locateJson(text, fault.path).column);
  return value as T;
}

function findRecordFault({ entries = {} }: JournalRecord): ShapeFault | undefined {
  for (const [address, entry] of Object.entries(entries)) {
    const message = entry === null ? undefined : findEntryFault(address, entry);
    if (message !== undefined) return { path: ["entries", address], message };
  }
  return undefined;
}
