import pLimit from "p-limit";
import { type Address, parseAddress } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { kindLookedUp } from "../core/field.ts";
import { addTo } from "../core/group.ts";
import { leavesOf, type Path } from "../core/spec-walk.ts";
import { isLookup, type Lookup, type Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import { holderId, holderKind } from "../kind/holder.ts";
import { listAll, listLag } from "../kind/identity-match.ts";
import type { Item, Kind, ListingScope, Place } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { keepEach, keepFor } from "../lifecycle/batching.ts";
import type { Port } from "../lifecycle/port.ts";
import { listUnlessGone } from "../lifecycle/presence.ts";
import type { Observed } from "../plan/plan.ts";
import type { Cache } from "../state/cache.ts";
import { type Engine, openPort } from "./engine.ts";
import { adviseForget, ObserveError, type ObserveSubject } from "./failures.ts";
import { resolveReferences } from "./references.ts";

/** What to observe. */
export interface Observation {
  readonly desired: readonly Resource[];
  readonly entries: ReadonlyMap<Address, Entry>;
  readonly cache: Cache;
  /** The state's lineage. */
  readonly salt: string;
  /** `auto`: an object whose list entry shows the remembered revision isn't read again. */
  readonly refresh: "auto" | "full";
  /** New resources take over live objects of their identity, so what those hold is observed as well. */
  readonly adopt?: boolean | undefined;
  /** Only these resources; the others count as they were last applied, and need no calls. Everything by default. */
  readonly scope?: ReadonlySet<Address> | undefined;
  /** Wait until an object's last change is in the past before reading it, so that the reading can be relied on. */
  readonly patient?: boolean | undefined;
}

/** An observation in progress. */
export interface ObservationSession<Api> {
  readonly engine: Engine<Api>;
  readonly port: Port;
  readonly observation: Observation;
  /** The wanted resources, with ids for the lookups that were resolved so far. */
  desired: readonly Resource[];
  readonly observed: Map<Address, Observed>;
  readonly diagnostics: Diagnostic[];
  /** Whether a resource is to be observed. */
  isAbout(address: Address): boolean;
  /** Observes more resources from now on. */
  widen(addresses: readonly Address[]): void;
  /**
   * Every object below a parent, listed at most once; `fresh`: listed after a call for which lists had to catch up;
   * `published`: only those that were published.
   */
  list(kind: Kind<Api>, parent: string | undefined, which?: "fresh" | "published"): Promise<readonly Item[]>;
  /** The same once lists have caught up with everything that was done at Coze before this call. */
  listAgain(kind: Kind<Api>, parent: string | undefined): Promise<readonly Item[]>;
  /** The lookups in a resource's spec, of all kinds. */
  lookupsIn(resource: Resource): readonly FoundLookup[];
  /** The specs that listings of a kind are for, as the wanted resources are now. */
  specsOf(kind: Kind<Api>): ListedSpecs;
  limit<T>(task: () => Promise<T>): Promise<T>;
}

/** Begins an observation. */
export function beginObservation<Api>(
  engine: Engine<Api>,
  observation: Observation,
): ObservationSession<Api> {
  const listings = keepEach<Promise<readonly Item[]>>();
  // What one account may not read, another one may.
  const shared = keepFor((_: Api & object) => keepEach<Promise<unknown>>());
  const onceFor =
    (kind: Kind<Api>) =>
    <T>(key: string, read: () => Promise<T>) =>
      shared(engine.apiOf(kind) as Api & object)([key], read) as Promise<T>;
  const limit = pLimit(engine.parallelism);
  // Nothing that an observation waits for has a time-out.
  const port = openPort(engine, Number.POSITIVE_INFINITY);
  let { desired } = observation;
  const scope = observation.scope && new Set(observation.scope);
  // What was listed for some resources of a kind may lack what more of them need.
  const widened = new Map<string, number>();
  let specs = keepEach<ListedSpecs>();
  const session: ObservationSession<Api> = {
    engine,
    port,
    observation,
    get desired() {
      return desired;
    },
    set desired(next) {
      desired = next;
      specs = keepEach();
    },
    observed: new Map(),
    diagnostics: [],
    limit,
    isAbout: (address) => scope?.has(address) ?? true,
    widen(addresses) {
      for (const address of addresses) scope?.add(address);
      const kinds = new Set(addresses.map((address) => parseAddress(address)?.kind ?? ""));
      for (const kind of kinds) widened.set(kind, (widened.get(kind) ?? 0) + 1);
      specs = keepEach();
    },
    list: (kind, parent, which) =>
      listings([kind.name, parent, which, widened.get(kind.name)], () => {
        const published = which === "published" || undefined;
        return listBelow(session, kind, parent, {
          published,
          once: which === "fresh" ? undefined : onceFor(kind),
        });
      }),
    listAgain: (kind, parent) =>
      listings([kind.name, parent, "again"], async () => {
        await port.sleep(listLag);
        return listBelow(session, kind, parent);
      }),
    lookupsIn: keepFor((resource) => readLookups(engine, resource)),
    specsOf: (kind) => specs([kind.name], () => indexSpecs(session, kind)),
  };
  return session;
}

async function listBelow<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  parent: string | undefined,
  kept: Pick<ListingScope, "published" | "once"> = {},
): Promise<readonly Item[]> {
  const { engine } = session;
  const scope = { specs: specsBelow(session, kind, parent), ...kept };
  // Only the calls are limited: a listing may wait for another one.
  const list = () => session.limit(() => listAll(engine.apiOf(kind), kind, parent, scope));
  const judge = {
    showed: (holder: string, id: string) => isSeen(session, holder, id),
    listHolders: async (name: string) => {
      const holder = findKind(engine.provider, name);
      return holder.parent === undefined ? session.list(holder, undefined) : [];
    },
    explain: engine.provider.explain,
  };
  try {
    return (await listUnlessGone(kind, parent, list, judge)) ?? [];
  } catch (error) {
    throw failListing(session, kind, parent, error);
  }
}

