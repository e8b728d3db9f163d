import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
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
}

/** An append-only file beside the state, synced to disk with each line. */
export interface Journal {
  append(record: JournalRecord): void;
  close(): void;
}

/** Begins the journal of a state; its first line names the state it continues. */
export function openJournal(file: string, { lineage, serial }: Header): Journal {
  const descriptor = openSync(file, "a", 0o600);
  const write = (value: unknown): void => {
    writeSync(descriptor, `${JSON.stringify(value)}\n`);
    fsyncSync(descriptor);
  };
  write({ lineage, serial } satisfies Header);
  return { append: write, close: () => closeSync(descriptor) };
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
  if (!header || header.lineage !== state.lineage || header.serial !== state.serial)
    return { state, folded: 0 };
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
  return { state: { ...state, resources, files }, folded: records.length };
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
