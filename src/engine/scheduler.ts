import type { Unit } from "../plan/schedule.ts";
import { type Announcing, holdUnits } from "./held-units.ts";

/** How units may overlap. */
export interface Overlap {
  /** How many units of one lane run at once. */
  readonly parallelism: number;
  laneOf(unit: Unit): string;
  /** Once true, no further unit begins. */
  stopped(): boolean;
  /** Units are announced, many together, before they begin. */
  readonly announcing?: Announcing | undefined;
}

/** A unit's place among those that run. */
export interface Turn {
  /**
   * Gives the place in the lane to others, while the unit only waits: for others, or because Coze works for it, and then
   * it isn't waited for in vain.
   */
  stepAside(why: "waits" | "works"): Aside;
}

/** A unit that only waits. */
export interface Aside {
  /** Fires once every other unit has ended, waits as well, or can't begin. */
  readonly alone: AbortSignal;
  /** Fires once no further unit begins, since the run has come to its end. */
  readonly over: AbortSignal;
  /** The unit goes on at once, also where its lane is full. */
  goOn(): void;
  /** Resolves when the lane has a place for the unit again. */
  queue(): Promise<void>;
}

/**
 * Runs each unit once after those it waits for have ended; returns the units that never began. When a unit
 * throws, the running ones still come to their end before its error is passed on.
 */
export async function runSchedule(
  units: readonly Unit[],
  overlap: Overlap,
  run: (unit: Unit, turn: Turn) => Promise<void>,
): Promise<readonly Unit[]> {
  const lanes = openLanes(units, overlap);
  const order = createOrder(units);
  const crashes: unknown[] = [];
  const aside = new Set<Waiter>();
  let running = 0;
  let finish = (): void => {};

  const laneOf = (unit: Unit): ScheduleLane => lanes.get(overlap.laneOf(unit)) as ScheduleLane;
  const isFull = (lane: ScheduleLane): boolean => lane.running >= overlap.parallelism;
  const isOver = (): boolean => overlap.stopped() || crashes.length > 0;
  const makeReady = (unit: Unit): void => order.admit(laneOf(unit).ready, unit);
  const held = holdUnits(overlap.announcing, isOver, (announced, crash) => {
    if (crash) crashes.push(crash.error);
    else announced.forEach(makeReady);
    advance();
  });
  const admit = (unit: Unit): void => (held.take(unit) ? undefined : makeReady(unit));

  function begin(unit: Unit, lane: ScheduleLane): void {
    order.left.delete(unit);
    running += 1;
    const place = takePlace(lane, aside, advance);
    run(unit, { stepAside: place.stepAside })
      .catch((error: unknown) => void crashes.push(error))
      .finally(() => {
        place.leave();
        running -= 1;
        order.end(unit).forEach(admit);
        advance();
      });
  }

  /** Begins what can begin, and signals the units that stand aside. */
  function advance(): void {
    for (const lane of lanes.values()) {
      while (lane.returning.length > 0 && !isFull(lane)) lane.returning.shift()?.();
      while (lane.ready.length > 0 && !isFull(lane) && !isOver()) begin(lane.ready.shift() as Unit, lane);
    }
    if (isOver()) for (const { ends } of aside) ends();
    const waiting = [...aside].filter(({ why }) => why === "waits");
    // What is about to be announced will run.
    if (held.announce(running === waiting.length ? "now" : "due")) return;
    if (running === waiting.length) for (const { isAlone } of waiting) isAlone();
    if (running === 0) finish();
  }

  await new Promise<void>((resolve) => {
    finish = resolve;
    order.first.forEach(admit);
    advance();
  });
  held.end();
  if (crashes.length > 0) throw crashes[0];
  return units.filter((unit) => order.left.has(unit));
}

/** Takes a place in a lane for a unit that begins. */
function takePlace(
  lane: ScheduleLane,
  aside: Set<Waiter>,
  advance: () => void,
): Pick<Turn, "stepAside"> & { leave(): void } {
  let latest: Waiter | undefined;
  const comeBack = (waiter: Waiter | undefined): void => {
    if (waiter && aside.delete(waiter)) lane.running += 1;
  };
  lane.running += 1;
  return {
    stepAside(why) {
      // An earlier wait may have ended without the place that it gave up.
      comeBack(latest);
      const waiter = openWaiter(why, lane, () => comeBack(waiter), advance);
      latest = waiter;
      aside.add(waiter);
      lane.running -= 1;
      advance();
      return waiter;
    },
    leave() {
      comeBack(latest);
      lane.running -= 1;
    },
  };
}

/** Which units may begin when others have ended. */
function createOrder(units: readonly Unit[]) {
  const positions = new Map(units.map((unit, index) => [unit, index]));
  const known = new Set(units.map(({ id }) => id));
  const followers = new Map<string, Unit[]>();
  const open = new Map<Unit, number>();
  for (const unit of units) {
    const awaited = unit.waitsFor.filter((id) => known.has(id));
    open.set(unit, awaited.length);
    for (const id of awaited) {
      const others = followers.get(id);
      if (others) others.push(unit);
      else followers.set(id, [unit]);
    }
  }
  const positionOf = (unit: Unit): number => positions.get(unit) ?? 0;
  return {
    /** Those that have not begun. */
    left: new Set(units),
    first: units.filter((unit) => open.get(unit) === 0),
    /** Puts a unit among those that are ready, before those that come later in the order. */
    admit(ready: Unit[], unit: Unit): void {
      const position = positionOf(unit);
      ready.splice(ready.findLastIndex((other) => positionOf(other) < position) + 1, 0, unit);
    },
    /** The units for which this one was the last to wait for. */
    end(unit: Unit): readonly Unit[] {
      return (followers.get(unit.id) ?? []).filter((follower) => {
        const left = (open.get(follower) ?? 0) - 1;
        open.set(follower, left);
        return left === 0;
      });
    },
  };
}

interface ScheduleLane {
  /** Units that wait for no other one, in their order. */
  readonly ready: Unit[];
  /** Units that stood aside and want their place back, the first first. */
  readonly returning: (() => void)[];
  running: number;
}

interface Waiter extends Aside {
  readonly why: "waits" | "works";
  isAlone(): void;
  ends(): void;
}

function openWaiter(
  why: Waiter["why"],
  lane: ScheduleLane,
  comeBack: () => void,
  advance: () => void,
): Waiter {
  const [alone, over] = [new AbortController(), new AbortController()];
  return {
    why,
    alone: alone.signal,
    over: over.signal,
    isAlone: () => alone.abort(),
    ends: () => over.abort(),
    goOn: comeBack,
    queue: () =>
      new Promise((resolve) => {
        lane.returning.push(() => {
          comeBack();
          resolve();
        });
        advance();
      }),
  };
}

function openLanes(units: readonly Unit[], { laneOf }: Overlap): ReadonlyMap<string, ScheduleLane> {
  const names = new Set(units.map(laneOf));
  return new Map([...names].map((name) => [name, { ready: [], returning: [], running: 0 }]));
}
