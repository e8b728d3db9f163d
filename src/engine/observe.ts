import pLimit from "p-limit";
import type { Address } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { digestSpec } from "../core/digest.ts";
import type { Entry } from "../core/entry.ts";
import type { Item, Kind, Place } from "../core/kind.ts";
import type { Resource } from "../core/resource.ts";
import type { Values } from "../core/value.ts";
import type { Observed } from "../plan/plan.ts";
import type { Cache } from "../state/cache.ts";
import type { Engine } from "./engine.ts";
import { findKind } from "./kinds.ts";
import { collectLookups, resolveLookups } from "./lookup.ts";
import { isSettled, referenceIds, resolveReferences } from "./references.ts";
import { bearsIdentity, keyOfPlace, listAll, listLag } from "./search.ts";

/** What to look at. */
export interface Sight {
  readonly desired: readonly Resource[];
  readonly entries: ReadonlyMap<Address, Entry>;
  readonly cache: Cache;
  /** The state's lineage. */
  readonly salt: string;
  /** `auto`: an object whose list entry shows the remembered revision isn't read again. */
  readonly refresh: "auto" | "full";
  /** New resources take over live objects of their identity, so what those hold is looked at as well. */
  readonly adopt?: boolean;
  /** Wait until an object's last change is in the past before reading it, so that the reading can be relied on. */
  readonly patient?: boolean;
}

/** What was seen. `desired` has every lookup replaced by the id found. */
export interface Observation {
  readonly desired: readonly Resource[];
  readonly observed: ReadonlyMap<Address, Observed>;
  readonly diagnostics: readonly Diagnostic[];
  /** Reads objects of which only the list was looked at. */
  readWhole(addresses: readonly Address[]): Promise<void>;
}

