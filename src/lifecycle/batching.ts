/** What goes into one call: at most so many items, and of those that have a weight so much together. */
export interface Capacity<T> {
  readonly limit: number;
  weigh?(item: T): number;
  readonly most?: number | undefined;
}

/** Items in their order, cut into what goes into one call each; one that is too heavy by itself goes alone. */
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
