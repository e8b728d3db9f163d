import type { Values } from "../../core/value.ts";
import type { Item, Place } from "../../kind/kind.ts";
import { kinds } from "../../kinds/index.ts";
import type { CozeKind } from "../schema/names.ts";
import type { Account } from "./account.ts";
import type { Listings } from "./listings.ts";
import type { Writes } from "./writes.ts";

/** Finds where the object of an id is, by a call about it alone or through everything that the token sees. */
export async function locateObject(search: Search, kind: CozeKind, id: string): Promise<Place | undefined> {
  // Ids of what Coze keeps once per identity are unique only below what holds it: a member's is the user's.
  if (kind.unique) return undefined;
  if (kind.read && kind.parent !== undefined) {
    const reading = await kind.read(search.account.client, { id });
    const parent = reading?.live[kind.parent];
    if (!reading || typeof parent === "string") return reading && { id, parent: String(parent) };
  }
  for await (const place of placesOf(search, kind)) if (place.id === id) return place;
  return undefined;
}

interface Search {
  readonly account: Account;
  readonly listings: Listings;
  /** What this process wrote itself has to be found. */
  readonly writes: Writes;
}

async function* placesOf(search: Search, kind: CozeKind): AsyncGenerator<Place> {
  for await (const parent of parentsOf(search, kind)) {
    for (const { id } of await itemsBelow(search, kind, parent)) {
      yield parent === undefined ? { id } : { id, parent };
    }
  }
}

async function* parentsOf(search: Search, kind: CozeKind): AsyncGenerator<string | undefined> {
  const field = kind.parent === undefined ? undefined : kind.fields[kind.parent];
  const holder = field?.type === "ref" && kinds.find(({ name }) => name === field.kind);
  if (!holder) yield undefined;
  else for await (const { id } of placesOf(search, holder)) yield id;
}

async function itemsBelow(
  { account, listings, writes }: Search,
  kind: CozeKind,
  parent: string | undefined,
): Promise<readonly Item[]> {
  // Some lists show nothing unless they are told what to look for.
  const isBlind = kind.listing?.calls?.([{}]) === 0;
  const since = writes.lastEnd({ kind, parent });
  const specs = isBlind ? (kind.listing?.widest ?? []) : [{}];
  try {
    const listed = await Promise.all(
      specs.map((spec) =>
        listings.find(kind, parent, { spec: spec as Values, ...(since === undefined ? {} : { since }) }),
      ),
    );
    return listed.flatMap(({ items }) => items);
  } catch (error) {
    const { type } = account.explain(error);
    if (type === "forbidden" || type === "not-found") return [];
    throw error;
  }
}
