import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { digestSpec } from "../core/digest.ts";
import { isSettled, type Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import { holderKind, sortByHolder } from "../kind/holder.ts";
import { indexBearers, keyOfPlace, listLag, placesOf } from "../kind/identity-match.ts";
import type { Item, Kind, Place } from "../kind/kind.ts";
import { findLostCall } from "../kind/lost-call.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { keepFor } from "../lifecycle/batching.ts";
import {
  type RefreshHost,
  refreshListed,
  refreshUnlisted,
  type Sighting,
  waitUntilPast,
} from "../lifecycle/presence.ts";
import type { Observed } from "../plan/plan.ts";
import type { Engine } from "./engine.ts";
import {
  beginObservation,
  holderOf,
  type Observation,
  type ObservationSession,
  readObject,
} from "./observation-session.ts";
import { recallObserved, referenceIds, resolveReferences } from "./references.ts";
import { resolveLookups } from "./resolve-lookups.ts";

/** What was observed. `desired` has ids for lookups. */
export interface ObservationResult {
  readonly desired: readonly Resource[];
  readonly observed: ReadonlyMap<Address, Observed>;
  readonly diagnostics: readonly Diagnostic[];
  /** Reads objects of which only the list entry was read. */
  readWhole(addresses: readonly Address[]): Promise<void>;
  /** Observes resources beyond the scope. */
  widen(addresses: readonly Address[]): Promise<void>;
}

/** Observes Coze: one listing per parent and kind, one reading per object that may have changed. Writes nothing. */
export async function observe<Api>(
  engine: Engine<Api>,
  observation: Observation,
): Promise<ObservationResult> {
  const session = beginObservation(engine, observation);
  const indexed = indexListings([...observation.entries.values()]);
  const look = async (): Promise<void> => {
    for (const kind of observationOrder(engine.provider.kinds)) {
      session.desired = await resolveLookups(session, kind);
      await observeKind(session, kind, indexed);
    }
  };
  await look();
  const { entries, scope } = observation;
  const kindOf = (name: string) => findKind(engine.provider, name);
  // What nothing was asked of counts as it was last applied.
  const recalled = scope && recallObserved(entries, kindOf, engine.clock.now());
  return {
    get desired() {
      return session.desired;
    },
    get observed() {
      return recalled ? new Map([...recalled, ...session.observed]) : session.observed;
    },
    diagnostics: session.diagnostics,
    async readWhole(addresses) {
      await Promise.all(addresses.map((address) => readRest(session, address)));
    },
    async widen(addresses) {
      session.widen(addresses);
      await look();
    },
  };
}

/** Each kind after what holds it, and first what is only looked up: the rest is compared with its ids. */
export const observationOrder = <Api>(kinds: readonly Kind<Api>[]): readonly Kind<Api>[] =>
  sortByHolder([...kinds.filter(({ removal }) => removal === undefined), ...kinds]);

async function readRest<Api>(session: ObservationSession<Api>, address: Address): Promise<void> {
  const seen = session.observed.get(address);
  const entry = session.observation.entries.get(address);
  if (seen?.status !== "present" || !entry) return;
  const kind = findKind(session.engine.provider, entry.kind);
  session.observed.set(address, toObserved(seen.item, await readItem(session, kind, seen.item)));
}

/** Observes every wanted and remembered object of a kind. */
export async function observeKind<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  index = indexListings([...session.observation.entries.values()]),
): Promise<void> {
  const { entries } = session.observation;
  const indexed = index(kind);
  const wanted = new Map(
    session.desired.filter((one) => one.kind === kind.name).map((one) => [one.address, one]),
  );
  const remembered = new Map([...entries].filter(([, entry]) => entry.kind === kind.name));
  const gone = goneParents(session, kind);
  const unseen = [...new Set([...wanted.keys(), ...remembered.keys()])].filter(
    (address) => session.isAbout(address) && !session.observed.has(address),
  );
  const tasks = unseen.map(async (address) => {
    const resource = wanted.get(address);
    const entry = remembered.get(address);
    const parent = entry?.parent ?? (resource && holderOf(session, kind, resource));
    // What Coze is still making is in no list, and its task is asked by the apply.
    const isMade = entry?.task === undefined;
    const nowhere = !isMade || (kind.parent !== undefined && (parent === undefined || gone.has(parent)));
    const items = nowhere ? [] : await session.list(kind, parent);
    session.observed.set(
      address,
      await observeOne(session, kind, { resource, entry, parent, items, indexed, nowhere }),
    );
  });
  await Promise.all(tasks);
}

