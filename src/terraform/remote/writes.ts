/** Writes that are under way, by kind and by what holds their objects. */
export interface Writes {
  /** Counts a write while it goes on. */
  during<T>(below: Below, write: () => Promise<T>): Promise<T>;
  areGoingOn(below: Below): boolean;
}

/** Objects of a kind below a parent. */
interface Below {
  readonly kind: { readonly name: string };
  readonly parent: string | undefined;
}

/** None is under way. */
export function createWrites(): Writes {
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
      }
    },
    areGoingOn: (below) => (counts.get(keyOf(below)) ?? 0) > 0,
  };
}
