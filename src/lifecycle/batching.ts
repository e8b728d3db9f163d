import type { Values } from "../core/value.ts";
import type { BatchOutcome, Created, Kind, Place } from "../kind/kind.ts";
import { createWeightGate, type WeightGate } from "./weight-gate.ts";

/** The capacity of one call: a number of items, and a total weight for items that have one. */
export interface Capacity<T> {
  readonly limit: number;
  weigh?: ((item: T) => number) | undefined;
  readonly most?: number | undefined;
}

/** Cuts items, in their order, into what fits in one call each; an item that is too heavy by itself goes alone. */
export function packItems<T>(items: readonly T[], capacity: Capacity<T>): readonly (readonly T[])[] {
  const { limit, most = Number.POSITIVE_INFINITY } = capacity;
  const packs: T[][] = [];
  let room = 0;
  for (const item of items) {
    const weight = capacity.weigh?.(item) ?? 0;
    const last = packs.at(-1);
    if (last && last.length < limit && weight <= room) {
      last.push(item);
      room -= weight;
    } else {
      packs.push([item]);
      room = most - weight;
    }
  }
  return packs;
}

/** The most objects that one creating call of a kind makes. */
const createCapacity = <Api>({ createMany }: Kind<Api>): Capacity<Values> =>
  createMany
    ? { limit: createMany.limit, weigh: createMany.weight, most: createMany.maxWeight }
    : { limit: 1 };

/**
 * Creates objects of one kind, parent and group in as few calls as the kind allows. Gives an outcome for each spec, in
 * their order; `describeMissing` words that of a spec that Coze's answer leaves out.
 */
export function createBatch<Api>(
  api: Api,
  kind: Kind<Api>,
  specs: readonly Values[],
  describeMissing: (index: number) => string,
): Promise<readonly BatchOutcome<Created>[]> {
  const { createMany, create } = kind;
  const call = async (some: readonly Values[]): Promise<readonly BatchOutcome<Created>[]> => {
    if (createMany) {
      const { weight, maxWeight = Number.POSITIVE_INFINITY } = createMany;
      const total = some.reduce((sum, spec) => sum + (weight?.(spec) ?? 0), 0);
      return await gates([kind.name], () => createWeightGate(maxWeight)).run(total, () =>
        createTogether(api, createMany, some),
      );
    }
    if (!create) throw new Error(`${kind.name} can't be created`);
    return await Promise.all(some.map(async (spec) => ({ value: await create(api, spec) })));
  };
  return callInPacks(packItems(specs, createCapacity(kind)), call, describeMissing);
}

/** Values by a key, each made when it is first asked for: calls that ask for the same share one. */
export function keepEach<T>(): (key: readonly unknown[], make: () => T) => T {
  const values = new Map<string, T>();
  return (key, make) => {
    const name = JSON.stringify(key);
    const value = values.get(name) ?? make();
    values.set(name, value);
    return value;
  };
}

/** What calls carry is held in memory as long as they run: together, those of a kind carry no more than one may. */
const gates = keepEach<WeightGate>();

/** Creates objects in one call, or each in its own where one of them may be why Coze refused that. */
async function createTogether<Api>(
  api: Api,
  createMany: NonNullable<Kind<Api>["createMany"]>,
  specs: readonly Values[],
): Promise<readonly BatchOutcome<Created>[]> {
  try {
    return await createMany.run(api, specs);
  } catch (error) {
    if (specs.length === 1 || !createMany.concernsOne?.(error)) throw error;
  }
  const outcomes: BatchOutcome<Created>[] = [];
  for (const spec of specs) {
    const alone = createMany.run(api, [spec]).catch((error: Error) => [{ error }]);
    outcomes.push(...(await alone));
  }
  return outcomes;
}

/** Removes objects of one kind and parent in as few calls as the kind allows; the outcomes are as for creation. */
export function removeBatch<Api>(
  api: Api,
  kind: Kind<Api>,
  places: readonly Place[],
  describeMissing: (index: number) => string,
): Promise<readonly BatchOutcome<void>[]> {
  const { removeMany, remove } = kind;
  const call = async (some: readonly Place[]): Promise<readonly BatchOutcome<void>[]> => {
    if (removeMany) return await removeMany.run(api, some);
    if (!remove) throw new Error(`${kind.name} can't be removed`);
    return await Promise.all(some.map(async (place) => ({ value: await remove(api, place) })));
  };
  return callInPacks(packItems(places, { limit: removeMany?.limit ?? 1 }), call, describeMissing);
}

/** The result of a function for each object, made when it is first asked for and kept as long as the object. */
export function keepFor<Key extends WeakKey, T>(make: (key: Key) => T): (key: Key) => T {
  const values = new WeakMap<Key, { readonly value: T }>();
  return (key) => {
    const known = values.get(key) ?? { value: make(key) };
    values.set(key, known);
    return known.value;
  };
}

/** An error, whatever was thrown. */
export const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));

async function callInPacks<T, R>(
  packs: readonly (readonly T[])[],
  call: (items: readonly T[]) => Promise<readonly BatchOutcome<R>[]>,
  describeMissing: (index: number) => string,
): Promise<readonly BatchOutcome<R>[]> {
  const outcomes = await Promise.all(
    packs.map(async (pack): Promise<readonly (BatchOutcome<R> | undefined)[]> => {
      try {
        const given = await call(pack);
        return pack.map((_, index) => given[index]);
      } catch (cause) {
        // A call that fails, fails for each of its items.
        const error = asError(cause);
        return pack.map(() => ({ error }));
      }
    }),
  );
  return outcomes.flat().map((outcome, index) => outcome ?? { error: new Error(describeMissing(index)) });
}
