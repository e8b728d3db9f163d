import type { Listed } from "../http/operation.ts";
import type { World, WorldSnapshot } from "./world.ts";

/** Lets lists show a world as it was. Remembers only from when it is first asked to, and only as long as it must. */
export interface ListLag {
  /** How far back it must remember, in milliseconds; 0 forgets everything. */
  keep(ms: number): void;
  /** Takes note of the world as it is now. */
  record(): void;
  /** The world in which what an operation lists is as it was so long ago. */
  look(listed: Listed, ms: number): World;
}

interface Moment {
  readonly at: number;
  readonly was: WorldSnapshot;
}

type Item = { readonly id: string };

export function createListLag(world: World): ListLag {
  let span = 0;
  let moments: readonly Moment[] = [];
  // By collection and id: what a list within an object shows before anything was put there.
  let firsts = new Map<string, Item>();

  const itemsOf = (was: WorldSnapshot, { of }: Listed): readonly Item[] => was[of];
  const asOf = (time: number): Moment | undefined => moments.findLast(({ at }) => at <= time) ?? moments[0];

  function record(): void {
    if (span === 0) return;
    const now = world.now();
    const was = world.snapshot();
    moments = [...moments.filter(({ at }) => at !== now), { at: now, was }];
    const needed = asOf(now - span);
    moments = moments.slice(needed ? moments.indexOf(needed) : 0);
    for (const [name, items] of Object.entries(was)) {
      if (!Array.isArray(items)) continue;
      for (const item of items as Item[]) {
        const key = `${name} ${item.id}`;
        if (!firsts.has(key)) firsts.set(key, item);
      }
    }
  }

  return {
    keep(ms) {
      if (ms === 0 || span === 0) {
        moments = [];
        firsts = new Map();
      }
      span = ms;
      record();
    },
    record,
    look(listed, ms) {
      const past = asOf(world.now() - ms);
      if (!past) return world;
      const shown = new Map(itemsOf(past.was, listed).map((item) => [item.id, item]));
      if (!listed.within) return { ...world, [listed.of]: shown };
      const holders = [...(world[listed.of] as ReadonlyMap<string, Item>).values()].map(
        (item) => shown.get(item.id) ?? firsts.get(`${listed.of} ${item.id}`) ?? item,
      );
      return { ...world, [listed.of]: new Map(holders.map((item) => [item.id, item])) };
    },
  };
}
