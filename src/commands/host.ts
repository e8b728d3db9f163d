import { setTimeout as wait } from "node:timers/promises";
import type { Silence } from "../coze/http/silence.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import type { Clock } from "../engine/engine.ts";
import type { EventListener } from "../engine/events.ts";
import { createRedaction, type Redaction } from "../secrets/redaction.ts";
import type { Env, Trust } from "./trust.ts";

/** The outside world as data and functions. Apart from it, commands touch only the project's files. */
export interface Host {
  readonly env: Env;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** A number from 0 up to 1, without 1. */
  random(): number;
  /** Aborts when a run should stop after the calls in flight. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: EventListener;
  readonly onCall?: ((record: CallRecord) => void) | undefined;
  /** Called for calls without an answer, and for long pauses before retries. */
  readonly onSilence?: ((silence: Silence) => void) | undefined;
  /** Called when the place of a state hasn't answered for ten seconds. */
  readonly onPlaceSilence?: ((place: string) => void) | undefined;
  /** Every secret that a command reads is added here. All output is redacted with it. */
  readonly secrets: Redaction;
  /** The environment of the runner, without the variables of `--env-file`; `env` by default. */
  readonly runnerEnv?: Env | undefined;
  /** What the runner allows the project in a directory; read from `env` by default. */
  trust?(directory: string): Promise<Trust>;
}

/** A host with this machine's clock, network and random numbers. `env` is empty by default. */
export function createHost(given: Partial<Host> = {}): Host {
  return {
    env: {},
    fetch: globalThis.fetch,
    clock: systemClock,
    random: Math.random,
    onEvent: () => {},
    secrets: createRedaction(),
    ...given,
  };
}

const systemClock: Clock = {
  now: Date.now,
  // Callers check the signal after the sleep.
  sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
};
