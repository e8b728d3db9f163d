import { setMaxListeners } from "node:events";
import { say } from "../messages/text.ts";

/** The user's requests to stop a run. */
export interface Interruption {
  /** Aborts at the first request, when calls in flight should be finished. */
  readonly signal: AbortSignal;
  /** Resolves when everything should stop at once, with the message for the user. */
  readonly atOnce: Promise<string>;
  /**
   * From now on the first request only lets calls in flight finish, after `notice` has told the user. A second one
   * stops everything; `lastMessage` words its message.
   */
  finishFirst(notice: () => void, lastMessage?: () => string): void;
  /** From now on every request stops everything at once. */
  stopAtOnce(lastMessage?: string): void;
  /** Calls `cleanup` before everything stops, to clear half-drawn lines; returns a function that removes it. */
  beforeStop(cleanup: () => void): () => void;
  dispose(): void;
}

/**
 * Turns the first request into a signal, and a second one, or one with no calls in flight, into an immediate
 * stop.
 */
export function watchInterruption(onInterrupt: (listener: () => void) => () => void): Interruption {
  const controller = new AbortController();
  // As many listen to it as wait for something.
  setMaxListeners(0, controller.signal);
  const cleanups = new Set<() => void>();
  let notice: (() => void) | undefined;
  let lastMessage = describeInterrupted;
  let stop: (message: string) => void = () => {};
  const atOnce = new Promise<string>((resolve) => {
    stop = resolve;
  });
  const dispose = onInterrupt(() => {
    if (!notice || controller.signal.aborted) {
      for (const cleanup of cleanups) cleanup();
      stop(lastMessage());
      return;
    }
    notice();
    controller.abort();
  });
  return {
    // Made when a command asks for it.
    get signal() {
      return controller.signal;
    },
    atOnce,
    finishFirst(tell, describe = describeInterrupted) {
      notice = tell;
      lastMessage = describe;
    },
    stopAtOnce(message = describeInterrupted()) {
      notice = undefined;
      lastMessage = () => message;
    },
    beforeStop(cleanup) {
      cleanups.add(cleanup);
      return () => cleanups.delete(cleanup);
    },
    dispose,
  };
}

const describeInterrupted = (): string => say("cli/interrupted");