/** Looks at Coze: one listing per parent and kind, one reading per object that may have changed. Writes nothing. */
export async function observe<Api>(engine: Engine<Api>, sight: Sight): Promise<Observation> {
  const look = beginLook(engine, sight);
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

async function readRest<Api>(look: Look<Api>, address: Address): Promise<void> {
  const seen = look.observed.get(address);
  const entry = look.sight.entries.get(address);
  if (seen?.status !== "present" || !entry) return;
  const reading = await readItem(look, findKind(look.engine.provider, entry.kind), seen.item);
  look.observed.set(
    address,
    reading ? { status: "present", ...reading } : { status: "absent", candidates: [] },
  );
}

/** An observation in the making. */
export interface Look<Api> {
  readonly engine: Engine<Api>;
  readonly sight: Sight;
  desired: readonly Resource[];
  readonly observed: Map<Address, Observed>;
  readonly diagnostics: Diagnostic[];
  /** Every object below a parent, listed at most once. */
  list(kind: Kind<Api>, parent: string | undefined, anew?: "anew"): Promise<readonly Item[]>;
  limit<T>(task: () => Promise<T>): Promise<T>;
}

function beginLook<Api>(engine: Engine<Api>, sight: Sight): Look<Api> {
  const listings = new Map<string, Promise<readonly Item[]>>();
  const limit = pLimit(engine.parallelism);
  const look: Look<Api> = {
    engine,
    sight,
    desired: sight.desired,
    observed: new Map(),
    diagnostics: [],
    limit,
    list(kind, parent, anew) {
      const key = `${kind.name} ${parent ?? ""} ${anew ?? ""}`;
      const known = listings.get(key);
      if (known) return known;
      const listing = limit(() => listAll(engine.api, kind, parent, specsBelow(look, kind, parent)));
      listings.set(key, listing);
      return listing;
    },
  };
  return look;
}

/** Wanted, remembered and looked-up specs below a parent: a listing asks for no more than they need. */
function specsBelow<Api>(look: Look<Api>, kind: Kind<Api>, parent: string | undefined): readonly Values[] {
  const wanted = look.desired.filter((one) => one.kind === kind.name && parentOf(look, kind, one) === parent);
  const entries = [...look.sight.entries.values()].filter(
    (entry) => entry.kind === kind.name && entry.parent === parent,
  );
  return [
    ...wanted.map(({ spec }) => spec),
    ...entries.map(({ spec }) => spec),
    ...collectLookups(look, kind),
  ];
}

/** The id of the object that holds a wanted resource; undefined when there is none yet, or none at all. */
export function parentOf<Api>(look: Look<Api>, kind: Kind<Api>, resource: Resource): string | undefined {
  if (kind.parent === undefined) return undefined;
  const known = referenceIds(
    look.sight.entries,
    (address) => look.observed.get(address)?.status !== "absent",
  );
  const ids = (address: Address) => known(address) ?? adoptedId(look, address);
  const parent = resolveReferences(kind.fields, { [kind.parent]: resource.spec[kind.parent] ?? "" }, ids)[
    kind.parent
  ];
  return typeof parent === "string" && parent !== "" ? parent : undefined;
}

/** The id of the object that a resource will take over, if there is just one that it can. */
function adoptedId<Api>(look: Look<Api>, address: Address): string | undefined {
  const seen = look.observed.get(address);
  const before = look.sight.entries.get(address)?.before ?? [];
  const begun = look.sight.entries.get(address)?.status === "unknown";
  if (seen?.status !== "absent" || !(look.sight.adopt || begun)) return undefined;
  const [only, ...others] = seen.candidates.filter(({ id }) => !before.includes(id));
  return others.length === 0 ? only?.id : undefined;
}

async function observeKind<Api>(look: Look<Api>, kind: Kind<Api>): Promise<void> {
  const { entries } = look.sight;
  const wanted = new Map(
    look.desired.filter((one) => one.kind === kind.name).map((one) => [one.address, one]),
  );
  const remembered = new Map([...entries].filter(([, entry]) => entry.kind === kind.name));
  const owned = new Set([...remembered.values()].map(keyOfPlace));
  const gone = goneParents(look, kind);
  const tasks = [...new Set([...wanted.keys(), ...remembered.keys()])].map(async (address) => {
    const resource = wanted.get(address);
    const entry = remembered.get(address);
    const parent = entry?.parent ?? (resource && parentOf(look, kind, resource));
    const nowhere = kind.parent !== undefined && (parent === undefined || gone.has(parent));
    const items = nowhere ? [] : await look.list(kind, parent);
    look.observed.set(
      address,
      await observeOne(look, kind, { resource, entry, parent, items, owned, nowhere }),
    );
  });
  await Promise.all(tasks);
}

/** Ids of holding objects that were looked for and aren't there: nothing below them needs a call. */
function goneParents<Api>(look: Look<Api>, kind: Kind<Api>): ReadonlySet<string> {
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
  readonly owned: ReadonlySet<string>;
  readonly nowhere: boolean;
}

async function observeOne<Api>(look: Look<Api>, kind: Kind<Api>, subject: Subject): Promise<Observed> {
  const { resource, entry, items, owned, nowhere } = subject;
  if (entry?.id !== undefined) {
    const item = items.find(({ id }) => id === entry.id);
    if (item) return observeItem(look, kind, item, resource, entry);
    if (nowhere || entry.note !== undefined || !kind.read) return { status: "absent", candidates: [] };
    return searchHarder(look, kind, { id: entry.id, ...(entry.parent ? { parent: entry.parent } : {}) });
  }
  const matchesAmong = (listed: readonly Item[]) =>
    resource
      ? listed.filter((item) => !owned.has(keyOfPlace(item)) && bearsIdentity(kind, item, resource.spec))
      : [];
  const lagging = entry?.status === "unknown" && !nowhere && !findFresh(matchesAmong(items), entry);
  const matches = matchesAmong(lagging ? await listLater(look, kind, subject) : items);
  const candidates = await Promise.all(matches.map((item) => readItem(look, kind, item)));
  return { status: "absent", candidates: candidates.flatMap((one) => (one ? [one.item] : [])) };
}

const findFresh = (matches: readonly Item[], entry: Entry): Item | undefined =>
  matches.find(({ id }) => !entry.before?.includes(id));

/** A listing that shows what was made when a creation was cut off, also when lists lag. */
async function listLater<Api>(look: Look<Api>, kind: Kind<Api>, subject: Subject): Promise<readonly Item[]> {
  const { clock, signal } = look.engine;
  const since = clock.now() - (subject.entry?.begun ?? 0) * 1000;
  if (since >= listLag || since < 0) return subject.items;
  await clock.sleep(listLag - since, signal);
  return look.list(kind, subject.parent, "anew");
}

/** A list may lag or hide objects; only a reading that says not-found settles that it is gone. */
async function searchHarder<Api>(look: Look<Api>, kind: Kind<Api>, place: Place): Promise<Observed> {
  const live = await look.limit(async () => kind.read?.(look.engine.api, place));
  return live ? { status: "present", item: { ...place, live } } : { status: "absent", candidates: [] };
}

async function observeItem<Api>(
  look: Look<Api>,
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
  look: Look<Api>,
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
  look: Look<Api>,
  kind: Kind<Api>,
  item: Item,
): Promise<{ readonly item: Item; readonly readAt: number } | undefined> {
  const { engine, sight } = look;
  if (!kind.read) return { item, readAt: 0 };
  if (sight.patient && item.revision !== undefined) {
    const past = (item.revision + 1) * 1000;
    const left = past - engine.provider.serverTime(engine.api);
    if (left > 0) await engine.clock.sleep(left, engine.signal);
  }
  return look.limit(async () => {
    const readAt = Math.floor(engine.provider.serverTime(engine.api) / 1000);
    const live = await kind.read?.(engine.api, item);
    return live && { item: { ...item, live: { ...item.live, ...live } }, readAt };
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
