import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Address } from "../core/address.ts";
import type { Entry } from "../core/entry.ts";
import { isObject } from "../core/value.ts";
import { type State, StateError, type UploadedFile } from "./state.ts";

/**
 * One line of the journal: what is known of these addresses from here on, null when nothing stands there any
 * more. A line written before a call holds what is known should no other line follow it.
 */
interface JournalRecord {
  /** What was about to be done, or what came of it; for people. */
  readonly note: string;
  readonly entries?: { readonly [address: Address]: Entry | null };
  readonly files?: { readonly [sha256: string]: UploadedFile };
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
  const descriptor = openSync(file, "a", 0o600);
  syncDirectory(dirname(file));
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
      takeBack(descriptor, length);
      throw error;
    }
    length += line.length;
  };
  try {
    write({ lineage, serial, endpoint } satisfies Header);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return { append: write, close: () => closeSync(descriptor) };
}

/** A line that is half there would swallow the next one. Where even that fails, what the write said matters more. */
function takeBack(descriptor: number, length: number): void {
  try {
    ftruncateSync(descriptor, length);
  } catch {}
}

/** So that the journal's name outlives a power cut as well. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some systems have no way to sync a folder.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
  } finally {
    closeSync(descriptor);
  }
}

export function removeJournal(file: string): void {
  rmSync(file, { force: true });
}

/**
 * The state after every line of the journal that continues it. A torn last line is what a killed process
 * leaves, and counts as not written; a journal of an earlier serial was folded already.
 */
export function foldJournal(state: State, file: string): { readonly state: State; readonly folded: number } {
  const lines = readLines(file);
  const header = lines[0];
  const continues = header?.lineage === state.lineage && header.serial === state.serial;
  // A state that was never saved has no lineage of its own yet: the journal's counts.
  const begins = header?.serial === 0 && state.serial === 0;
  if (!header || !(continues || begins)) return { state, folded: 0 };
  const records = lines.slice(1).filter((line) => line.serial === undefined);
  const resources: Record<Address, Entry> = { ...state.resources };
  const files = { ...state.files };
  for (const record of records as readonly Partial<JournalRecord>[]) {
    for (const [address, entry] of Object.entries(record.entries ?? {})) {
      if (entry === null) delete resources[address];
      else resources[address] = entry;
    }
    Object.assign(files, record.files);
  }
  const { lineage = state.lineage, endpoint = state.endpoint } = header as Partial<Header>;
  return { state: { ...state, lineage, endpoint, resources, files }, folded: records.length };
}

function readLines(file: string): readonly { readonly [key: string]: unknown }[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const lines = text.split("\n").filter((line) => line.length > 0);
  return lines.flatMap((line, index) => {
    const value = parseLine(line);
    if (value) return [value];
    if (index === lines.length - 1) return [];
    const message = `line ${index + 1} of the journal is damaged, so what was made last isn't known`;
    throw new StateError(
      file,
      message,
      "restore it from a backup, or move it away and check the plan with care",
    );
  });
}

function parseLine(line: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
