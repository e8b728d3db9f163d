import { closeSync, fstatSync, fsyncSync, ftruncateSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Address } from "../core/address.ts";
import { locateJson, readJson } from "../core/json-text.ts";
import { canonicalJson, isObject } from "../core/value.ts";
import { openForAppending, syncFolder } from "../files/guarded-writing.ts";
import type { Entry } from "../kind/state-entry.ts";
import { type Promotion, type State, StateError, stateFormat, type UploadedFile } from "./model.ts";
import { findShapeFault, type ShapeFault } from "./schema.ts";
import { decodeUtf8, findEntryFault, readBytes } from "./state-file.ts";

/**
 * One line of the journal: what is known of these addresses from here on, null when nothing stands there any
 * more. A line written before a call holds what is known should no other line follow it.
 */
interface JournalRecord {
  /** What was about to be done, or its result; for people. */
  readonly note: string;
  readonly entries?: { readonly [address: Address]: Entry | null } | undefined;
  readonly files?: { readonly [sha256: string]: UploadedFile } | undefined;
  readonly promotion?: Promotion | undefined;
}

interface Header {
  readonly lineage: string;
  readonly serial: number;
  readonly endpoint: string;
}

/** An append-only file beside the state, synced to disk with each line. */
export interface Journal {
  /** Throws when the line isn't safely on the disk; then no other line is taken. */
  append(record: JournalRecord): void;
  close(): void;
}

/** Begins the journal of a state; its first line names the state it continues. */
export function openJournal(file: string, { lineage, serial, endpoint }: Header): Journal {
  const descriptor = openForAppending(file);
  syncFolder(dirname(file));
  let length = fstatSync(descriptor).size;
  let broken = false;
  const write = (value: unknown): void => {
    if (broken) throw new Error("the journal can't be written any more");
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    try {
      writeFileSync(descriptor, line);
      fsyncSync(descriptor);
    } catch (error) {
      broken = true;
      truncateTo(descriptor, length);
      throw error;
    }
    length += line.length;
  };
  try {
    write({ format: stateFormat, lineage, serial, endpoint });
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return { append: write, close: () => closeSync(descriptor) };
}

/** A line that is half there would swallow the next one. Where even that fails, what the write said matters more. */
function truncateTo(descriptor: number, length: number): void {
  try {
    ftruncateSync(descriptor, length);
  } catch {}
}

export function removeJournal(file: string): void {
  rmSync(file, { force: true });
}

/** A journal as it was read. */
export interface ReadJournal {
  readonly file: string;
  /** Absent when not even the first line was written whole. */
  readonly header?: Header | undefined;
  readonly records: readonly JournalRecord[];
}

/**
 * Reads a journal; undefined when there is none. A torn last line is what a killed process or a full disk leaves,
 * and counts as not written. Throws {@link StateError} when any other line is damaged.
 */
export function readJournal(file: string): ReadJournal | undefined {
  const bytes = readBytes(file);
  if (!bytes) return undefined;
  const [first, ...rest] = splitLines(bytes);
  if (!first || isTorn(first)) return { file, records: [] };
  const header = readLine<Header & { readonly format?: unknown }>("header", first, file);
  const records = rest
    .filter((line) => !isTorn(line))
    .map((line) => readLine<JournalRecord>("record", line, file));
  return { file, header, records };
}

/** The state after every line of a journal that continues it, and how many there were. */
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
  const folded = { ...state, lineage, endpoint, resources, files, promotion };
  return { state: folded, folded: journal.records.length };
}

/**
 * How a journal stands to the state beside it. `continues`: it is to be folded in. `folded`: the state holds all of
 * it. Anything else says what is wrong: folding it in or passing over it could lose what was made.
 */
export function relateJournal(
  state: State,
  { file, header, records }: ReadJournal,
): "continues" | "folded" | StateError {
  if (!header) return "folded";
  const { lineage, serial } = header;
  // A state that was never saved has no lineage of its own yet: the journal's counts.
  if (serial === state.serial && (serial === 0 || lineage === state.lineage)) return "continues";
  const refuse = (message: string, hint: string) => new StateError(file, message, hint);
  if (state.serial === 0) {
    return refuse(
      `this journal continues a state file that isn't there (serial ${serial})`,
      "restore the state file from version control or a backup",
    );
  }
  if (lineage !== state.lineage) {
    return refuse(
      `this journal continues another state (lineage ${lineage}, the state file has ${state.lineage})`,
      "put back the state file that belongs to it, or move the journal away if what it holds is no longer wanted",
    );
  }
  if (serial > state.serial) {
    return refuse(
      `this journal continues a newer state (serial ${serial}, the state file has ${state.serial})`,
      "put back the newer state file, or move the journal away if what it holds is no longer wanted",
    );
  }
  if (isContained(records, state)) return "folded";
  return refuse(
    `this journal continues an older state (serial ${serial}, the state file has ${state.serial}), and what it holds isn't in the state file`,
    "put back the state file that belongs to it; or move the journal away and check the plan for what it made",
  );
}

/** Whether a state says of each address what the journal said last. */
function isContained(records: readonly JournalRecord[], { resources, files, promotion }: State): boolean {
  const last = new Map(records.flatMap((record) => Object.entries(record.entries ?? {})));
  const uploads = new Map(records.flatMap((record) => Object.entries(record.files ?? {})));
  const lastPromotion = records.findLast((record) => record.promotion)?.promotion ?? promotion;
  return (
    canonicalJson(lastPromotion ?? null) === canonicalJson(promotion ?? null) &&
    [...last].every(([key, entry]) => canonicalJson(entry) === canonicalJson(resources[key] ?? null)) &&
    [...uploads].every(([key, one]) => canonicalJson(one) === canonicalJson(files[key] ?? null))
  );
}

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
  // After a power cut, what wasn't synced yet may read as zeros.
  return last?.bytes.includes(0) ? [...lines.slice(0, -1), { ...last, ended: false }] : lines;
}

/** No line end follows what was written only in part. */
const isTorn = ({ ended }: Line): boolean => !ended;

function readLine<T>(shape: "header" | "record", line: Line, file: string): T {
  const damaged = (message: string, column = 1) => {
    const said = `line ${line.number} of the journal is damaged (it ${message}), so what was made last isn't known`;
    const hint = "restore it from a backup, or move it away and check the plan with care";
    return new StateError(file, said, hint, { at: { line: line.number, column } });
  };
  const text = decodeUtf8(line.bytes);
  if (text === undefined) throw damaged("isn't UTF-8 text");
  const read = readJson(text);
  if ("fault" in read) throw damaged(read.fault.message, read.fault.at.column);
  const { value } = read;
  if (
    shape === "header" &&
    isObject(value) &&
    typeof value.format === "number" &&
    value.format > stateFormat
  ) {
    const message = `the journal was written by a newer cozeform: it has format ${value.format}, this one reads up to ${stateFormat}`;
    throw new StateError(file, message, "upgrade cozeform", { at: { line: 1, column: 1 } });
  }
  const fault = findShapeFault(shape, value) ?? findRecordFault(value as JournalRecord);
  if (fault) throw damaged(`is not as written: ${fault.message}`, locateJson(text, fault.path).column);
  return value as T;
}

function findRecordFault({ entries = {} }: JournalRecord): ShapeFault | undefined {
  for (const [address, entry] of Object.entries(entries)) {
    const message = entry === null ? undefined : findEntryFault(address, entry);
    if (message !== undefined) return { path: ["entries", address], message };
  }
  return undefined;
}
