import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { digestSpec } from "../core/digest.ts";
import type { Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import { bearsIdentity, keyOfPlace, listLag, placesOf, unlisted } from "../kind/identity-match.ts";
import type { Item, Kind, Place } from "../kind/kind.ts";
import { findLostCall } from "../kind/lost-creation.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Observed } from "../plan/plan.ts";
import type { Engine } from "./engine.ts";
import {
  beginObservation,
  holderOf,
  type Observation,
  type ObservationSession,
} from "./observation-session.ts";
import { lookAt } from "./observe-error.ts";
import { isSettled, referenceIds, resolveReferences } from "./references.ts";
import { resolveLookups } from "./resolve-lookups.ts";

/** What was seen. `desired` has every lookup replaced by the id found. */
export interface ObservationResult {
  readonly desired: readonly Resource[];
  readonly observed: ReadonlyMap<Address, Observed>;
  readonly diagnostics: readonly Diagnostic[];
  /** Reads objects of which only the list was looked at. */
  readWhole(addresses: readonly Address[]): Promise<void>;
}

/** Looks at Coze: one listing per parent and kind, one reading per object that may have changed. Writes nothing. */
export async function observe<Api>(engine: Engine<Api>, sight: Observation): Promise<ObservationResult> {
  const look = beginObservation(engine, sight);
  for (const kind of sortByParent(engine.provider.kinds)) {
    look.desired = await resolveLookups(look, kind);
    await observeKind(look, kind);
  }
  const { desired, observed, diagnostics } = look;
  const readWhole = async (addresses: readonly Address[]): Promise<void> => {
    await Promise.all(addresses.map((address) => readRest(look, address)));
  };
  return { desired, observed, diagnostics, readWhole };
}

async function readRest<Api>(look: ObservationSession<Api>, address: Address): Promise<void> {
  const seen = look.observed.get(address);
  const entry = look.sight.entries.get(address);
  if (seen?.status !== "present" || !entry) return;
  const reading = await readItem(look, findKind(look.engine.provider, entry.kind), seen.item);
  look.observed.set(
    address,
    reading ? { status: "present", ...reading } : { status: "absent", candidates: [] },
  );
}

async function observeKind<Api>(look: ObservationSession<Api>, kind: Kind<Api>): Promise<void> {
  const { entries } = look.sight;
  const wanted = new Map(
    look.desired.filter((one) => one.kind === kind.name).map((one) => [one.address, one]),
  );
  const remembered = new Map([...entries].filter(([, entry]) => entry.kind === kind.name));
  const findFree = rememberFree([...entries.values()]);
  const gone = goneParents(look, kind);
  const tasks = [...new Set([...wanted.keys(), ...remembered.keys()])].map(async (address) => {
    const resource = wanted.get(address);
    const entry = remembered.get(address);
    const parent = entry?.parent ?? (resource && holderOf(look, kind, resource));
    // What Coze is still making is in no list, and its task is asked by the apply.
    const isMade = entry?.task === undefined;
    const nowhere = !isMade || (kind.parent !== undefined && (parent === undefined || gone.has(parent)));
    const items = nowhere ? [] : await look.list(kind, parent);
    look.observed.set(
      address,
      await observeOne(look, kind, { resource, entry, parent, items, findFree, nowhere }),
    );
  });
  await Promise.all(tasks);
}

/** Ids of holding objects that were looked for and aren't there: nothing below them needs a call. */
function goneParents<Api>(look: ObservationSession<Api>, kind: Kind<Api>): ReadonlySet<string> {
  const field = kind.parent === undefined ? undefined : kind.fields[kind.parent];
  if (field?.type !== "ref") return new Set();
  const entries = [...look.sight.entries].filter(
    ([address, entry]) => entry.kind === field.kind && look.observed.get(address)?.status === "absent",
  );
  return new Set(entries.flatMap(([, { id }]) => id ?? []));
}

interface Subject {
  readonly resource: Resource | undefined;
  readonly entry: Entry | undefined;
  readonly parent: string | undefined;
  readonly items: readonly Item[];
  /** Those of some listed objects that are nobody's. */
  readonly findFree: (items: readonly Item[]) => readonly Item[];
  readonly nowhere: boolean;
}

async function observeOne<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  subject: Subject,
): Promise<Observed> {
  const { resource, entry, items } = subject;
  const matches = findBearers(kind, subject, items);
  if (entry?.id === undefined) return observeUnmade(look, kind, subject, matches);
  const item = items.find(({ id }) => id === entry.id);
  const seen = item
    ? await observeItem(look, kind, item, resource, entry)
    : await observeHidden(look, kind, subject);
  if (seen.status !== "present") return { status: "absent", candidates: matches };
  const kept = items.filter(({ id }) => entry.kept?.some((one) => one.id === id));
  return {
    ...seen,
    ...(matches.length > 0 ? { namesakes: matches.map(({ id }) => id) } : {}),
    ...(kept.length > 0 ? { kept } : {}),
  };
}

/** Objects that bear the identity that is looked for and are nobody's. */
function findBearers<Api>(kind: Kind<Api>, subject: Subject, items: readonly Item[]): readonly Item[] {
  const { entry, resource, findFree } = subject;
  // What a creation that was cut off made bears the identity that it was begun with.
  const identity: Values | undefined = entry?.status === "unknown" ? entry.spec : resource?.spec;
  if (!identity) return [];
  return findFree(items).filter((item) => bearsIdentity(kind, item, identity));
}

/** Every resource asks this of the same listing, so the answer is worked out once for each. */
function rememberFree(entries: readonly Entry[]): Subject["findFree"] {
  const owned = new Set(entries.flatMap(placesOf).map(keyOfPlace));
  const known = new WeakMap<readonly Item[], readonly Item[]>();
  return (items) => {
    const free = known.get(items) ?? items.filter((item) => !owned.has(keyOfPlace(item)));
    known.set(items, free);
    return free;
  };
}

