import { afterEach } from "@jest/globals";
import type { Values } from "../../src/core/value.ts";
import { createConnection } from "../../src/coze/client.ts";
import type { Emulator, EmulatorOptions } from "../../src/emulator/index.ts";
import { kinds } from "../../src/kinds/index.ts";
import type { Known } from "../../src/terraform/remote/refresh.ts";
import { createRemote, type Remote } from "../../src/terraform/remote/remote.ts";
import type { CozeKind } from "../../src/terraform/schema/names.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { createEventClock } from "../support/event-clock.ts";
import { expectExchangesMatchOpenApi } from "../support/openapi-check.ts";
import { echoChallenge } from "../support/story.ts";
import { tally } from "../support/tally.ts";

const opened = new Set<Emulator>();

afterEach(() => {
  for (const emulator of opened) {
    opened.delete(emulator);
    expectExchangesMatchOpenApi(emulator.requests);
  }
});

/** A kind by its name. */
export function kindOf(name: string): CozeKind {
  const kind = kinds.find((one) => one.name === name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  return kind;
}

/** An emulator, and accounts of it as single processes of Terraform's have them. Time passes when all wait for it. */
export function setStage(options: EmulatorOptions = {}) {
  const clock = createEventClock();
  const emulator = createStrictEmulator({
    now: () => clock.now(),
    sleep: (ms) => clock.sleep(ms),
    patienceMs: 60_000,
    random: () => 0.5,
    fetch: echoChallenge,
    ...options,
  });
  opened.add(emulator);
  const open = (
    given: { token?: string; timeout?: number | undefined; requestsPerSecond?: number } = {},
  ): Remote => {
    const { token = emulator.token, timeout, requestsPerSecond = Number.POSITIVE_INFINITY } = given;
    const stopping = new AbortController();
    const connection = createConnection({
      baseUrl: "http://127.0.0.1",
      fetch: (request) => emulator.fetch(request),
      clock,
      random: () => 0.5,
      requestsPerSecond,
      stopping: stopping.signal,
    });
    return createRemote({ client: connection.signIn(token), clock, stopping, timeout });
  };
  return {
    clock,
    emulator,
    world: emulator.world,
    open,
    /** What somebody remembers of an object that is no news to any list. */
    known: (spec: Values = {}, more: Partial<Known> = {}): Known => ({
      spec,
      made: Math.floor(clock.now() / 1000) - 3600,
      ...more,
    }),
    /** Runs something while time passes, and counts the requests of each operation. */
    async watch<T>(
      run: () => Promise<T>,
    ): Promise<{ readonly result: T; readonly calls: ReturnType<typeof tally> }> {
      const before = emulator.requests.length;
      const result = await clock.run(run());
      return { result, calls: tally(emulator.requests.slice(before).map(({ operation }) => operation)) };
    },
  };
}

/** What became of each of several things. */
export async function settle<T extends readonly unknown[]>(
  tasks: {
    readonly [I in keyof T]: Promise<T[I]>;
  },
): Promise<readonly (T[number] | string)[]> {
  const ends = await Promise.allSettled(tasks);
  return ends.map((end) =>
    end.status === "fulfilled" ? end.value : `${end.reason.name}: ${end.reason.message}`,
  );
}