/** Ids of holding objects that were looked for and aren't there: nothing below them needs a call. */
function goneParents<Api>(session: ObservationSession<Api>, kind: Kind<Api>): ReadonlySet<string> {
  const holder = holderKind(kind);
  const entries = [...session.observation.entries].filter(
    ([address, entry]) => entry.kind === holder && session.observed.get(address)?.status === "absent",
  );
  return new Set(entries.flatMap(([, { id }]) => id ?? []));
}

interface Subject {
  readonly resource: Resource | undefined;
  readonly entry: Entry | undefined;
  readonly parent: string | undefined;
  readonly items: readonly Item[];
  readonly indexed: (items: readonly Item[]) => IndexedListing;
  readonly nowhere: boolean;
}

async function observeOne<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  subject: Subject,
): Promise<Observed> {
  const { resource, entry, items } = subject;
  const matches = findBearers(subject, items);
  if (entry?.id === undefined) return observeUnmade(session, kind, subject, matches);
  const item = subject.indexed(items).byId.get(entry.id);
  const seen = item
    ? await observeItem(session, kind, item, resource, entry)
    : await observeUnlisted(session, kind, subject);
  if (seen.status !== "present") return { status: "absent", candidates: matches };
  const kept = entry.kept ? items.filter(({ id }) => entry.kept?.some((one) => one.id === id)) : [];
  return {
    ...seen,
    namesakes: matches.length > 0 ? matches.map(({ id }) => id) : undefined,
    kept: kept.length > 0 ? kept : undefined,
  };
}

/** Objects that bear the identity and belong to no resource. */
function findBearers(subject: Subject, items: readonly Item[]): readonly Item[] {
  const { entry, resource, indexed } = subject;
  // The object of a creation that was cut off bears the identity with which it was begun.
  const identity: Values | undefined = entry?.status === "unknown" ? entry.spec : resource?.spec;
  if (!entry && resource?.imports !== undefined)
    return indexed(items).free.filter(({ id }) => id === resource.imports);
  return identity ? indexed(items).findFree(identity) : [];
}

/** A listing as every resource below the same parent asks it. */
interface IndexedListing {
  readonly byId: ReadonlyMap<string, Item>;
  /** The objects that belong to no resource. */
  readonly free: readonly Item[];
  /** Those of them that bear the identity of a spec. */
  findFree(spec: Values): readonly Item[];
}

function indexListings(entries: readonly Entry[]) {
  const owned = new Set(entries.flatMap(placesOf).map(keyOfPlace));
  return <Api>(kind: Kind<Api>) =>
    keepFor((items: readonly Item[]): IndexedListing => {
      const free = items.filter((item) => !owned.has(keyOfPlace(item)));
      // The first of an id counts.
      const byId = new Map(items.toReversed().map((item) => [item.id, item]));
      return { byId, free, findFree: indexBearers(kind, free) };
    });
}

/** The resource has no id yet: objects that bear its identity are read whole if it may take one over. */
async function observeUnmade<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  subject: Subject,
  matches: readonly Item[],
): Promise<Observed> {
  const { entry, nowhere, resource } = subject;
  const isFresh = ({ id }: Item) => !entry?.before?.includes(id);
  const lagging = entry?.status === "unknown" && !nowhere && !matches.some(isFresh);
  const listed = lagging ? findBearers(subject, await listLater(session, kind, subject)) : matches;
  const bearers = await recogniseAmong(session, kind, entry, listed);
  const isNamed = !entry && resource?.imports !== undefined;
  const mayTake = session.observation.adopt === true || entry?.status === "unknown" || isNamed;
  const candidates = await Promise.all(
    bearers.map(async (item) => itemOf(item, await readItem(session, kind, item, !mayTake))),
  );
  return {
    status: "absent",
    candidates: candidates.flatMap((item) => item ?? []),
    lost: findLostCall(kind, entry, session.port.now()),
  };
}