/** Nothing has an id yet: what bears the identity is read whole, for it may become this resource's. */
async function observeUnmade<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  subject: Subject,
  matches: readonly Item[],
): Promise<Observed> {
  const { entry, nowhere } = subject;
  const isFresh = ({ id }: Item) => !entry?.before?.includes(id);
  const lagging = entry?.status === "unknown" && !nowhere && !matches.some(isFresh);
  const listed = lagging ? findBearers(kind, subject, await listLater(look, kind, subject)) : matches;
  const bearers = await recogniseAmong(look, kind, entry, listed);
  const candidates = await Promise.all(bearers.map((item) => readItem(look, kind, item)));
  const lost = findLostCall(kind, entry, look.engine.clock.now());
  return {
    status: "absent",
    candidates: candidates.flatMap((one) => (one ? [one.item] : [])),
    ...(lost ? { lost } : {}),
  };
}

/** Where objects don't show by what they were made, only some of those that appeared since are candidates. */
async function recogniseAmong<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  entry: Entry | undefined,
  items: readonly Item[],
): Promise<readonly Item[]> {
  const { copying } = kind;
  const appeared = items.filter(({ id }) => !entry?.before?.includes(id));
  if (!copying || entry?.status !== "unknown" || appeared.length === 0) return items;
  const sought = { spec: entry.spec, begun: entry.begun ?? 0 };
  const known = await look.limit(() => copying.recognise(look.engine.apiOf(kind), appeared, sought));
  return items.filter((item) => !appeared.includes(item) || known.includes(item));
}

/** A listing that shows what was made when a creation was cut off, also when lists lag. */
async function listLater<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  subject: Subject,
): Promise<readonly Item[]> {
  const { clock, signal } = look.engine;
  const since = clock.now() - (subject.entry?.begun ?? 0) * 1000;
  if (since >= listLag || since < 0) return subject.items;
  await clock.sleep(listLag - since, signal);
  return look.list(kind, subject.parent, "anew");
}

/**
 * A list may lag, or hide objects: a call about the object itself settles that it is gone, or, for want of one, a
 * second list after a while.
 */
async function observeHidden<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  { entry, nowhere }: Subject,
): Promise<Observed> {
  const gone: Observed = { status: "absent", candidates: [] };
  if (entry?.id === undefined || nowhere || entry.note !== undefined) return gone;
  const place: Place = { id: entry.id, ...(entry.parent ? { parent: entry.parent } : {}) };
  if (kind.exists) {
    const { spec } = entry;
    const there = await lookAt(look, kind, place, () =>
      look.limit(async () => kind.exists?.(look.engine.apiOf(kind), place, spec)),
    );
    return there ? { status: "present", item: { ...place, live: {} }, partial: true } : gone;
  }
  if (kind.read) {
    const reading = await lookAt(look, kind, place, () =>
      look.limit(async () => kind.read?.(look.engine.apiOf(kind), place)),
    );
    return reading
      ? {
          status: "present",
          item: { ...place, live: { ...unlisted(kind, place, entry.spec), ...reading.live } },
        }
      : gone;
  }
  const item = (await look.listAgain(kind, entry.parent)).find(({ id }) => id === entry.id);
  return item ? { status: "present", item } : gone;
}

async function observeItem<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  item: Item,
  resource: Resource | undefined,
  entry: Entry,
): Promise<Observed> {
  if (!kind.read) return { status: "present", item };
  const skip = !resource || isUnchanged(look, kind, item, resource, entry);
  if (skip) return { status: "present", item, partial: true };
  const reading = await readItem(look, kind, item);
  return reading ? { status: "present", ...reading } : { status: "absent", candidates: [] };
}

function isUnchanged<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  item: Item,
  resource: Resource,
  entry: Entry,
): boolean {
  const seen = look.sight.cache.get(resource.address);
  if (look.sight.refresh === "full" || !seen || entry.status !== "ready" || entry.previous?.length)
    return false;
  if (item.revision === undefined || seen.id !== item.id || seen.revision !== item.revision) return false;
  const spec = resolveReferences(kind.fields, resource.spec, referenceIds(look.sight.entries));
  return isSettled(spec) && digestSpec(kind.fields, spec, look.sight.salt) === seen.digest;
}

async function readItem<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  item: Item,
): Promise<{ readonly item: Item; readonly readAt: number } | undefined> {
  const { engine, sight } = look;
  if (!kind.read) return { item, readAt: 0 };
  if (sight.patient && item.revision !== undefined) {
    const past = (item.revision + 1) * 1000;
    const left = past - engine.provider.serverTime(engine.apiOf(kind));
    if (left > 0) await engine.clock.sleep(left, engine.signal);
  }
  return look.limit(async () => {
    const readAt = Math.floor(engine.provider.serverTime(engine.apiOf(kind)) / 1000);
    const reading = await lookAt(look, kind, item, async () => kind.read?.(engine.apiOf(kind), item));
    return reading && { item: { ...item, live: { ...item.live, ...reading.live } }, readAt };
  });
}

/** Kinds that hold others come before them. */
function sortByParent<Api>(kinds: readonly Kind<Api>[]): readonly Kind<Api>[] {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const sorted = new Set<Kind<Api>>();
  const visit = (kind: Kind<Api>): void => {
    if (sorted.has(kind)) return;
    const field = kind.parent === undefined ? undefined : kind.fields[kind.parent];
    const parent = field?.type === "ref" ? byName.get(field.kind) : undefined;
    if (parent) visit(parent);
    sorted.add(kind);
  };
  for (const kind of kinds) visit(kind);
  return [...sorted];
}
