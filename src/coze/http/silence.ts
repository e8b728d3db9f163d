/** A call that gets no answer. */
export interface SilentCall {
  readonly operation: string;
  /** How long nothing has come, milliseconds. */
  readonly silentMs: number;
  /** How long this attempt may take in all, milliseconds. */
  readonly timeoutMs: number;
  /** From 1. */
  readonly attempt: number;
  readonly attempts: number;
  /**
   * What follows without an answer: the same call again, a look whether it took effect, another look at what is
   * waited for, or the call's failure.
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

/** Why nothing is heard of a run: calls without an answer, the longest silent one first, or a long pause. */
export type Silence =
  | { readonly type: "no-answer"; readonly calls: readonly SilentCall[] }
  | { readonly type: "pause"; readonly pause: RetryPause };

/** Follows one attempt until it ends. */
interface Attempt {
  /** Something of the answer came. */
  heard(): void;
  end(): void;
}

/** Reports what is silent for long. */
export interface SilenceWatch {
  begin(call: Omit<SilentCall, "silentMs">): Attempt;
  /** A pause begins; `now`: epoch milliseconds of the clock that it is measured by. */
  pause(pause: RetryPause, now: number): void;
}

/**
 * Tells a listener of all silent calls at once, whenever one of them has been silent for `intervalMs` and as long has
 * passed since it was told last; and at once of pauses that are longer. Keeps no process alive.
 */
export function watchSilence(listener: (silence: Silence) => void, intervalMs: number): SilenceWatch {
  const open = new Set<{ readonly call: Omit<SilentCall, "silentMs">; heardAt: number }>();
  let timer: NodeJS.Timeout | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  function arm(): void {
    if (timer !== undefined || open.size === 0) return;
    let since = Number.POSITIVE_INFINITY;
    for (const { heardAt } of open) since = Math.min(since, heardAt);
    timer = setTimeout(ring, Math.max(0, Math.max(since, toldAt) + intervalMs - performance.now()));
    timer.unref();
  }

  function ring(): void {
    timer = undefined;
    const now = performance.now();
    const calls = [...open]
      .map(({ call, heardAt }) => ({ ...call, silentMs: now - heardAt }))
      .filter(({ silentMs }) => silentMs >= intervalMs)
      .sort((a, b) => b.silentMs - a.silentMs);
    if (calls.length > 0) {
      toldAt = now;
      listener({ type: "no-answer", calls });
    }
    arm();
  }

  return {
    begin(call) {
      const one = { call, heardAt: performance.now() };
      open.add(one);
      arm();
      return {
        heard() {
          one.heardAt = performance.now();
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
      // Calls that are refused together pause together: one of them speaks for all.
      if (pause.ms <= intervalMs || now + pause.ms <= pausedUntil + intervalMs) return;
      pausedUntil = now + pause.ms;
      listener({ type: "pause", pause });
    },
  };
}

/** Reports nothing. */
export const noWatch: SilenceWatch = { begin: () => ({ heard() {}, end() {} }), pause() {} };
