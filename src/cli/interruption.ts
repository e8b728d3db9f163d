/** The user's requests to stop a run. */
export interface Interruption {
  /** Aborts at the first request, when calls in flight should be finished. */
  readonly signal: AbortSignal;
  /** Resolves when everything should stop at once, with the message for the user. */
  readonly atOnce: Promise<string>;
  /**
   * From now on the first request only lets calls in flight finish, after `notice` has told the user. A second one
   * stops everything; `farewell` words its message.
   */
  finishFirst(notice: () => void, farewell: () => string): void;
  /** From now on every request stops everything at once. */
  stopAtOnce(farewell?: string): void;
  /** Calls `tidy` before everything stops, to clear half-drawn lines; returns a function that removes it. */
  beforeStop(tidy: () => void): () => void;
  dispose(): void;
}

/**
 * Turns the first request into a signal, and a second one, or one with no calls in flight, into an immediate
 * stop.
 */
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
