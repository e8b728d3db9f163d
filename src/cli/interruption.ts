/** How a run learns that the user wants it to end. */
export interface Interruption {
  /** Fires at the first request, when what is in flight shall be finished. */
  readonly signal: AbortSignal;
  /** Resolves when everything shall stop at once, with what the user is told. */
  readonly atOnce: Promise<string>;
  /**
   * From now on the first request asks only to finish what is in flight: `notice` tells the user. A second one
   * stops everything: `farewell` says where that leaves things.
   */
  finishFirst(notice: () => void, farewell: () => string): void;
  /** From now on any request stops everything at once. */
  stopAtOnce(farewell?: string): void;
  /** Calls `tidy` before everything stops, so that nothing half-drawn is left; returns what calls that off. */
  beforeStop(tidy: () => void): () => void;
  dispose(): void;
}

/** Turns requests to end into a signal, or at the second one, or when nothing is in flight, into an end at once. */
export function watchInterruption(onInterrupt: (listener: () => void) => () => void): Interruption {
  const controller = new AbortController();
  const tidies = new Set<() => void>();
  let notice: (() => void) | undefined;
  let farewell = (): string => interrupted;
  let stop: (said: string) => void = () => {};
  const atOnce = new Promise<string>((resolve) => {
    stop = resolve;
  });
  const dispose = onInterrupt(() => {
    if (!notice || controller.signal.aborted) {
      for (const tidy of tidies) tidy();
      stop(farewell());
      return;
    }
    notice();
    controller.abort();
  });
  return {
    signal: controller.signal,
    atOnce,
    finishFirst(tell, part) {
      notice = tell;
      farewell = part;
    },
    stopAtOnce(said = interrupted) {
      notice = undefined;
      farewell = () => said;
    },
    beforeStop(tidy) {
      tidies.add(tidy);
      return () => tidies.delete(tidy);
    },
    dispose,
  };
}

const interrupted = "Interrupted.";
