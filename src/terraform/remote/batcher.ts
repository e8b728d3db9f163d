import DataLoader from "dataloader";

/** Terraform asks for about ten things at once: how long the first of them waits for the others, milliseconds. */
export const batchMs = 30;

/** How things that arrive at about the same time come together. */
export interface Batcher<T, R> {
  /** Resolves when no more are waited for; a full call doesn't wait for it. */
  wait(): Promise<void>;
  readonly limit?: number;
  /** Gives what comes of each, in their order; an error is of one alone, unless it is thrown. */
  run(items: readonly T[]): Promise<readonly (R | Error)[]>;
}

/** A function that takes things one by one and has them done together. */
export function batch<T, R>(gathering: Batcher<T, R>): (item: T) => Promise<R> {
  const { limit = Number.POSITIVE_INFINITY } = gathering;
  let [count, begin] = [0, () => {}];
  const loader = new DataLoader<T, R>(gathering.run, {
    cache: false,
    ...(limit === Number.POSITIVE_INFINITY ? {} : { maxBatchSize: limit }),
    batchScheduleFn(dispatch) {
      let isBegun = false;
      count = 0;
      begin = () => {
        if (!isBegun) dispatch();
        isBegun = true;
      };
      void gathering.wait().then(begin);
    },
  });
  return (item) => {
    const result = loader.load(item);
    count += 1;
    if (count >= limit) begin();
    return result;
  };
}

/** Things by a key, each made when it is first asked for. */
export function keepEach<T>(): (key: readonly unknown[], make: () => T) => T {
  const kept = new Map<string, T>();
  return (key, make) => {
    const name = JSON.stringify(key);
    const one = kept.get(name) ?? make();
    kept.set(name, one);
    return one;
  };
}
