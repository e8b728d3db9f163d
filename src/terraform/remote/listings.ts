import type { Values } from "../../core/value.ts";
import type { CozeClient } from "../../coze/client.ts";
import { listAll } from "../../kind/identity-match.ts";
import type { Item } from "../../kind/kind.ts";
import type { CozeKind } from "../schema/names.ts";
import type { Account } from "./account.ts";
import { batch, batchMs, keepEach } from "./batcher.ts";
import type { Writes } from "./writes.ts";

/** All objects of a kind below a parent, as they were at a time. */
export interface SharedListing {
  /** When it was begun; epoch milliseconds of our clock. */
  readonly begun: number;
  readonly items: readonly Item[];
  readonly byId: ReadonlyMap<string, Item>;
}

/** What a list is asked for. */
export interface Ask {
  /** It must tell all that concerns such an object. */
  readonly spec: Values;
  /** Only a list that was begun after that will do; epoch milliseconds, which may be to come. */
  readonly since?: number;
}

/** Lists that everybody shares. */
export interface Listings {
  find(kind: CozeKind, parent: string | undefined, ask: Ask): Promise<SharedListing>;
  /** Whether some list showed an object. */
  showed(kind: string, id: string): boolean;
}

/** Lists of one kind and parent from one time on; each tells more than the one before it. */
interface Shelf {
  readonly begun: number;
  /** It knows the pages of former lists, so that one that looks for more costs no more than that. */
  readonly client: CozeClient;
  readonly specs: Values[];
  readonly lists: { readonly words: ReadonlySet<string>; readonly listing: Promise<SharedListing> }[];
}

/** After a write, lists wait this long for other writes to end whose objects they show as well. Milliseconds. */
const longestGathering = 1000;

/** Nothing was listed yet. */
export function createListings(account: Account, writes: Writes): Listings {
  const shelves = new Map<string, Shelf>();
  const shown = new Set<string>();
  const askers = keepEach<(ask: Ask) => Promise<SharedListing>>();

  async function list(kind: CozeKind, parent: string | undefined, shelf: Shelf): Promise<SharedListing> {
    const items = await listAll(shelf.client, kind, parent, shelf.specs);
    for (const { id } of items) shown.add(`${kind.name} ${id}`);
    return { begun: shelf.begun, items, byId: new Map(items.map((item) => [item.id, item])) };
  }

  function listFor(
    kind: CozeKind,
    parent: string | undefined,
    key: string,
    asks: readonly Ask[],
  ): Promise<SharedListing> {
    const since = asks.reduce((latest, ask) => Math.max(latest, ask.since ?? 0), 0);
    const former = shelves.get(key);
    const shelf = former && former.begun > since ? former : openShelf(account);
    shelves.set(key, shelf);
    const words = new Set(shelf.lists.at(-1)?.words);
    for (const { spec } of asks) {
      const missing = wordsOf(kind, spec).filter((word) => !words.has(word));
      if (missing.length > 0) shelf.specs.push(spec);
      for (const word of missing) words.add(word);
    }
    const last = shelf.lists.at(-1);
    if (last && last.words.size === words.size) return last.listing;
    const listing = list(kind, parent, shelf);
    shelf.lists.push({ words, listing });
    return listing;
  }

  async function untilQuiet(kind: CozeKind, parent: string | undefined): Promise<void> {
    const end = account.now() + longestGathering;
    do await account.rest(batchMs);
    while (writes.areGoingOn({ kind, parent }) && account.now() < end && !account.stopped);
  }

  return {
    showed: (kind, id) => shown.has(`${kind} ${id}`),
    async find(kind, parent, ask) {
      const { since } = ask;
      const early = (since ?? 0) - account.now();
      if (early > 0) await account.rest(early);
      const key = JSON.stringify([kind.name, parent ?? null]);
      const known = findOn(shelves.get(key), kind, ask);
      if (known) return await known;
      const asker = askers([key, since === undefined], () =>
        batch({
          wait: () => (since === undefined ? account.rest(batchMs) : untilQuiet(kind, parent)),
          async run(asks) {
            const listing = await listFor(kind, parent, key, asks);
            return asks.map(() => listing);
          },
        }),
      );
      return await asker(ask);
    },
  };
}

const openShelf = ({ client, now }: Account): Shelf => ({
  begun: now(),
  client: client.remembering(),
  specs: [],
  lists: [],
});

const wordsOf = (kind: CozeKind, spec: Values): readonly string[] => kind.listing?.scope?.(spec) ?? [];

/** A list that tells what is asked for already, or is about to. */
function findOn(shelf: Shelf | undefined, kind: CozeKind, { spec, since = 0 }: Ask) {
  if (!shelf || shelf.begun <= since) return undefined;
  const words = wordsOf(kind, spec);
  return shelf.lists.find((list) => words.every((word) => list.words.has(word)))?.listing;
}