/** Where objects don't show their identity, only some of those that appeared since are candidates. */
async function recogniseAmong<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  entry: Entry | undefined,
  items: readonly Item[],
): Promise<readonly Item[]> {
  const { copying } = kind;
  const appeared = items.filter(({ id }) => !entry?.before?.includes(id));
  if (!copying || entry?.status !== "unknown" || appeared.length === 0) return items;
  const sought = { spec: entry.spec, begun: entry.begun ?? 0 };
  const known = await session.limit(() => copying.recognise(session.engine.apiOf(kind), appeared, sought));
  return items.filter((item) => !appeared.includes(item) || known.includes(item));
}

/** A listing that shows the object of a creation that was cut off, also when lists lag. */
async function listLater<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  subject: Subject,
): Promise<readonly Item[]> {
  const { port } = session;
  const since = port.now() - (subject.entry?.begun ?? 0) * 1000;
  if (since >= listLag || since < 0) return subject.items;
  await port.sleep(listLag - since);
  return session.list(kind, subject.parent, "fresh");
}

/** The object of an entry that a list doesn't show. A pending invitation is no object yet. */
async function observeUnlisted<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  { entry, nowhere }: Subject,
): Promise<Observed> {
  if (entry?.id === undefined || nowhere || entry.note !== undefined) return absent;
  const { id, parent, spec } = entry;
  const sighting = await refreshUnlisted(openHost(session, kind), { id, parent }, spec, async () =>
    (await session.listAgain(kind, parent)).find((item) => item.id === id),
  );
  return toObserved({ id, parent }, sighting);
}

async function observeItem<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  item: Item,
  resource: Resource | undefined,
  entry: Entry,
): Promise<Observed> {
  const skip = !resource || isUnchanged(session, kind, item, resource, entry);
  return toObserved(item, await readItem(session, kind, item, skip));
}

function isUnchanged<Api>(
  { observation }: ObservationSession<Api>,
  kind: Kind<Api>,
  item: Item,
  resource: Resource,
  entry: Entry,
): boolean {
  const { cache, refresh, entries, salt } = observation;
  const seen = cache.get(resource.address);
  if (refresh === "full" || !seen || entry.status !== "ready" || entry.previous?.length) return false;
  if (item.revision === undefined || seen.id !== item.id || seen.revision !== item.revision) return false;
  const spec = resolveReferences(kind.fields, resource.spec, referenceIds(entries));
  return isSettled(spec) && digestSpec(kind.fields, spec, salt) === seen.digest;
}

/** A listed object, read whole unless that can be skipped. */
async function readItem<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  item: Item,
  skip = false,
): Promise<Sighting> {
  const host = openHost(session, kind);
  const waits = session.observation.patient && kind.read && !skip && item.revision !== undefined;
  if (waits) await waitUntilPast(session.port, host.serverTime, item.revision);
  return refreshListed(host, item, skip);
}

function openHost<Api>(session: ObservationSession<Api>, kind: Kind<Api>): RefreshHost<Api> {
  const { apiOf, provider } = session.engine;
  const api = apiOf(kind);
  return {
    api,
    kind,
    justWritten: session.observation.patient,
    serverTime: () => provider.serverTime(api),
    call: (place, make) => readObject(session, kind, place, make),
  };
}

const absent: Observed = { status: "absent", candidates: [] };

function toObserved(place: Place, sighting: Sighting): Observed {
  const item = itemOf(place, sighting);
  if (!item) return absent;
  const { whole, listed } = sighting.status === "present" ? sighting : {};
  return { status: "present", item, partial: whole === false || undefined, listed };
}

function itemOf({ id, parent, owner }: Place & Pick<Item, "owner">, sighting: Sighting): Item | undefined {
  if (sighting.status === "absent") return undefined;
  const { live, revision, health } = sighting;
  return { id, parent, live, revision, health, ...(owner === undefined ? {} : { owner }) };
}
