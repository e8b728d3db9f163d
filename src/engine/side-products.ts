import type { Address } from "../core/address.ts";
import type { Failure } from "../core/failure.ts";
import type { Arrival, FoundSideProduct } from "../kind/copying.ts";
import type { Kind } from "../kind/kind.ts";
import type { Entry, SideProduct } from "../kind/state-entry.ts";
import type { Store } from "../state/store.ts";
import type { Engine } from "./engine.ts";
import type { CameAlong } from "./events.ts";

/** A remembered object of which nobody knows yet what came along with it. */
interface Newcomer {
  readonly address: Address;
  readonly entry: Entry;
  readonly arrival: Arrival;
}

/** Failures after which a later look would end in the same way. */
const lasting: ReadonlySet<Failure["type"]> = new Set(["rejected", "not-found", "forbidden"]);

/**
 * Looks for what came along with objects that Coze's tasks made and that nobody manages, tells of it and remembers it.
 * Where another task is open below the same holder it waits for a later run, since nobody can tell whose things are.
 * That it fails takes nothing from what was made.
 */
export async function findSideProducts<Api>(
  engine: Engine<Api>,
  store: Store,
): Promise<readonly CameAlong[]> {
  const found: CameAlong[] = [];
  for (const kind of engine.provider.kinds) {
    for (const newcomers of kind.copying ? groupNewcomers(engine, kind, store) : []) {
      found.push(...(await lookAround(engine, kind, store, newcomers)));
    }
  }
  return found;
}

/** Those that may have brought something, by what holds them. */
function groupNewcomers<Api>(
  engine: Engine<Api>,
  kind: Kind<Api>,
  store: Store,
): readonly (readonly Newcomer[])[] {
  const groups = new Map<string | undefined, Newcomer[]>();
  const open = new Set<string | undefined>();
  const ahead = engine.provider.serverTime(engine.apiOf(kind)) - engine.clock.now();
  for (const [address, entry] of Object.entries(store.state.resources).sort(byAddress)) {
    const { id, spec, begun, parent } = entry;
    if (entry.kind !== kind.name) continue;
    if (id === undefined) open.add(parent);
    if (id === undefined || begun === undefined) continue;
    const arrival = { id, spec, begun: Math.floor(begun + ahead / 1000) };
    groups.set(parent, [...(groups.get(parent) ?? []), { address, entry, arrival }]);
  }
  return [...groups].flatMap(([parent, group]) => (open.has(parent) ? [] : [group]));
}

const byAddress = ([one]: [Address, Entry], [other]: [Address, Entry]): number => (one < other ? -1 : 1);

async function lookAround<Api>(
  engine: Engine<Api>,
  kind: Kind<Api>,
  store: Store,
  newcomers: readonly Newcomer[],
): Promise<readonly CameAlong[]> {
  const parent = newcomers[0]?.entry.parent;
  const arrivals = newcomers.map(({ arrival }) => arrival);
  let companions: readonly FoundSideProduct[];
  try {
    companions = (await kind.copying?.sideProducts.find(engine.apiOf(kind), parent, arrivals)) ?? [];
  } catch (error) {
    const failure = engine.provider.explain(error);
    const addresses = newcomers.map(({ address }) => address);
    engine.onEvent({ type: "not-looked-for", at: engine.clock.now(), addresses, failure });
    if (lasting.has(failure.type) && !failure.transient) rememberBrought(store, newcomers, []);
    return [];
  }
  const managed = listManaged(store);
  const free = companions.filter(({ id }) => !managed.has(id));
  rememberBrought(store, newcomers, free);
  return free.map((companion) => tell(engine, newcomers, companion));
}

/** Ids of everything that the state knows. */
function listManaged(store: Store): ReadonlySet<string> {
  const ids = Object.values(store.state.resources).flatMap(({ id, brought = [], kept = [] }) => [
    ...(id === undefined ? [] : [id]),
    ...[...brought, ...kept.flatMap((one) => [one, ...(one.brought ?? [])])].map((one) => one.id),
  ]);
  return new Set(ids);
}

function tell<Api>(
  engine: Engine<Api>,
  newcomers: readonly Newcomer[],
  companion: FoundSideProduct,
): CameAlong {
  const { type, id, name } = companion;
  const addresses = newcomers
    .filter(({ arrival }) => companion.with.includes(arrival.id))
    .map(({ address }) => address);
  const told: CameAlong = { addresses, object: { type, id, name } };
  engine.onEvent({ type: "came-along", at: engine.clock.now(), ...told });
  return told;
}

/** What may have come with any of several is remembered once, with the first of them. */
function rememberBrought(
  store: Store,
  newcomers: readonly Newcomer[],
  companions: readonly FoundSideProduct[],
): void {
  const broughtBy = new Map<string, SideProduct[]>();
  for (const { type, id, name, with: makers } of companions) {
    const first = newcomers.find(({ arrival }) => makers.includes(arrival.id))?.arrival.id ?? "";
    const one: SideProduct = { type, id, name, ...(makers.length > 1 ? { shared: true } : {}) };
    broughtBy.set(first, [...(broughtBy.get(first) ?? []), one]);
  }
  const entries = newcomers.map(({ address, entry, arrival }): readonly [Address, Entry] => {
    const { begun: _over, ...rest } = entry;
    const brought = broughtBy.get(arrival.id);
    return [address, { ...rest, ...(brought ? { brought } : {}) }];
  });
  store.put("looked for what came along", Object.fromEntries(entries));
}
