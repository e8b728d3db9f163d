import type { Address } from "../core/address.ts";
import { isObject } from "../core/value.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { writeFileGuarded } from "../files/guarded-writing.ts";
import { locateFile, makeStateFolder, type StateLocation } from "./place.ts";

/** At this revision the object of this id was seen to agree with the spec of this digest. */
export interface Seen {
  readonly id: string;
  readonly revision: number;
  readonly digest: string;
}

/** By address, when an object was last seen to be as wanted. Losing it costs reads, nothing else. */
export type Cache = ReadonlyMap<Address, Seen>;

const suffix = "cache.json";

const most = 256 * 2 ** 20;

/** Reads the cache; an unreadable one counts as empty. */
export function readCache(location: StateLocation): Cache {
  try {
    const value: unknown = JSON.parse(readFileGuarded(locateFile(location, suffix), { most }).toString());
    return new Map(isObject(value) ? Object.entries(value).filter(isSeen) : []);
  } catch {
    return new Map();
  }
}

/** Writes the cache beside the state; whoever writes last wins. Where nothing can be written, nothing is. */
export function writeCache(location: StateLocation, cache: Cache): void {
  const text = JSON.stringify(Object.fromEntries(cache));
  try {
    makeStateFolder(location);
    writeFileGuarded(locateFile(location, suffix), text, { durable: false });
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
