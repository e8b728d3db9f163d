import DataLoader from "dataloader";
import type { Values } from "../../core/value.ts";
import { holderId } from "../../kind/holder.ts";
import type { BatchOutcome, Created, Place } from "../../kind/kind.ts";
import { createBatch, keepEach, removeBatch } from "../../lifecycle/batching.ts";
import { say } from "../../messages/text.ts";
import { type CozeKind, resourceType } from "../schema/names.ts";
import type { Account } from "./account.ts";

/** Terraform starts about ten operations at once: how long the first of them waits for the others, milliseconds. */
export const batchMs = 30;

/** How items that arrive at about the same time are handled together. */
export interface Batcher<T, R> {
  /** Resolves when no more items are waited for; a full call doesn't wait for it. */
  wait(): Promise<void>;
  readonly limit?: number | undefined;
  /** Gives the result of each, in their order; an error is of one alone, unless it is thrown. */
  run(items: readonly T[]): Promise<readonly (R | Error)[]>;
}

/** A function that takes items one by one and handles them together. */
export function batch<T, R>({ wait, limit, run }: Batcher<T, R>): (item: T) => Promise<R> {
  let [count, begin] = [0, () => {}];
  const loader = new DataLoader<T, R>(run, {
    cache: false,
    ...(limit === undefined ? {} : { maxBatchSize: limit }),
    batchScheduleFn(dispatch) {
      let isBegun = false;
      count = 0;
      begin = () => {
        if (!isBegun) dispatch();
        isBegun = true;
      };
      void wait().then(begin);
    },
  });
  return (item) => {
    const result = loader.load(item);
    count += 1;
    if (limit !== undefined && count >= limit) begin();
    return result;
  };
}

/** Creations and removals, together with others that arrive at the same time where one call takes several. */
export interface Batches {
  create(kind: CozeKind, spec: Values): Promise<Created>;
  remove(kind: CozeKind, at: Place): Promise<void>;
}

/** Batches of one account. */
export function createBatches({ client, sleep }: Account): Batches {
  const creators = keepEach<(spec: Values) => Promise<Created>>();
  const removers = keepEach<(at: Place) => Promise<void>>();
  const wait = () => sleep(batchMs);
  const describeMissing = (kind: CozeKind) => () =>
    say("terraform-resource/missing-result", { type: resourceType(kind) });
  const create = async (kind: CozeKind, specs: readonly Values[]) =>
    (await createBatch(client, kind, specs, describeMissing(kind))).map(valueOrError);
  const remove = async (kind: CozeKind, places: readonly Place[]) =>
    (await removeBatch(client, kind, places, describeMissing(kind))).map(valueOrError);
  return {
    async create(kind, spec) {
      const { createMany } = kind;
      if (!createMany) return only(await create(kind, [spec]));
      const creator = creators([kind.name, holderId(kind, spec), createMany.group?.(spec)], () =>
        batch({ wait, limit: createMany.limit, run: (specs) => create(kind, specs) }),
      );
      return await creator(spec);
    },
    async remove(kind, at) {
      const { removeMany } = kind;
      if (!removeMany) return only(await remove(kind, [at]));
      const remover = removers([kind.name, at.parent], () =>
        batch({ wait, limit: removeMany.limit, run: (places) => remove(kind, places) }),
      );
      return await remover(at);
    },
  };
}

const valueOrError = <T>(outcome: BatchOutcome<T>): T | Error =>
  "error" in outcome ? outcome.error : outcome.value;

/** The result of a single one; throws its error. */
function only<T>([result]: readonly (T | Error)[]): T {
  if (result instanceof Error) throw result;
  return result as T;
}
