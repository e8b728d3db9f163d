import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { Address } from "../core/address.ts";
import { isObject } from "../core/value.ts";
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

/** Reads the cache; an unreadable one counts as empty. */
export function readCache(directory: string, environment: string): Cache {
  try {
    const value: unknown = JSON.parse(readFileSync(fileOf(directory, environment), "utf8"));
    return new Map(isObject(value) ? Object.entries(value).filter(isSeen) : []);
  } catch {
    return new Map();
  }
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
    typeof seen.revision === "number" &&
    typeof seen.digest === "string"
  );
}
