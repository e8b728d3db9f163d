import type { Address } from "../core/address.ts";
import { decodeUtf8 } from "../core/content-faults.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { readJson } from "../core/json-text.ts";
import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { isObject } from "../core/value.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import { sweepDrafts, writeFileGuarded } from "../files/guarded-writing.ts";
import { explain, say } from "../messages/text.ts";
import { locateFile, locateFolder, makeStateFolder, type StateLocation } from "./location.ts";

/** At this revision the object with this id matched the spec with this digest. */
export interface CachedObservation {
  readonly id: string;
  readonly revision: number;
  readonly digest: string;
}

/** The last observation of each address that matched its spec. Losing the cache only costs reads. */
export type Cache = ReadonlyMap<Address, CachedObservation>;

const suffix = "cache.json";

const maxCacheBytes = 256 * 2 ** 20;

/** A cache as it was read, with warnings. */
export interface CacheRead {
  readonly cache: Cache;
  /** Why it couldn't be used and counts as empty. */
  readonly warnings: readonly Diagnostic[];
}

/** The result of reading a cache that doesn't exist. */
export const emptyCache: CacheRead = { cache: new Map(), warnings: [] };

/** Reads the cache; one that can't be read or is damaged counts as empty, with a warning. */
export function readCache(location: StateLocation): CacheRead {
  const file = locateFile(location, suffix);
  let bytes: Uint8Array;
  try {
    bytes = readFileGuarded(file, { most: maxCacheBytes });
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return emptyCache;
    return ignoreCache(
      error instanceof UnfitFile
        ? explain("state/cache-unfit", { file, type: error.what })
        : explain("state/cache-unreadable", { file, reason: describeReason(error) }),
    );
  }
  const read = parseCache(bytes);
  if ("cache" in read) return { cache: read.cache, warnings: [] };
  return ignoreCache({ message: say("state/cache-damaged", { file, problem: read.problem }) });
}

const ignoreCache = (problem: Pick<Diagnostic, "message" | "hint">): CacheRead => ({
  cache: new Map(),
  warnings: [{ code: "damaged-cache", severity: "warning", ...problem }],
});

function parseCache(bytes: Uint8Array): { readonly cache: Cache } | { readonly problem: string } {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { problem: say("state/not-utf8") };
  const read = readJson(text);
  if ("fault" in read) {
    const { at, message } = read.fault;
    const problem = say("state/line-fault", { fault: message });
    return { problem: say("state/at-line", { ...at, problem }) };
  }
  if (!isObject(read.value)) return { problem: say("state/cache-not-object") };
  const entries = Object.entries(read.value);
  const wrong = entries.find((entry) => !isCachedObservation(entry));
  if (wrong) return { problem: say("state/cache-entry-malformed", { address: wrong[0] }) };
  return { cache: new Map(entries.filter(isCachedObservation)) };
}

/** Writes the cache beside the state; the last writer wins. Does nothing where it can't write. */
export function writeCache(location: StateLocation, cache: Cache): void {
  const text = JSON.stringify(Object.fromEntries(cache));
  try {
    makeStateFolder(location);
    sweepDrafts(locateFolder(location));
    writeFileGuarded(locateFile(location, suffix), text, { durable: false });
  } catch {
    // A plan must work in a checkout that it may not write to; the next one reads a little more.
  }
}

function isCachedObservation(
  entry: [string, unknown],
): entry is [string, CachedObservation & Record<string, never>] {
  const [, seen] = entry;
  return (
    isObject(seen) &&
    typeof seen.id === "string" &&
    Number.isFinite(seen.revision) &&
    typeof seen.digest === "string"
  );
}
