/** Lets work through as long as what is under way weighs no more than a limit together. */
export interface WeightGate {
  /** Runs work once there is room for it, in the order of the calls; what is heavier than the limit runs alone. */
  run<T>(weight: number, work: () => Promise<T>): Promise<T>;
}

/** A gate for at most so much weight. */
export function createWeightGate(most: number): WeightGate {
  const waiting: { readonly weight: number; readonly enter: () => void }[] = [];
  let used = 0;
  const admit = () => {
    for (let [first] = waiting; first && used + first.weight <= most; [first] = waiting) {
      waiting.shift();
      used += first.weight;
      first.enter();
    }
  };
  return {
    async run(weight, work) {
      const own = Math.min(weight, most);
      if (own > 0) {
        await new Promise<void>((enter) => {
          waiting.push({ weight: own, enter });
          admit();
        });
      }
      try {
        return await work();
      } finally {
        used -= own;
        admit();
      }
    },
  };
}
