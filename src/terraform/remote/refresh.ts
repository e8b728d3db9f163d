import type { Values } from "../../core/value.ts";
import { listLag, unlisted } from "../../kind/identity-match.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { type CozeKind, parentKindOf } from "../schema/names.ts";

import type { Account } from "./account.ts";
import type { Ask, Listings, SharedListing } from "./listings.ts";
import type { Known, Remote, Sighting } from "./remote.ts";

const absent: Sighting = { status: "absent" };

/** Looks at objects of one account. */
export function createRefresh(account: Account, listings: Listings): Pick<Remote, "look" | "lookAgain"> {
  const looking: Looking = { account, listings };
  return {
    async look(kind, at, known) {
      const listing = await listAround(looking, kind, at, { spec: known.spec });
      if (!listing) return absent;
      const item = listing.byId.get(at.id);
      return item ? lookAt(looking, kind, item, known) : lookBeside(looking, kind, at, { known, listing });
    },
    lookAgain: (kind, at, known) => lookAgain(looking, kind, at, known),
  };
}

interface Looking {
  readonly account: Account;
  readonly listings: Listings;
}

/** What holds the object may be gone, and then nothing is below it: undefined. */
async function listAround(
  { account, listings }: Looking,
  kind: CozeKind,
  { parent }: Place,
  ask: Ask,
): Promise<SharedListing | undefined> {
  try {
    return await listings.find(kind, parent, ask);
  } catch (error) {
    // Of a holder that was just seen, that it doesn't exist is no word to go by.
    const isGone = parent !== undefined && !listings.showed(parentKindOf(kind) ?? "", parent);
    if (isGone && account.explain(error).type === "not-found") return undefined;
    throw error;
  }
}

async function lookAt(
  { account }: Looking,
  kind: CozeKind,
  item: Item,
  { revision: remembered }: Known,
): Promise<Sighting> {
  const { live, revision, health } = item;
  const shown = { status: "present", ...(health === undefined ? {} : { health }) } as const;
  if (!kind.read) return { ...shown, live, whole: true };
  if (revision !== undefined && revision === remembered) return { ...shown, live, revision, whole: false };
  const seen = await readWhole(account, kind, item, revision);
  return seen ? { ...shown, ...seen, live: { ...live, ...seen.live }, whole: true } : absent;
}

/** What a call about the object alone shows; `listed`: its revision in a list. Undefined: there is none. */
async function readWhole(
  { client }: Account,
  kind: CozeKind,
  at: Place,
  listed?: number,
): Promise<{ readonly live: Values; readonly revision?: number } | undefined> {
  const readAt = secondAt(client);
  const reading = await kind.read?.(client, at);
  if (!reading) return undefined;
  const { live, revision = listed } = reading;
  // A revision counts in seconds: one that wasn't past yet when the object was read may hide a later change.
  return { live, ...(revision !== undefined && readAt > revision ? { revision } : {}) };
}

const secondAt = (client: Account["client"]): number => Math.floor(client.serverTime() / 1000);

/**
 * A list may lag, or hide objects: a call about the object itself settles that it is gone, or, for want of one, a
 * second list after a while.
 */
async function lookBeside(
  looking: Looking,
  kind: CozeKind,
  at: Place,
  { known, listing }: { readonly known: Known; readonly listing: SharedListing },
): Promise<Sighting> {
  const { client } = looking.account;
  if (kind.exists) {
    const isThere = await kind.exists(client, at, known.spec);
    return isThere ? { status: "present", live: {}, whole: false } : absent;
  }
  if (kind.read) {
    const seen = await readWhole(looking.account, kind, at);
    const live = { ...unlisted(kind, at, known.spec), ...seen?.live };
    return seen ? { status: "present", ...seen, live, whole: true } : absent;
  }
  const made = known.made === undefined ? listing.begun : 1000 * (known.made + 1);
  // Another machine's clock may be ahead of ours.
  const since = Math.min(made, listing.begun) + listLag;
  const later = await listAround(looking, kind, at, { spec: known.spec, since });
  const item = later?.byId.get(at.id);
  return item ? lookAt(looking, kind, item, known) : absent;
}

async function lookAgain(looking: Looking, kind: CozeKind, at: Place, known: Known): Promise<Sighting> {
  const { account } = looking;
  if (kind.listing?.revisions) await untilPast(account);
  const seen = kind.read && (await readWhole(account, kind, at));
  if (kind.read && !seen) return absent;
  const news = missingNews(kind, known.spec, seen?.live);
  if (!news) return { status: "present", live: {}, ...seen, whole: seen !== undefined };
  const item = await findAgain(looking, kind, at, { spec: known.spec, patient: news === "for good" });
  const health = item?.health === undefined ? {} : { health: item.health };
  const live = { ...item?.live, ...seen?.live };
  return { status: "present", ...health, ...seen, live, whole: item !== undefined };
}

/** Waits until what was written by now can't share its second with anything that is still to come. */
async function untilPast(account: Account): Promise<void> {
  const { client } = account;
  const past = 1000 * (secondAt(client) + 1);
  while (client.serverTime() < past && !account.stopped) await account.rest(past - client.serverTime());
}

/** What only a list can tell of an object that was written: something, something that stays `for good`, or nothing. */
function missingNews(
  { fields, read }: CozeKind,
  known: Values,
  seen: Values = {},
): "for now" | "for good" | undefined {
  const computed = Object.entries(fields).filter(([, { presence }]) => presence === "computed");
  const isLasting = ([name, { immutable }]: (typeof computed)[number]) =>
    immutable === true && known[name] === undefined && seen[name] === undefined;
  if (computed.some(isLasting)) return "for good";
  return !read && computed.some(([, { immutable }]) => !immutable) ? "for now" : undefined;
}

/** Looks for an object in a fresh list; where it must be there, in one after lists have caught up as well. */
async function findAgain(
  { account, listings }: Looking,
  kind: CozeKind,
  at: Place,
  { spec, patient }: { readonly spec: Values; readonly patient: boolean },
): Promise<Item | undefined> {
  const now = account.now();
  const item = (await listings.find(kind, at.parent, { spec, since: now })).byId.get(at.id);
  if (item || !patient) return item;
  return (await listings.find(kind, at.parent, { spec, since: now + listLag })).byId.get(at.id);
}
