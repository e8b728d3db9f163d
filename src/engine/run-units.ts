import type { Unit } from "../plan/schedule.ts";

/** How units may overlap. */
export interface Overlap {
  /** How many units of one lane run at once. */
  readonly parallelism: number;
  laneOf(unit: Unit): string;
  /** Once true, no further unit begins. */
  stopped(): boolean;
}

/**
 * Runs each unit once after those it waits for have ended; returns the units that never began. When a unit
 * throws, the running ones still come to their end before its error is passed on.
 */
export async function runUnits(
  units: readonly Unit[],
  overlap: Overlap,
  run: (unit: Unit) => Promise<void>,
): Promise<readonly Unit[]> {
  const lanes = openLanes(units, overlap);
  const ended = new Set<string>();
  const known = new Set(units.map(({ id }) => id));
  const running = new Map<Unit, Promise<void>>();
  const crashes: unknown[] = [];

  const mayBegin = (unit: Unit): boolean => unit.waitsFor.every((id) => ended.has(id) || !known.has(id));
  const isFull = (lane: Lane): boolean => lane.running >= overlap.parallelism;

  function begin(unit: Unit, lane: Lane): void {
    lane.waiting.delete(unit);
    lane.running += 1;
    const task = run(unit)
      .catch((error: unknown) => void crashes.push(error))
      .finally(() => {
        lane.running -= 1;
        running.delete(unit);
        ended.add(unit.id);
      });
    running.set(unit, task);
  }

  for (;;) {
    for (const lane of lanes) {
      for (const unit of lane.waiting) {
        if (isFull(lane) || overlap.stopped() || crashes.length > 0) break;
        if (mayBegin(unit)) begin(unit, lane);
      }
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (crashes.length > 0) throw crashes[0];
  const left = new Set(lanes.flatMap(({ waiting }) => [...waiting]));
  return units.filter((unit) => left.has(unit));
}

interface Lane {
  readonly waiting: Set<Unit>;
  running: number;
}

function openLanes(units: readonly Unit[], { laneOf }: Overlap): readonly Lane[] {
  const lanes = new Map<string, Lane>();
  for (const unit of units) {
    const lane = lanes.get(laneOf(unit)) ?? { waiting: new Set<Unit>(), running: 0 };
    lanes.set(laneOf(unit), lane);
    lane.waiting.add(unit);
  }
  return [...lanes.values()];
}