/** Whether an object of a kind was just seen. */
const isSeen = <Api>({ observed }: ObservationSession<Api>, kind: string, id: string): boolean =>
  [...observed].some(
    ([address, seen]) =>
      seen.status === "present" && seen.item.id === id && parseAddress(address)?.kind === kind,
  );

/** Wanted, remembered and looked-up specs below a parent: a listing asks for no more than they need. */
function specsBelow<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  parent: string | undefined,
): readonly Values[] {
  const { wanted, remembered, lookups } = session.specsOf(kind);
  return [...(wanted.get(parent) ?? []), ...(remembered.get(parent) ?? []), ...lookups];
}

/** The specs of a kind by the id of what holds them, and those of all lookups. */
interface ListedSpecs {
  readonly wanted: ReadonlyMap<string | undefined, readonly Values[]>;
  readonly remembered: ReadonlyMap<string | undefined, readonly Values[]>;
  readonly lookups: readonly Values[];
}

function indexSpecs<Api>(session: ObservationSession<Api>, kind: Kind<Api>): ListedSpecs {
  const wanted = new Map<string | undefined, Values[]>();
  for (const resource of session.desired) {
    if (resource.kind === kind.name && session.isAbout(resource.address))
      addTo(wanted, holderOf(session, kind, resource), resource.spec);
  }
  const remembered = new Map<string | undefined, Values[]>();
  for (const [address, entry] of session.observation.entries) {
    if (entry.kind === kind.name && session.isAbout(address)) addTo(remembered, entry.parent, entry.spec);
  }
  const about = session.desired.filter(({ address }) => session.isAbout(address));
  const lookups = about.flatMap((resource) =>
    session.lookupsIn(resource).filter((one) => one.kind === kind.name),
  );
  return { wanted, remembered, lookups: lookups.map(({ lookup }) => lookup) };
}

/** The id of the object that holds a wanted resource; undefined when it has none yet, or none at all. */
export function holderOf<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
): string | undefined {
  if (kind.parent === undefined) return undefined;
  const holder = { [kind.parent]: resource.spec[kind.parent] ?? "" };
  const resolved = resolveReferences(kind.fields, holder, (address) => idOf(session, address));
  return holderId(kind, resolved) || undefined;
}

/** The id of a wanted resource's object, if it has one or will take one over. */
export function idOf<Api>(session: ObservationSession<Api>, address: Address): string | undefined {
  const isThere = session.observed.get(address)?.status !== "absent";
  const known = isThere ? session.observation.entries.get(address)?.id : undefined;
  return known ?? adoptedId(session, address);
}

