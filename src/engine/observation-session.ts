import pLimit from "p-limit";
import { type Address, parseAddress } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { mapLeaves, type Path } from "../core/spec-walk.ts";
import { isLookup, type Lookup, type Values } from "../core/value.ts";
import { listAll, listLag } from "../kind/identity-match.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import type { Observed } from "../plan/plan.ts";
import type { Cache } from "../state/cache.ts";
import type { Engine } from "./engine.ts";
import { failListing } from "./observe-error.ts";
import { referenceIds, resolveReferences } from "./references.ts";

/** What to look at. */
export interface Observation {
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

/** An observation in the making. */
export interface ObservationSession<Api> {
  readonly engine: Engine<Api>;
  readonly sight: Observation;
  desired: readonly Resource[];
  readonly observed: Map<Address, Observed>;
  readonly diagnostics: Diagnostic[];
  /** Every object below a parent, listed at most once. */
  list(kind: Kind<Api>, parent: string | undefined, anew?: "anew"): Promise<readonly Item[]>;
  /** The same once lists have had the time to catch up, whatever was done at Coze just before. */
  listAgain(kind: Kind<Api>, parent: string | undefined): Promise<readonly Item[]>;
  limit<T>(task: () => Promise<T>): Promise<T>;
}

/** Begins an observation. */
export function beginObservation<Api>(engine: Engine<Api>, sight: Observation): ObservationSession<Api> {
  const listings = new Map<string, Promise<readonly Item[]>>();
  const limit = pLimit(engine.parallelism);
  const once = (key: readonly unknown[], list: () => Promise<readonly Item[]>) => {
    const name = JSON.stringify(key);
    const listing = listings.get(name) ?? list();
    listings.set(name, listing);
    return listing;
  };
  const look: ObservationSession<Api> = {
    engine,
    sight,
    desired: sight.desired,
    observed: new Map(),
    diagnostics: [],
    limit,
    list: (kind, parent, anew) =>
      once([kind.name, parent, anew], () => limit(() => listBelow(look, kind, parent))),
    listAgain: (kind, parent) =>
      once([kind.name, parent, "again"], async () => {
        await engine.clock.sleep(listLag, engine.signal);
        return limit(() => listBelow(look, kind, parent));
      }),
  };
  return look;
}

/** What held the objects may be gone, and then nothing is below it. */
async function listBelow<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  parent: string | undefined,
): Promise<readonly Item[]> {
  const { engine } = look;
  try {
    return await listAll(engine.apiOf(kind), kind, parent, specsBelow(look, kind, parent));
  } catch (error) {
    const isGone = parent !== undefined && !isSeen(look, kind, parent);
    if (isGone && engine.provider.explain(error).type === "not-found") return [];
    throw failListing(look, kind, parent, error);
  }
}

/** Whether what holds a kind's objects was just seen: then that it doesn't exist is no word to go by. */
function isSeen<Api>(look: ObservationSession<Api>, kind: Kind<Api>, parent: string): boolean {
  const field = kind.parent === undefined ? undefined : kind.fields[kind.parent];
  return [...look.observed].some(
    ([address, seen]) =>
      seen.status === "present" &&
      seen.item.id === parent &&
      field?.type === "ref" &&
      parseAddress(address)?.kind === field.kind,
  );
}

/** Wanted, remembered and looked-up specs below a parent: a listing asks for no more than they need. */
function specsBelow<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  parent: string | undefined,
): readonly Values[] {
  const wanted = look.desired.filter((one) => one.kind === kind.name && holderOf(look, kind, one) === parent);
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
export function holderOf<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
): string | undefined {
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
function adoptedId<Api>(look: ObservationSession<Api>, address: Address): string | undefined {
  const seen = look.observed.get(address);
  const before = look.sight.entries.get(address)?.before ?? [];
  const begun = look.sight.entries.get(address)?.status === "unknown";
  if (seen?.status !== "absent" || !(look.sight.adopt || begun)) return undefined;
  const [only, ...others] = seen.candidates.filter(({ id }) => !before.includes(id));
  return others.length === 0 ? only?.id : undefined;
}

/** A lookup in a spec. */
export interface Found {
  readonly path: Path;
  readonly lookup: Lookup["$lookup"];
}

/** What is looked for among objects of a kind, as partial specs. */
function collectLookups<Api>(look: ObservationSession<Api>, kind: Kind<Api>): readonly Values[] {
  return look.desired.flatMap((resource) => findLookups(look, kind, resource).map(({ lookup }) => lookup));
}

/** The lookups of this kind in a resource's spec. */
export function findLookups<Api>(
  look: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
): readonly Found[] {
  const owner = look.engine.provider.kinds.find(({ name }) => name === resource.kind);
  const found: Found[] = [];
  mapLeaves(owner?.fields ?? {}, resource.spec, ({ shape, value, path }) => {
    if (shape.type === "ref" && shape.kind === kind.name && isLookup(value))
      found.push({ path, lookup: value.$lookup });
    return value;
  });
  return found;
}
