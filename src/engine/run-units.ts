import type { Unit } from "../plan/schedule.ts";

/** How units may overlap. */
export interface Overlap {
  readonly parallelism: number;
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
  const waiting = new Set(units);
  const ended = new Set<string>();
  const known = new Set(units.map(({ id }) => id));
  const running = new Map<Unit, Promise<void>>();
  const crashes: unknown[] = [];

  const mayBegin = (unit: Unit): boolean => unit.waitsFor.every((id) => ended.has(id) || !known.has(id));

  while (waiting.size > 0 || running.size > 0) {
    for (const unit of waiting) {
      if (running.size >= overlap.parallelism || overlap.stopped() || crashes.length > 0) break;
      if (!mayBegin(unit)) continue;
      waiting.delete(unit);
      const task = run(unit)
        .catch((error: unknown) => void crashes.push(error))
        .finally(() => {
          running.delete(unit);
          ended.add(unit.id);
        });
      running.set(unit, task);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (crashes.length > 0) throw crashes[0];
  return [...waiting];
}
