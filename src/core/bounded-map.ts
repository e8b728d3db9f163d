/** How many are begun before the first of them has to be done. */
const atOnce = 16;

/**
 * The results of an asynchronous function for each item, in their order. Few are begun at once: what is begun for all
 * is also held in memory for all.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  use: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let begin = 0; begin < items.length; begin += atOnce) {
    results.push(...(await Promise.all(items.slice(begin, begin + atOnce).map(use))));
  }
  return results;
}
