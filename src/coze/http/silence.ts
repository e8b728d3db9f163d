/** A call that gets no answer. */
export interface SilentCall {
  readonly operation: string;
  /** How long nothing has been received, in milliseconds; of an answer that comes in drips, how long it has taken. */
  readonly silentMs: number;
  /** The time-out of this attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** From 1. */
  readonly attempt: number;
  readonly attempts: number;
  /**
   * What follows if no answer comes: a retry, a search for the effect, the next poll, or failure.
   */
  readonly next: "retry" | "look" | "poll" | "fail";
}

/** A pause before a call is tried again. */
export interface RetryPause {
  readonly operation: string;
  readonly ms: number;
  /** Coze asked for it. */
  readonly asked: boolean;
  /** The attempt that follows. */
  readonly attempt: number;
  readonly attempts: number;
}

/** Why a run makes no progress: calls without an answer, the longest silent one first, or a long pause. */
export type Silence =
  | { readonly type: "no-answer"; readonly calls: readonly SilentCall[] }
  | { readonly type: "pause"; readonly pause: RetryPause };

/** Follows one attempt until it ends. */
interface Attempt {
  /** Part of the answer was received. */
  received(): void;
  end(): void;
}

/** Reports long silences. */
export interface SilenceWatch {
  begin(call: Omit<SilentCall, "silentMs">): Attempt;
  /** A pause begins; `now`: epoch milliseconds of the clock that it is measured by. */
  pause(pause: RetryPause, now: number): void;
}

/**
 * Reports all silent calls together, when one of them has been silent for `intervalMs`, at most once in that time; an
 * answer that isn't complete after twice that time counts as silent, though bytes still come. Reports pauses longer than
 * `intervalMs` when they begin. Doesn't keep the process alive.
 */
export function watchSilence(listener: (silence: Silence) => void, intervalMs: number): SilenceWatch {
  const open = new Set<{
    readonly call: Omit<SilentCall, "silentMs">;
    readonly begunAt: number;
    receivedAt: number;
  }>();
  let timer: NodeJS.Timeout | undefined;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  function schedule(): void {
    if (timer !== undefined || open.size === 0) return;
    let since = Number.POSITIVE_INFINITY;
    for (const { begunAt, receivedAt } of open) since = Math.min(since, receivedAt, begunAt + intervalMs);
    timer = setTimeout(report, Math.max(0, Math.max(since, reportedAt) + intervalMs - performance.now()));
    timer.unref();
  }

  function report(): void {
    timer = undefined;
    const now = performance.now();
    const calls = [...open]
      .map(({ call, begunAt, receivedAt }) => ({
        ...call,
        silentMs: now - begunAt >= 2 * intervalMs ? now - begunAt : now - receivedAt,
      }))
      .filter(({ silentMs }) => silentMs >= intervalMs)
      .sort((a, b) => b.silentMs - a.silentMs);
    if (calls.length > 0) {
      reportedAt = now;
      listener({ type: "no-answer", calls });
    }
    schedule();
  }

  return {
    begin(call) {
      const begunAt = performance.now();
      const one = { call, begunAt, receivedAt: begunAt };
      open.add(one);
      schedule();
      return {
        received() {
          one.receivedAt = performance.now();
        },
        end() {
          open.delete(one);
          if (open.size > 0) return;
          clearTimeout(timer);
          timer = undefined;
        },
      };
    },
    pause(pause, now) {
      // Calls that are refused together pause together: one report serves them all.
      if (pause.ms <= intervalMs || now + pause.ms <= pausedUntil + intervalMs) return;
      pausedUntil = now + pause.ms;
      listener({ type: "pause", pause });
    },
  };
}

/** Reports nothing. */
export const noWatch: SilenceWatch = { begin: () => ({ received() {}, end() {} }), pause() {} };
