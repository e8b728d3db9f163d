/** Writes that are under way, by kind and by what holds their objects. */
export interface Writes {
  /** Counts a write while it goes on. */
  during<T>(below: Below, write: () => Promise<T>): Promise<T>;
  areGoingOn(below: Below): boolean;
  /** When the last one ended, epoch milliseconds; undefined when there was none. */
  lastEnd(below: Below): number | undefined;
}

/** Objects of a kind below a parent. */
interface Below {
  readonly kind: { readonly name: string };
  readonly parent: string | undefined;
}

/** None is under way. */
export function createWrites(now: () => number): Writes {
  const ends = new Map<string, number>();
  const counts = new Map<string, number>();
  const keyOf = ({ kind, parent }: Below) => `${kind.name} ${parent ?? ""}`;
  const add = (key: string, change: number) => counts.set(key, (counts.get(key) ?? 0) + change);
  return {
    async during(below, write) {
      const key = keyOf(below);
      add(key, 1);
      try {
        return await write();
      } finally {
        add(key, -1);
        ends.set(key, now());
      }
    },
    lastEnd: (below) => ends.get(keyOf(below)),
    areGoingOn: (below) => (counts.get(keyOf(below)) ?? 0) > 0,
  };
}
