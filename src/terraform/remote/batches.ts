import type { Values } from "../../core/value.ts";
import { attemptAll } from "../../kind/batch-outcome.ts";
import type { BatchOutcome, Created, Place } from "../../kind/kind.ts";
import { packItems } from "../../lifecycle/batching.ts";
import { type CozeKind, resourceType } from "../schema/names.ts";

import type { Account } from "./account.ts";
import { batch, batchMs, keepEach } from "./batcher.ts";

/** Writes of which one call takes several, if the kind has such. */
export interface Batches {
  create(kind: CozeKind, spec: Values): Promise<Created>;
  remove(kind: CozeKind, at: Place): Promise<void>;
}

/** Nothing was written yet. */
export function createBatches({ client, rest }: Account): Batches {
  const creators = keepEach<(spec: Values) => Promise<Created>>();
  const removers = keepEach<(at: Place) => Promise<void>>();
  const wait = () => rest(batchMs);
  return {
    async create(kind, spec) {
      const { createMany } = kind;
      if (!createMany) {
        if (!kind.create) throw new Error(`${kind.name} can't be created`);
        return await kind.create(client, spec);
      }
      const parent = kind.parent === undefined ? null : spec[kind.parent];
      const { limit, weight, maxWeight } = createMany;
      const capacity = { limit, most: maxWeight, ...(weight ? { weigh: weight } : {}) };
      const creator = creators([kind.name, parent, createMany.group?.(spec)], () =>
        batch({
          wait,
          limit,
          run: async (specs) => {
            const calls = packItems(specs, capacity).map((some) =>
              attempt(kind, some, () => createMany.run(client, some)),
            );
            return (await Promise.all(calls)).flat();
          },
        }),
      );
      return await creator(spec);
    },
    async remove(kind, at) {
      const { removeMany } = kind;
      if (!removeMany) {
        if (!kind.remove) throw new Error(`${kind.name} can't be removed`);
        return await kind.remove(client, at);
      }
      const remover = removers([kind.name, at.parent], () =>
        batch({
          wait,
          limit: removeMany.limit,
          run: (places) => attempt(kind, places, () => removeMany.run(client, places)),
        }),
      );
      return await remover(at);
    },
  };
}

/** What came of each. */
async function attempt<T>(
  kind: CozeKind,
  items: readonly unknown[],
  call: () => Promise<readonly BatchOutcome<T>[]>,
): Promise<readonly (T | Error)[]> {
  const outcomes = await attemptAll(items, call);
  return items.map((_, index) => {
    const outcome = outcomes[index] ?? {
      error: new Error(`Coze's answer leaves out a ${resourceType(kind)}`),
    };
    return "error" in outcome ? outcome.error : outcome.value;
  });
}
