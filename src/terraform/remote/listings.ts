import type { Values } from "../../core/value.ts";
import type { CozeClient } from "../../coze/client.ts";
import { listAll } from "../../kind/identity-match.ts";
import type { Item } from "../../kind/kind.ts";
import { keepEach } from "../../lifecycle/batching.ts";
import type { CozeKind } from "../schema/names.ts";
import type { Account } from "./account.ts";
import { batch, batchMs } from "./batches.ts";

/** All objects of a kind below a parent, as they were at a time. */
export interface SharedListing {
  /** When it was begun; epoch milliseconds of our clock. */
  readonly begun: number;
  readonly items: readonly Item[];
  readonly byId: ReadonlyMap<string, Item>;
}

/** What a listing has to show. */
export interface ListingRequest {
  /** All that concerns an object with this spec. */
  readonly spec: Values;
  /** Only a listing that was begun after this time will do; epoch milliseconds, which may be in the future. */
  readonly since?: number | undefined;
}

/** Listings that all resources share. */
export interface Listings {
  find(kind: CozeKind, parent: string | undefined, request: ListingRequest): Promise<SharedListing>;
  /** Whether some listing showed an object. */
  showed(kind: string, id: string): boolean;
}

/** Listings of one kind and parent that count as begun at one time; each tells more than the one before it. */
interface Generation {
  readonly begun: number;
  /** It keeps the pages of earlier listings, so that a listing that looks for more costs only what is new. */
  readonly client: CozeClient;
  readonly specs: Values[];
  readonly lists: { readonly words: ReadonlySet<string>; readonly listing: Promise<SharedListing> }[];
}

/** After a write, a listing waits this long for other writes to end whose objects it shows as well. Milliseconds. */
const longestGathering = 1000;

/** Listings of one account. */
export function createListings(account: Account, writes: Writes): Listings {
  const generations = new Map<string, Generation>();
  const shown = new Set<string>();
  const gatherers = keepEach<(request: ListingRequest) => Promise<SharedListing>>();

  async function list(
    kind: CozeKind,
    parent: string | undefined,
    generation: Generation,
  ): Promise<SharedListing> {
    const items = await listAll(generation.client, kind, parent, { specs: generation.specs });
    for (const { id } of items) shown.add(`${kind.name}/${id}`);
    return { begun: generation.begun, items, byId: new Map(items.map((item) => [item.id, item])) };
  }

  function listFor(
    kind: CozeKind,
    parent: string | undefined,
    key: string,
    requests: readonly ListingRequest[],
  ): Promise<SharedListing> {
    const since = requests.reduce((latest, request) => Math.max(latest, request.since ?? 0), 0);
    const former = generations.get(key);
    const generation = former && former.begun > since ? former : openGeneration(account);
    generations.set(key, generation);
    const words = new Set(generation.lists.at(-1)?.words);
    for (const { spec } of requests) {
      const missing = wordsOf(kind, spec).filter((word) => !words.has(word));
      if (missing.length > 0) generation.specs.push(spec);
      for (const word of missing) words.add(word);
    }
    const last = generation.lists.at(-1);
    if (last && last.words.size === words.size) return last.listing;
    const listing = list(kind, parent, generation);
    generation.lists.push({ words, listing });
    return listing;
  }

  async function untilQuiet(kind: CozeKind, parent: string | undefined): Promise<void> {
    const end = account.now() + longestGathering;
    do await account.sleep(batchMs);
    while (writes.areGoingOn({ kind, parent }) && account.now() < end && !account.stopped);
  }

  return {
    showed: (kind, id) => shown.has(`${kind}/${id}`),
    async find(kind, parent, request) {
      const { since } = request;
      const early = (since ?? 0) - account.now();
      if (early > 0) await account.sleep(early);
      const key = JSON.stringify([kind.name, parent ?? null]);
      const known = findOn(generations.get(key), kind, request);
      if (known) return await known;
      const gather = gatherers([key, since === undefined], () =>
        batch({
          wait: () => (since === undefined ? account.sleep(batchMs) : untilQuiet(kind, parent)),
          async run(requests) {
            const listing = await listFor(kind, parent, key, requests);
            return requests.map(() => listing);
          },
        }),
      );
      return await gather(request);
    },
  };
}

const openGeneration = ({ client, now }: Account): Generation => ({
  begun: now(),
  client: client.remembering(),
  specs: [],
  lists: [],
});

const wordsOf = (kind: CozeKind, spec: Values): readonly string[] => kind.listing?.scope?.(spec) ?? [];

/** A listing that tells what is asked for, or is about to. */
function findOn(generation: Generation | undefined, kind: CozeKind, { spec, since = 0 }: ListingRequest) {
  if (!generation || generation.begun <= since) return undefined;
  const words = wordsOf(kind, spec);
  return generation.lists.find((list) => words.every((word) => list.words.has(word)))?.listing;
}

/** Writes that are under way, by kind and by the object that holds theirs. */
export interface Writes {
  /** Counts a write while it goes on. */
  during<T>(scope: WriteScope, write: () => Promise<T>): Promise<T>;
  areGoingOn(scope: WriteScope): boolean;
  /** When the last one ended, epoch milliseconds; undefined when there was none. */
  lastEnd(scope: WriteScope): number | undefined;
}

/** Objects of a kind below a parent. */
interface WriteScope {
  readonly kind: { readonly name: string };
  readonly parent: string | undefined;
}

/** Counts writes from none on. */
export function createWrites(now: () => number): Writes {
  const ends = new Map<string, number>();
  const counts = new Map<string, number>();
  const keyOf = ({ kind, parent }: WriteScope) => `${kind.name}/${parent ?? ""}`;
  const add = (key: string, change: number) => counts.set(key, (counts.get(key) ?? 0) + change);
  return {
    async during(scope, write) {
      const key = keyOf(scope);
      add(key, 1);
      try {
        return await write();
      } finally {
        add(key, -1);
        ends.set(key, now());
      }
    },
    lastEnd: (scope) => ends.get(keyOf(scope)),
    areGoingOn: (scope) => (counts.get(keyOf(scope)) ?? 0) > 0,
  };
}