/** The id of the object that a resource will take over, if there is just one that it can. */
function adoptedId<Api>(
  { observation, observed, desired }: ObservationSession<Api>,
  address: Address,
): string | undefined {
  const seen = observed.get(address);
  const entry = observation.entries.get(address);
  const begun = entry?.status === "unknown";
  const isNamed = !entry && desired.some((one) => one.address === address && one.imports !== undefined);
  if (seen?.status !== "absent" || !(observation.adopt || begun || isNamed)) return undefined;
  const [only, ...others] = seen.candidates.filter(({ id }) => !entry?.before?.includes(id));
  return others.length === 0 ? only?.id : undefined;
}

/** A lookup in a spec. */
export interface FoundLookup {
  /** The name of the kind that is looked up. */
  readonly kind: string;
  readonly path: Path;
  readonly lookup: Lookup["$lookup"];
  /** Only what was published will do. */
  readonly published?: true | undefined;
  /** It says what holds the object of another lookup. */
  readonly within?: true | undefined;
}

/** The lookups of a kind in a resource's spec that an id takes the place of. */
export const findLookups = <Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  resource: Resource,
): readonly FoundLookup[] =>
  session.lookupsIn(resource).filter((one) => one.kind === kind.name && !one.within);

function readLookups<Api>({ provider }: Engine<Api>, resource: Resource): readonly FoundLookup[] {
  const owner = provider.kinds.find(({ name }) => name === resource.kind);
  return leavesOf(owner?.fields ?? {}, resource.spec).flatMap((leaf) => {
    const { shape, value } = leaf;
    const kind = isLookup(value) ? kindLookedUp(shape) : undefined;
    if (kind === undefined || !isLookup(value)) return [];
    const { path } = leaf;
    const published = shape.type === "ref" && !value.$drafts ? shape.published : undefined;
    const found: FoundLookup = { kind, path, lookup: value.$lookup, published };
    return [found, ...readHolders(provider, found)];
  });
}

/** The lookups of what holds the object of a lookup. */
function readHolders<Api>(
  { kinds }: Pick<Engine<Api>["provider"], "kinds">,
  { kind: name, path, lookup }: FoundLookup,
): readonly FoundLookup[] {
  const kind = kinds.find((one) => one.name === name);
  const holder = kind && holderKind(kind);
  const word = lookup[kind?.parent ?? ""];
  if (holder === undefined || !isLookup(word)) return [];
  const found: FoundLookup = { kind: holder, path, lookup: word.$lookup, within: true };
  return [found, ...readHolders({ kinds }, found)];
}

/** Makes a call about an object that is remembered, or may be taken over. Throws an {@link ObserveError}. */
export async function readObject<Api, T>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  { id }: Place,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await session.limit(read);
  } catch (error) {
    const address = addressOf(session, kind.name, id);
    const wanted = session.desired.find((one) => one.address === address);
    throw describeFailure(session.engine, kind, error, { subject: address, at: wanted?.at }, address);
  }
}

/** The failure of a listing, about the first resource that is wanted there. */
function failListing<Api>(
  session: ObservationSession<Api>,
  kind: Kind<Api>,
  parent: string | undefined,
  error: unknown,
): ObserveError {
  const wanted = session.desired.find(
    (one) => one.kind === kind.name && holderOf(session, kind, one) === parent,
  );
  const at = kind.parent === undefined ? wanted?.at : wanted?.locate([kind.parent]);
  const holder = holderKind(kind);
  const holderAddress =
    holder === undefined || parent === undefined ? undefined : addressOf(session, holder, parent);
  return describeFailure(session.engine, kind, error, { subject: wanted?.address, at }, holderAddress);
}

function addressOf<Api>(
  { observation }: ObservationSession<Api>,
  kind: string,
  id: string,
): string | undefined {
  return [...observation.entries].find(([, entry]) => entry.kind === kind && entry.id === id)?.[0];
}

/** The error of a failed call about a kind's objects. `remembered`: the address of the object that may be gone. */
export function describeFailure<Api>(
  engine: Engine<Api>,
  kind: Kind<Api>,
  error: unknown,
  subject: ObserveSubject,
  remembered: string | undefined,
): ObserveError {
  const failure = engine.provider.explain(error);
  if (failure.signIn) {
    const { source, at } = engine.signIn(kind);
    return new ObserveError(failure, { subject: source, at }, error);
  }
  return new ObserveError({ ...failure, hint: adviseForget(failure, remembered) }, subject, error);
}
