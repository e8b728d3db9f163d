import type { Unit } from "../plan/schedule.ts";

/** How units may overlap. */
export interface Overlap {
  /** How many units of one lane run at once. */
  readonly parallelism: number;
  laneOf(unit: Unit): string;
  /** Once true, no further unit begins. */
  stopped(): boolean;
}

/** A unit's place among those that run. */
export interface Turn {
  /** Gives the place in the lane to others, while the unit only waits. */
  stepAside(): Aside;
}

/** A unit that only waits. */
export interface Aside {
  /** Fires once every other unit has ended, stands aside as well, or can't begin. */
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
  const ended = new Set<string>();
  const known = new Set(units.map(({ id }) => id));
  const crashes: unknown[] = [];
  const aside = new Set<Waiter>();
  let running = 0;
  let finish = (): void => {};

  const mayBegin = (unit: Unit): boolean => unit.waitsFor.every((id) => ended.has(id) || !known.has(id));
  const isFull = (lane: ScheduleLane): boolean => lane.running >= overlap.parallelism;
  const isOver = (): boolean => overlap.stopped() || crashes.length > 0;

  function begin(unit: Unit, lane: ScheduleLane): void {
    lane.waiting.delete(unit);
    lane.running += 1;
    running += 1;
    let waiter: Waiter | undefined;
    const comeBack = (): void => {
      if (waiter && aside.delete(waiter)) lane.running += 1;
    };
    const stepAside = (): Aside => {
      waiter = openWaiter(lane, comeBack, advance);
      aside.add(waiter);
      lane.running -= 1;
      advance();
      return waiter;
    };
    run(unit, { stepAside })
      .catch((error: unknown) => void crashes.push(error))
      .finally(() => {
        comeBack();
        lane.running -= 1;
        running -= 1;
        ended.add(unit.id);
        advance();
      });
  }

  /** Begins what can begin, and signals the units that stand aside. */
  function advance(): void {
    for (const lane of lanes) {
      while (lane.returning.length > 0 && !isFull(lane)) lane.returning.shift()?.();
      for (const unit of lane.waiting) {
        if (isFull(lane) || isOver()) break;
        if (mayBegin(unit)) begin(unit, lane);
      }
    }
    if (isOver()) for (const { ends } of aside) ends();
    if (running === aside.size) for (const { isAlone } of aside) isAlone();
    if (running === 0) finish();
  }

  await new Promise<void>((resolve) => {
    finish = resolve;
    advance();
  });
  if (crashes.length > 0) throw crashes[0];
  const left = new Set(lanes.flatMap(({ waiting }) => [...waiting]));
  return units.filter((unit) => left.has(unit));
}

interface ScheduleLane {
  readonly waiting: Set<Unit>;
  /** Units that stood aside and want their place back, the first first. */
  readonly returning: (() => void)[];
  running: number;
}

interface Waiter extends Aside {
  isAlone(): void;
  ends(): void;
}

function openWaiter(lane: ScheduleLane, comeBack: () => void, advance: () => void): Waiter {
  const [alone, over] = [new AbortController(), new AbortController()];
  return {
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

function openLanes(units: readonly Unit[], { laneOf }: Overlap): readonly ScheduleLane[] {
  const lanes = new Map<string, ScheduleLane>();
  for (const unit of units) {
    const lane = lanes.get(laneOf(unit)) ?? { waiting: new Set<Unit>(), returning: [], running: 0 };
    lanes.set(laneOf(unit), lane);
    lane.waiting.add(unit);
  }
  return [...lanes.values()];
}
