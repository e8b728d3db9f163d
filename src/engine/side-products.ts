import type { Address } from "../core/address.ts";
import type { Failure } from "../core/failure.ts";
import { addTo } from "../core/group.ts";
import type { Arrival, FoundSideProduct } from "../kind/copying.ts";
import type { Kind } from "../kind/kind.ts";
import type { Entry, SideProduct } from "../kind/state-entry.ts";
import type { Store } from "../state/store.ts";
import type { Engine } from "./engine.ts";
import type { CameAlong } from "./events.ts";

/** An object of the state whose side products are still to be searched. */
interface Newcomer {
  readonly address: Address;
  readonly entry: Entry;
  readonly arrival: Arrival;
}

/** Failures after which a later search would fail in the same way. */
const lasting: ReadonlySet<Failure["type"]> = new Set(["rejected", "not-found", "forbidden"]);

/**
 * Searches for unmanaged side products of objects that Coze's tasks made, reports and remembers them. Where another task
 * is open below the same holder the search is left to a later run, since the products couldn't be attributed. A failed
 * search doesn't fail the run.
 */
export async function findSideProducts<Api>(
  engine: Engine<Api>,
  store: Store,
): Promise<readonly CameAlong[]> {
  const found: CameAlong[] = [];
  for (const kind of engine.provider.kinds) {
    for (const newcomers of kind.copying ? groupNewcomers(engine, kind, store) : []) {
      found.push(...(await searchAround(engine, kind, store, newcomers)));
    }
  }
  return found;
}

/** Those that may have side products, by their holder. */
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
    addTo(groups, parent, { address, entry, arrival });
  }
  return [...groups].flatMap(([parent, group]) => (open.has(parent) ? [] : [group]));
}

const byAddress = ([one]: [Address, Entry], [other]: [Address, Entry]): number => (one < other ? -1 : 1);

async function searchAround<Api>(
  engine: Engine<Api>,
  kind: Kind<Api>,
  store: Store,
  newcomers: readonly Newcomer[],
): Promise<readonly CameAlong[]> {
  const parent = newcomers[0]?.entry.parent;
  const arrivals = newcomers.map(({ arrival }) => arrival);
  let products: readonly FoundSideProduct[];
  try {
    products = (await kind.copying?.sideProducts.find(engine.apiOf(kind), parent, arrivals)) ?? [];
  } catch (error) {
    const failure = engine.provider.explain(error);
    const addresses = newcomers.map(({ address }) => address);
    engine.onEvent({ type: "not-looked-for", at: engine.clock.now(), addresses, failure });
    if (lasting.has(failure.type) && !failure.transient) rememberProducts(store, newcomers, []);
    return [];
  }
  const managed = listManaged(store);
  const free = products.filter(({ id }) => !managed.has(id));
  rememberProducts(store, newcomers, free);
  return free.map((product) => report(engine, newcomers, product));
}

/** Ids of everything that the state knows. */
function listManaged(store: Store): ReadonlySet<string> {
  const ids = Object.values(store.state.resources).flatMap(({ id, brought = [], kept = [] }) => [
    ...(id === undefined ? [] : [id]),
    ...[...brought, ...kept.flatMap((one) => [one, ...(one.brought ?? [])])].map((one) => one.id),
  ]);
  return new Set(ids);
}

function report<Api>(
  engine: Engine<Api>,
  newcomers: readonly Newcomer[],
  product: FoundSideProduct,
): CameAlong {
  const { type, id, name } = product;
  const addresses = newcomers
    .filter(({ arrival }) => product.with.includes(arrival.id))
    .map(({ address }) => address);
  const found: CameAlong = { addresses, object: { type, id, name } };
  engine.onEvent({ type: "came-along", at: engine.clock.now(), ...found });
  return found;
}

/** Remembers side products; one that several objects share, with the first of them. */
function rememberProducts(
  store: Store,
  newcomers: readonly Newcomer[],
  products: readonly FoundSideProduct[],
): void {
  const productsOf = new Map<string, SideProduct[]>();
  for (const { type, id, name, with: makers } of products) {
    const first = newcomers.find(({ arrival }) => makers.includes(arrival.id))?.arrival.id ?? "";
    const one: SideProduct = { type, id, name, shared: makers.length > 1 || undefined };
    addTo(productsOf, first, one);
  }
  const entries = newcomers.map(({ address, entry, arrival }): readonly [Address, Entry] => {
    const { begun: _over, ...rest } = entry;
    const brought = productsOf.get(arrival.id);
    return [address, { ...rest, brought: brought ?? rest.brought }];
  });
  store.put("side-products-searched", Object.fromEntries(entries));
}
