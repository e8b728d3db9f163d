/** How a run learns that the user wants it to end. */
export interface Interruption {
  /** Fires at the first request, when what is in flight shall be finished. */
  readonly signal: AbortSignal;
  /** Resolves when everything shall stop at once. */
  readonly atOnce: Promise<void>;
  /** From now on the first request asks only to finish what is in flight: `notice` tells the user. */
  finishFirst(notice: () => void): void;
  /** From now on any request stops everything at once. */
  stopAtOnce(): void;
  dispose(): void;
}

/** Turns requests to end into a signal, or at the second one, or when nothing is in flight, into an end at once. */
export function watchInterruption(onInterrupt: (listener: () => void) => () => void): Interruption {
  const controller = new AbortController();
  let notice: (() => void) | undefined;
  let stop: () => void = () => {};
  const atOnce = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const dispose = onInterrupt(() => {
    if (!notice || controller.signal.aborted) {
      stop();
      return;
    }
    notice();
    controller.abort();
  });
  return {
    signal: controller.signal,
    atOnce,
    finishFirst(tell) {
      notice = tell;
    },
    stopAtOnce() {
      notice = undefined;
    },
    dispose,
  };
}
