import type { Values } from "../core/value.ts";
import { bearsIdentity, listLag, preferExact } from "../kind/identity-match.ts";
import type { BatchOutcome, Created, Item, Kind } from "../kind/kind.ts";
import { asError } from "./batching.ts";
import { pausesOfSearch } from "./poll-intervals.ts";
import { isTransient, type Port } from "./port.ts";

/** A creating call whose answer was lost is repeated at most this often, and only when its object isn't found. */
const mostRepeats = 1;

/** What tells the object of a creating call apart from other objects. */
export interface CreateTrace {
  /** The spec that the call was made with. */
  readonly spec: Values;
  /** Ids of the objects that bore the same identity before the call; undefined where they aren't known. */
  readonly before: readonly string[] | undefined;
  /** When the call was made, epoch seconds. */
  readonly begun: number;
}

/** A creating call whose answer was lost. */
export interface LostCreate<T> {
  readonly creation: T;
  readonly error: Error;
}

/** Why a creation has no object. */
export type CreateFailure =
  /** Coze refused the call, so there is no object. */
  | { readonly why: "refused"; readonly error: Error }
  /** No answer came, nothing was found, and the call isn't repeated any more. */
  | { readonly why: "lost"; readonly error: Error }
  /** No answer came, and each of these objects could be the result. */
  | { readonly why: "ambiguous"; readonly error: Error; readonly items: readonly Item[] }
  /** No answer came, and the search failed with `cause`. */
  | { readonly why: "unsearched"; readonly error: Error; readonly cause: Error };

/** What an engine provides for creations of one kind; `T` is one creation as the engine knows it. */
export interface CreateHost<Api, T> {
  readonly api: Api;
  readonly kind: Kind<Api>;
  /** Makes the creating calls of one attempt. */
  create(creations: readonly T[]): Promise<readonly BatchOutcome<Created>[]>;
  /** Lists, in one listing that begins now, what is where the objects of some creations would be. */
  list(creations: readonly T[]): Promise<readonly Item[]>;
  trace(creation: T): CreateTrace;
  /** Those among some objects that belong to no other resource. */
  findFree(creation: T, items: readonly Item[]): readonly Item[];
  /**
   * Searches where objects take long to appear (`appearsWithin`). Resolves with the creations that can be repeated since
   * their objects can't appear any more.
   */
  searchSlow(lost: readonly LostCreate<T>[]): Promise<readonly LostCreate<T>[]>;
  /** Called once per creation that has an object or a task, as soon as that is known. */
  created(creation: T, created: Created): void;
  /** Called once per creation whose answer was lost and whose object was found. */
  found(creation: T, item: Item): void;
  /** Called once per creation that has none. */
  failed(creation: T, failure: CreateFailure): void;
}

/**
 * Creates objects of one kind. When an answer is lost it searches for the object, and repeats the call once if there is
 * none. Throws only what the host's own functions throw.
 */
export async function createWithRecovery<Api, T>(
  port: Port,
  host: CreateHost<Api, T>,
  creations: readonly T[],
): Promise<void> {
  let left = creations;
  for (let repeats = 0; left.length > 0; repeats += 1) {
    const lost = await attempt(port, host, left);
    const missing = await search(port, host, lost);
    const isLast = repeats >= mostRepeats || port.stopped;
    if (isLast) for (const { creation, error } of missing) host.failed(creation, { why: "lost", error });
    left = isLast ? [] : missing.map(({ creation }) => creation);
  }
}

/** Makes the calls; resolves with the creations whose answer was lost. */
async function attempt<Api, T>(
  port: Port,
  host: CreateHost<Api, T>,
  creations: readonly T[],
): Promise<readonly LostCreate<T>[]> {
  const outcomes = await host.create(creations);
  const lost: LostCreate<T>[] = [];
  creations.forEach((creation, index) => {
    const outcome = outcomes[index];
    if (!outcome) throw new Error("a creation has no outcome");
    if ("value" in outcome) host.created(creation, outcome.value);
    else if (port.explain(outcome.error).type === "unknown-outcome")
      lost.push({ creation, error: outcome.error });
    else host.failed(creation, { why: "refused", error: outcome.error });
  });
  return lost;
}

