import type { Values } from "../../core/value.ts";
import type { CozeClient } from "../../coze/client.ts";
import { holderKind } from "../../kind/holder.ts";
import { listLag } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { kinds } from "../../kinds/index.ts";
import {
  listUnlessGone,
  type RefreshHost,
  readWhole,
  refreshListed,
  refreshUnlisted,
  type Sighting,
  waitUntilPast,
} from "../../lifecycle/presence.ts";
import type { CozeKind } from "../schema/names.ts";
import type { Account } from "./account.ts";
import type { ListingRequest, Listings, SharedListing, Writes } from "./listings.ts";

/** What is remembered of an object when it is looked at. */
export interface Known {
  /** What was last seen or applied; a listing asks for no more than such specs need. */
  readonly spec: Values;
  /** The revision at which the whole object was last read. */
  readonly revision?: number | undefined;
  /** When it was made, epoch seconds: a list may not show it yet. */
  readonly made?: number | undefined;
}

/** Looks at objects of one account. */
export interface Refresh {
  /** Looks at one object: in a list shared by all, and by a call of its own only when it changed. */
  look(kind: CozeKind, at: Place, known: Known): Promise<Sighting>;
  /** Looks after a write: nothing that was seen before counts, and what is written by now is past at Coze. */
  lookAgain(kind: CozeKind, at: Place, known: Known): Promise<Sighting>;
  /** Where the object of an id is, searched through everything that the token sees; undefined when nowhere. */
  locate(kind: CozeKind, id: string): Promise<Place | undefined>;
}

interface RefreshContext {
  readonly account: Account;
  readonly listings: Listings;
  readonly writes: Writes;
}

/** Looks at objects of an account through its shared listings. */
export function createRefresh(account: Account, listings: Listings, writes: Writes): Refresh {
  const context: RefreshContext = { account, listings, writes };
  return {
    look: (kind, at, known) => look(context, kind, at, known),
    lookAgain: (kind, at, known) => lookAgain(context, kind, at, known),
    locate: (kind, id) => locateObject(context, kind, id),
  };
}

const openHost = (account: Account, kind: CozeKind): RefreshHost<CozeClient> => ({
  api: account.client,
  kind,
  serverTime: () => account.client.serverTime(),
  call: (_place, make) => make(),
});

async function look(
  context: RefreshContext,
  kind: CozeKind,
  at: Place,
  { spec, revision, made }: Known,
): Promise<Sighting> {
  const host = openHost(context.account, kind);
  const listing = await listBelow(context, kind, at, { spec });
  if (!listing) return { status: "absent" };
  const item = listing.byId.get(at.id);
  if (item) return refreshListed(host, item, item.revision !== undefined && item.revision === revision);
  return refreshUnlisted(host, at, spec, async () => {
    const begun = made === undefined ? listing.begun : 1000 * (made + 1);
    // Another machine's clock may be ahead of ours.
    const since = Math.min(begun, listing.begun) + listLag;
    return (await listBelow(context, kind, at, { spec, since }))?.byId.get(at.id);
  });
}

/** The objects below an object's parent; undefined when that is gone. */
const listBelow = (
  { account, listings }: RefreshContext,
  kind: CozeKind,
  { parent }: Place,
  request: ListingRequest,
): Promise<SharedListing | undefined> =>
  listUnlessGone(kind, parent, () => listings.find(kind, parent, request), {
    showed: listings.showed,
    listHolders: async (name) => {
      const holder = kinds.find((one) => one.name === name);
      if (!holder || holder.parent !== undefined) return [];
      return (await listings.find(holder, undefined, { spec: {} })).items;
    },
    explain: account.explain,
  });

async function lookAgain(
  context: RefreshContext,
  kind: CozeKind,
  at: Place,
  { spec }: Known,
): Promise<Sighting> {
  const host = openHost(context.account, kind);
  if (kind.listing?.revisions)
    await waitUntilPast(context.account, host.serverTime, Math.floor(host.serverTime() / 1000));
  const reading = kind.read && (await readWhole(host, at));
  if (kind.read && !reading) return { status: "absent" };
  const news = missingNews(kind, spec, reading?.live);
  if (!news) return { status: "present", live: {}, ...reading, whole: reading !== undefined };
  const item = await findAgain(context, kind, at, { spec, patient: news === "lasting" });
  return {
    status: "present",
    revision: reading?.revision,
    health: item?.health,
    live: { ...item?.live, ...reading?.live },
    whole: item !== undefined,
  };
}

/** What only a list can tell of an object that was written: something, something that stays (`lasting`), or nothing. */
function missingNews(
  { fields, read }: CozeKind,
  known: Values,
  seen: Values = {},
): "passing" | "lasting" | undefined {
  const computed = Object.entries(fields).filter(([, { presence }]) => presence === "computed");
  const isLasting = ([name, { immutable }]: (typeof computed)[number]) =>
    immutable === true && known[name] === undefined && seen[name] === undefined;
  if (computed.some(isLasting)) return "lasting";
  return !read && computed.some(([, { immutable }]) => !immutable) ? "passing" : undefined;
}

/** Looks for an object in a fresh list; where it must be there, in one after lists have caught up as well. */
async function findAgain(
  { account, listings }: RefreshContext,
  kind: CozeKind,
  at: Place,
  { spec, patient }: { readonly spec: Values; readonly patient: boolean },
): Promise<Item | undefined> {
  const now = account.now();
  const item = (await listings.find(kind, at.parent, { spec, since: now })).byId.get(at.id);
  if (item || !patient) return item;
  return (await listings.find(kind, at.parent, { spec, since: now + listLag })).byId.get(at.id);
}

/** Finds the place of an object, by a call about it alone or through everything that the token sees. */
async function locateObject(context: RefreshContext, kind: CozeKind, id: string): Promise<Place | undefined> {
  // Ids of what Coze keeps once per identity are unique only below what holds it: a member's is the user's.
  if (kind.unique) return undefined;
  if (kind.read && kind.parent !== undefined) {
    const reading = await kind.read(context.account.client, { id });
    const parent = reading?.live[kind.parent];
    if (!reading || typeof parent === "string") return reading && { id, parent: String(parent) };
  }
  for await (const place of placesOf(context, kind)) if (place.id === id) return place;
  return undefined;
}

async function* placesOf(context: RefreshContext, kind: CozeKind): AsyncGenerator<Place> {
  for await (const parent of parentsOf(context, kind)) {
    for (const { id } of await itemsBelow(context, kind, parent)) yield { id, parent };
  }
}

async function* parentsOf(context: RefreshContext, kind: CozeKind): AsyncGenerator<string | undefined> {
  const holder = kinds.find(({ name }) => name === holderKind(kind));
  if (!holder) yield undefined;
  else for await (const { id } of placesOf(context, holder)) yield id;
}

async function itemsBelow(
  { account, listings, writes }: RefreshContext,
  kind: CozeKind,
  parent: string | undefined,
): Promise<readonly Item[]> {
  // Some lists show only what they are asked for.
  const isBlind = kind.listing?.calls?.([{}]) === 0;
  // What this process wrote has to be found.
  const since = writes.lastEnd({ kind, parent });
  const specs = isBlind ? (kind.listing?.widest ?? []) : [{}];
  try {
    const listed = await Promise.all(
      specs.map((spec) => listings.find(kind, parent, { spec: spec as Values, since })),
    );
    return listed.flatMap(({ items }) => items);
  } catch (error) {
    const { type } = account.explain(error);
    if (type === "forbidden" || type === "not-found") return [];
    throw error;
  }
}
