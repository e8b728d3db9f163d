import type { Listed } from "../http/operation.ts";
import type { World, WorldSnapshot } from "./world.ts";

/** Lets lists show a world as it was. Records past states only from the first `remember` on, and only as long as needed. */
export interface ListLag {
  /** Sets how far back it remembers, in milliseconds; 0 forgets everything. */
  remember(ms: number): void;
  /** Records the present state of the world. */
  record(): void;
  /** The world with what an operation lists as it was so many milliseconds ago. */
  worldBefore(listed: Listed, ms: number): World;
}

interface PastState {
  readonly at: number;
  readonly state: WorldSnapshot;
}

type Item = { readonly id: string };

/** Makes the lag of the lists of a world. */
export function createListLag(world: World): ListLag {
  let span = 0;
  let past: readonly PastState[] = [];
  // By collection and id: what a list within an object shows before anything was added to it.
  let firsts = new Map<string, Item>();

  const itemsOf = (state: WorldSnapshot, { of }: Listed): readonly Item[] => state[of];
  const asOf = (time: number): PastState | undefined => past.findLast(({ at }) => at <= time) ?? past[0];

  function record(): void {
    if (span === 0) return;
    const now = world.now();
    const state = world.snapshot();
    past = [...past.filter(({ at }) => at !== now), { at: now, state }];
    const needed = asOf(now - span);
    past = past.slice(needed ? past.indexOf(needed) : 0);
    for (const [name, items] of Object.entries(state)) {
      if (!Array.isArray(items)) continue;
      for (const item of items as Item[]) {
        const key = `${name} ${item.id}`;
        if (!firsts.has(key)) firsts.set(key, item);
      }
    }
  }

  return {
    remember(ms) {
      if (ms === 0 || span === 0) {
        past = [];
        firsts = new Map();
      }
      span = ms;
      record();
    },
    record,
    worldBefore(listed, ms) {
      const then = asOf(world.now() - ms);
      if (!then) return world;
      const shown = new Map(itemsOf(then.state, listed).map((item) => [item.id, item]));
      if (!listed.within) return { ...world, [listed.of]: shown };
      const holders = [...(world[listed.of] as ReadonlyMap<string, Item>).values()].map(
        (item) => shown.get(item.id) ?? firsts.get(`${listed.of} ${item.id}`) ?? item,
      );
      return { ...world, [listed.of]: new Map(holders.map((item) => [item.id, item])) };
    },
  };
}
