import { ExplainedError } from "../core/explained-error.ts";
import type { Failure } from "../core/failure.ts";
import type { Values } from "../core/value.ts";
import { holderKind } from "../kind/holder.ts";
import { unlisted } from "../kind/identity-match.ts";
import type { Item, Kind, Place } from "../kind/kind.ts";
import { explain } from "../messages/text.ts";
import type { Port } from "./port.ts";

/** An object as it was seen at Coze. */
export type Sighting =
  | { readonly status: "absent" }
  | {
      readonly status: "present";
      readonly live: Values;
      /** Absent: it must be read whole the next time. */
      readonly revision?: number | undefined;
      /** `false`: `live` is only what the list tells; the rest is unchanged. */
      readonly whole: boolean;
      readonly health?: Item["health"] | undefined;
      /** The names of objects that it refers to, by their ids, as far as they are known. */
      readonly names?: ReadonlyMap<string, string> | undefined;
      /** The fields of `live` that only a list showed, which may lag. */
      readonly listed?: readonly string[] | undefined;
    };

/** What reading objects of one kind needs. */
export interface RefreshHost<Api> {
  readonly api: Api;
  readonly kind: Kind<Api>;
  /** The objects were just written, so that a call may not find yet what a list shows. */
  readonly justWritten?: boolean | undefined;
  /** A lower bound of Coze's clock, epoch milliseconds. */
  serverTime(): number;
  /** Makes a call about one object; the host may queue it, and may add to its error. */
  call<T>(place: Place, make: () => Promise<T>): Promise<T>;
}

const absent: Sighting = { status: "absent" };

/**
 * Looks at an object that a list shows: by a call of its own unless `isUnchanged`, as far as its revision tells. Throws
 * {@link ExplainedError} if that call doesn't find it: what a list shows is never gone.
 */
export async function refreshListed<Api>(
  host: RefreshHost<Api>,
  item: Item,
  isUnchanged: boolean,
): Promise<Sighting> {
  const { live, revision, health } = item;
  const names = Object.keys(live);
  if (!host.kind.read) return { status: "present", live, whole: true, health, listed: names };
  if (isUnchanged) return { status: "present", live, revision, whole: false, health };
  const reading = await readWhole(host, item, { revision });
  if (!reading) return absent;
  const listed = names.filter((name) => reading.live[name] === undefined);
  return { ...reading, status: "present", live: { ...live, ...reading.live }, whole: true, health, listed };
}

/**
 * Looks at an object that a list doesn't show, since lists lag and hide objects: by a call of its own, or, where there is
 * none, in a second list. An object is gone only when two listings lack it. `known`: its spec as last known;
 * `listAgain`: the object in a list that shows everything that it can show by now, undefined when it lacks it.
 */
export async function refreshUnlisted<Api>(
  host: RefreshHost<Api>,
  place: Place,
  known: Values,
  listAgain: () => Promise<Item | undefined>,
): Promise<Sighting> {
  const { api, kind } = host;
  if (kind.exists) {
    const isThere = await host.call(place, async () => kind.exists?.(api, place, known));
    return isThere ? { status: "present", live: {}, whole: false } : absent;
  }
  if (kind.read) {
    const reading = await readWhole(host, place);
    if (!reading) return absent;
    return {
      ...reading,
      status: "present",
      live: { ...unlisted(kind, place, known), ...reading.live },
      whole: true,
    };
  }
  const item = await listAgain();
  return item ? refreshListed(host, item, false) : absent;
}

/**
 * What a call about an object alone shows; undefined when there is none. `listed`: a list shows it, with this revision.
 * The revision is given only if it can be relied on. Throws {@link ExplainedError}.
 */
export async function readWhole<Api>(
  { api, kind, justWritten, serverTime, call }: RefreshHost<Api>,
  place: Place,
  listed?: { readonly revision: number | undefined },
): Promise<Pick<Extract<Sighting, { status: "present" }>, "live" | "revision" | "names"> | undefined> {
  let readAt = 0;
  const reading = await call(place, async () => {
    readAt = secondOf(serverTime());
    const found = await kind.read?.(api, place);
    // Coze's "doesn't exist" also means that this account didn't make the object.
    if (!found && listed && !justWritten)
      throw new ExplainedError(explain("engine/listed-unreadable", { id: place.id }));
    return found;
  });
  if (!reading) return undefined;
  const { live, revision = listed?.revision, names } = reading;
  // A revision counts in seconds: if its second wasn't over when the object was read, it may hide a later change.
  return { live, names, revision: revision !== undefined && readAt > revision ? revision : undefined };
}

const secondOf = (ms: number): number => Math.floor(ms / 1000);

/** Waits until a second of Coze's clock is over: changes made by then can't share it with later ones. */
export async function waitUntilPast(port: Port, serverTime: () => number, second: number): Promise<void> {
  const past = 1000 * (second + 1);
  while (serverTime() < past && !port.stopped) await port.sleep(past - serverTime());
}

/**
 * The result of a listing; undefined when the object that holds the listed ones is gone, and they with it. `showed`:
 * whether an object of a kind was just seen, so that a "not found" about it proves nothing. `listHolders`: the objects of
 * a kind that nothing holds; asked only after a "not found", and an answer that the token may not list them counts as
 * none. Throws {@link ExplainedError} for a holder that a list shows.
 */
export async function listUnlessGone<Api, T>(
  kind: Kind<Api>,
  parent: string | undefined,
  list: () => Promise<T>,
  judge: {
    readonly showed: (kind: string, id: string) => boolean;
    readonly listHolders: (kind: string) => Promise<readonly Item[]>;
    readonly explain: (error: unknown) => Failure;
  },
): Promise<T | undefined> {
  try {
    return await list();
  } catch (error) {
    const holder = holderKind(kind);
    if (parent === undefined || holder === undefined || judge.explain(error).type !== "not-found")
      throw error;
    if (!judge.showed(holder, parent) && !(await listsHolder(judge, holder, parent))) return undefined;
    throw new ExplainedError(explain("engine/listed-unreadable", { id: parent }), error);
  }
}

async function listsHolder(
  judge: Parameters<typeof listUnlessGone>[3],
  holder: string,
  id: string,
): Promise<boolean> {
  try {
    return (await judge.listHolders(holder)).some((item) => item.id === id);
  } catch (error) {
    if (judge.explain(error).type === "forbidden") return false;
    throw error;
  }
}
