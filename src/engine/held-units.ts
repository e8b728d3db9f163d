import type { Unit } from "../plan/schedule.ts";

/** How units are announced. */
export interface Announcing {
  /** Whether a unit has to be announced, once it waits for no other one. */
  needs(unit: Unit): boolean;
  /** Resolves when units may be announced although others still run, or when the signal aborts. */
  due(signal: AbortSignal): Promise<void>;
  /** Announces units, which may begin once this resolves. */
  announce(units: readonly Unit[]): Promise<void>;
}

/** Units that wait for no other one any more, and are held until they are announced. */
interface HeldUnits {
  /** Whether a unit is held. */
  take(unit: Unit): boolean;
  /** Announces what is held, now or when it is due; whether something is being announced. */
  announce(when: "now" | "due"): boolean;
  /** Nothing is announced any more. */
  end(): void;
}

/**
 * Holds units until they are announced together. `onEnd` is called after each announcement, with an error if it failed.
 * Nothing is held for ever: when nothing else runs the caller announces at once, and otherwise the time comes.
 */
export function holdUnits(
  announcing: Announcing | undefined,
  isOver: () => boolean,
  onEnd: (units: readonly Unit[], crash: { readonly error: unknown } | undefined) => void,
): HeldUnits {
  const ended = new AbortController();
  let units: Unit[] = [];
  let isAnnouncing = false;
  let isWaiting = false;
  const mayAnnounce = (): boolean => units.length > 0 && !isAnnouncing && !isOver() && !ended.signal.aborted;

  async function announceAll({ announce }: Announcing): Promise<void> {
    const all = units;
    units = [];
    isAnnouncing = true;
    const crash = await announce(all).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    isAnnouncing = false;
    onEnd(all, crash);
  }
  async function announceWhenDue(given: Announcing): Promise<void> {
    isWaiting = true;
    await given.due(ended.signal);
    isWaiting = false;
    if (mayAnnounce()) await announceAll(given);
  }
  return {
    take(unit) {
      const isHeld = announcing?.needs(unit) === true;
      if (isHeld) units.push(unit);
      return isHeld;
    },
    announce(when) {
      if (announcing && mayAnnounce()) {
        if (when === "now") void announceAll(announcing);
        else if (!isWaiting) void announceWhenDue(announcing);
      }
      return isAnnouncing;
    },
    end: () => ended.abort(),
  };
}