async function search<Api, T>(
  port: Port,
  host: CreateHost<Api, T>,
  lost: readonly LostCreate<T>[],
): Promise<readonly LostCreate<T>[]> {
  if (lost.length === 0) return [];
  return host.kind.listing?.appearsWithin === undefined
    ? searchFor(port, host, lost, listLag)
    : host.searchSlow(lost);
}

/**
 * Searches at once, and again with growing pauses for `time` milliseconds; resolves with what wasn't found. If the last
 * search failed, the creations have failed.
 */
export async function searchFor<Api, T>(
  port: Port,
  host: CreateHost<Api, T>,
  lost: readonly LostCreate<T>[],
  time: number,
): Promise<readonly LostCreate<T>[]> {
  let search: Search<T> = { missing: lost };
  for (const pause of [0, ...pausesOfSearch(time)]) {
    if (pause > 0) await port.sleep(pause);
    search = await searchOnce(port, host, search.missing);
    if (search.missing.length === 0 || port.stopped) break;
  }
  return endSearch(host, search);
}

/** One search; `cause`: it failed in a way that may pass, and nothing is known of the missing ones. */
export interface Search<T> {
  readonly missing: readonly LostCreate<T>[];
  readonly cause?: Error | undefined;
}

/** The result of the last search: what it didn't find, none if it failed, and then the creations have failed. */
export function endSearch<Api, T>(
  host: CreateHost<Api, T>,
  { missing, cause }: Search<T>,
): readonly LostCreate<T>[] {
  if (!cause) return missing;
  for (const { creation, error } of missing) host.failed(creation, { why: "unsearched", error, cause });
  return [];
}

/**
 * Searches through one listing. If the result is ambiguous, or the listing fails for good, the creation has failed and
 * isn't missing any more.
 */
export async function searchOnce<Api, T>(
  port: Port,
  host: CreateHost<Api, T>,
  lost: readonly LostCreate<T>[],
): Promise<Search<T>> {
  const missing: LostCreate<T>[] = [];
  const open = new Set(lost);
  try {
    const items = await host.list(lost.map(({ creation }) => creation));
    for (const one of lost) {
      const { creation, error } = one;
      const [only, ...others] = await findAppeared(host, creation, items);
      open.delete(one);
      if (!only) missing.push(one);
      else if (others.length === 0 && isNew(host, creation)) host.found(creation, only);
      else host.failed(creation, { why: "ambiguous", error, items: [only, ...others] });
    }
  } catch (error) {
    const search = { missing: [...open, ...missing], cause: asError(error) };
    return isTransient(port, error) ? search : { missing: endSearch(host, search) };
  }
  return { missing };
}

/** Whether an object that was found can't have been there before, or would be the same one if it had. */
const isNew = <Api, T>({ kind, trace }: CreateHost<Api, T>, creation: T): boolean =>
  trace(creation).before !== undefined || kind.unique === true;

/** Objects that weren't there before, bear the identity and belong to no other resource. */
async function findAppeared<Api, T>(
  host: CreateHost<Api, T>,
  creation: T,
  items: readonly Item[],
): Promise<readonly Item[]> {
  const { api, kind } = host;
  const { spec, before, begun } = host.trace(creation);
  const isFitting = (item: Item) => before?.includes(item.id) !== true && bearsIdentity(kind, item, spec);
  const appeared = preferExact(kind, host.findFree(creation, items.filter(isFitting)), spec);
  if (!kind.copying || appeared.length === 0) return appeared;
  // Another creation may have taken an object during the call.
  return host.findFree(creation, await kind.copying.recognise(api, appeared, { spec, begun }));
}
