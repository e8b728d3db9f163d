import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { readJson, type Spot } from "../core/json-text.ts";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { isObject } from "../core/value.ts";
import { decodeUtf8 } from "./state.ts";
import { stateDirectory } from "./store.ts";

/** At this revision the object of this id was seen to agree with the spec of this digest. */
export interface Seen {
  readonly id: string;
  readonly revision: number;
  readonly digest: string;
}

/** By address, when an object was last seen to be as wanted. Losing it costs reads, nothing else. */
export type Cache = ReadonlyMap<Address, Seen>;

const fileOf = (directory: string, environment: string): string =>
  join(stateDirectory(directory), `${environment}.cache.json`);

/** A cache as it was read, and what to tell of it. */
export interface CacheRead {
  readonly cache: Cache;
  /** That it couldn't be used and counts as empty. */
  readonly warnings: readonly Diagnostic[];
}

/** What is read where there is no cache. */
export const emptyCache: CacheRead = { cache: new Map(), warnings: [] };

/** Reads the cache; one that can't be read or is damaged counts as empty, with a warning. */
export function readCache(directory: string, environment: string): CacheRead {
  const file = fileOf(directory, environment);
  let bytes: Uint8Array;
  try {
    // Reading a pipe would wait for what may never come.
    const isRegular = statSync(file).isFile();
    if (!isRegular) return leaveOut(`${file} isn't a regular file`);
    bytes = readFileSync(file);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return emptyCache;
    return leaveOut(`${file} can't be read: ${describeReason(error)}`);
  }
  const read = parseCache(bytes);
  if ("cache" in read) return { cache: read.cache, warnings: [] };
  const { at, message } = read;
  const where = at ? `line ${at.line}, column ${at.column}: ` : "";
  return leaveOut(`${file} is damaged (${where}${message})`, "it is left out and written again");
}

function leaveOut(what: string, then = "it is left out"): CacheRead {
  const warning = {
    code: "damaged-cache",
    severity: "warning" as const,
    message: `${what}; ${then}: this plan reads every object`,
    ...(then === "it is left out" ? { hint: "remove it" } : {}),
  };
  return { cache: new Map(), warnings: [warning] };
}

function parseCache(
  bytes: Uint8Array,
): { readonly cache: Cache } | { readonly at?: Spot; readonly message: string } {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { message: "it isn't UTF-8 text" };
  const read = readJson(text);
  if ("fault" in read) return { at: read.fault.at, message: `it ${read.fault.message}` };
  if (!isObject(read.value)) return { message: "it isn't an object" };
  const entries = Object.entries(read.value);
  const wrong = entries.find((entry) => !isSeen(entry));
  if (wrong) return { message: `${wrong[0]} must have a text id, a number revision and a text digest` };
  return { cache: new Map(entries.filter(isSeen)) };
}

/** Writes the cache beside the state; whoever writes last wins. Where nothing can be written, nothing is. */
export function writeCache(directory: string, environment: string, cache: Cache): void {
  const text = JSON.stringify(Object.fromEntries(cache));
  try {
    mkdirSync(stateDirectory(directory), { recursive: true, mode: 0o700 });
    writeFileAtomic.sync(fileOf(directory, environment), text, { mode: 0o600, fsync: false });
  } catch {
    // A plan must work in a checkout that it may not write to; the next one reads a little more.
  }
}

function isSeen(entry: [string, unknown]): entry is [string, Seen & Record<string, never>] {
  const [, seen] = entry;
  return (
    isObject(seen) &&
    typeof seen.id === "string" &&
    Number.isFinite(seen.revision) &&
    typeof seen.digest === "string"
  );
}
