import { cpSync, rmSync } from "node:fs";
import { afterEach } from "@jest/globals";
import { stringify } from "yaml";
import { type Applied, type ApplyCommandOptions, apply } from "../../src/commands/apply.ts";
import type { Host } from "../../src/commands/host.ts";
import { type PlanCommandOptions, type Planned, plan } from "../../src/commands/plan.ts";
import type { Values } from "../../src/core/value.ts";
import type { Exchange, Hooks } from "../../src/emulator/http/server.ts";
import type { Emulator, EmulatorOptions } from "../../src/emulator/index.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import { createRedaction } from "../../src/secrets/redaction.ts";
import { createStrictEmulator } from "./emulator.ts";
import { type Files, writeFiles } from "./files.ts";
import { expectExchangesMatchOpenApi } from "./openapi-check.ts";
import { makeScratch } from "./scratch.ts";
import { createVirtualClock } from "./virtual-clock.ts";

export type { Files } from "./files.ts";

const opened = new Set<Emulator>();

// Whatever a story is about, its requests and answers must be those of the published API.
afterEach(() => {
  for (const emulator of opened) {
    opened.delete(emulator);
    expectExchangesMatchOpenApi(emulator.requests);
  }
});

/** A project directory and an emulator of its own, driven through the commands as the command line does. */
export function createStory(
  given: { files?: Files; from?: string; emulator?: EmulatorOptions; env?: Host["env"] } = {},
) {
  const directory = makeScratch();
  const clock = createVirtualClock();
  const emulator = createStrictEmulator({
    now: () => clock.now(),
    sleep: (ms) => clock.sleep(ms),
    patienceMs: 60_000,
    fetch: refuseNetwork,
    ...given.emulator,
  });
  opened.add(emulator);
  const events: RunEvent[] = [];
  const host: Host = {
    env: {
      COZE_API_TOKEN: emulator.token,
      COZE_DEV_TOKEN: emulator.token,
      COZE_PROD_TOKEN: emulator.token,
      // What a runner lets a project read has stories of its own.
      COZEFORM_ALLOW_ENV: "*",
      ...given.env,
    },
    fetch: emulator.fetch,
    clock,
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    secrets: createRedaction(),
  };
  const write = (files: Files): void => writeFiles(directory, files);
  if (given.from)
    cpSync(given.from, directory, { recursive: true, filter: (file) => !file.endsWith(".cozeform") });
  write(given.files ?? {});
  const common = { directory, endpoint: "http://127.0.0.1" };
  return {
    directory,
    common,
    emulator,
    events,
    host,
    write,
    plan: (options: Partial<PlanCommandOptions> = {}) => plan(host, { ...common, ...options }),
    /** Approves, and types the number of what is removed where it has to be confirmed. */
    apply: (options: Partial<ApplyCommandOptions> = {}) =>
      apply(host, {
        ...common,
        approve: async () => true,
        countRemovals: async (_planned, { count }) => count,
        ...options,
      }),
    /** Ends it early and unchecked: for tests of very many stories, whose exchanges are much the same. */
    close(): void {
      opened.delete(emulator);
      rmSync(directory, { recursive: true });
    },
    /** Runs something and returns the requests that the emulator saw of it, as `METHOD path`. */
    async requestsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
      const before = emulator.requests.length;
      await run();
      return emulator.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
    },
    writes: () => emulator.requests.filter(({ writes }) => writes).map(({ operation }) => operation),
    /** Sends a request as somebody else than cozeform would: by hand, or from another program. */
    async byHand(method: string, path: string, body?: object): Promise<void> {
      const answer = await emulator.fetch(`http://127.0.0.1${path}`, {
        method,
        headers: { authorization: `Bearer ${emulator.token}`, "content-type": "application/json" },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const { code, msg } = (await answer.json()) as { readonly code: number; readonly msg: string };
      if (code !== 0) throw new Error(`${method} ${path}: ${msg}`);
    },
  };
}

export type Story = ReturnType<typeof createStory>;

/** Faults that a story switches on and off; its `hooks` are for the emulator. */
export function createFaults() {
  let active: Hooks = {};
  return {
    hooks: {
      before: (exchange) => active.before?.(exchange),
      after: (exchange, response) => active.after?.(exchange, response),
    } satisfies Hooks,
    /** Answers to an operation get lost, before it takes effect or after. */
    lose(moment: "before" | "after", lost: string): void {
      active = { [moment]: ({ operation }: Exchange) => (operation === lost ? loseConnection() : undefined) };
    },
    /** An operation takes effect; its answer and everything after it gets lost. */
    breakAfter(last: string): void {
      const broken = { before: loseConnection };
      active = {
        after({ operation }) {
          if (operation !== last) return undefined;
          active = broken;
          return loseConnection();
        },
      };
    },
    /** An operation is refused, without effect. */
    refuse(refused: string): void {
      const refusal = () => Response.json({ code: 4000, msg: "no" }, { status: 400 });
      active = { before: ({ operation }) => (operation === refused ? refusal() : undefined) };
    },
    /** An operation is refused once it has succeeded so many times. */
    refuseAfter(refused: string, times: number): void {
      this.refuse(refused);
      const { before } = active;
      let left = times;
      active = {
        before: (exchange) => (exchange.operation === refused && left-- > 0 ? undefined : before?.(exchange)),
      };
    },
    heal(): void {
      active = {};
    },
  };
}

function loseConnection(): never {
  throw new TypeError("connection lost");
}

const refuseNetwork: typeof fetch = async () => {
  throw new TypeError("tests reach nothing beyond loopback");
};

/** Answers callback challenges as a well-behaved receiver does. */
export const echoChallenge: typeof fetch = async (_url, init) => {
  const { challenge } = JSON.parse(String(init?.body)) as { readonly challenge: string };
  return Response.json({ challenge });
};

/** What an apply couldn't do, in words; empty when it did everything. */
export const failuresOf = (applied: Applied): readonly string[] =>
  (applied.result?.failed ?? []).map(({ step, failure }) => `${step.address}: ${failure.message}`);

/** What a plan does, one line per step that does anything. */
export const summarize = ({ plan: { steps } }: Planned): readonly string[] =>
  steps.filter(({ action }) => action !== "no-op").map(({ action, address }) => `${action} ${address}`);

/** One manifest. */
export const manifest = (kind: string, name: string, spec: Values, metadata: Values = {}): string =>
  stringify({ apiVersion: "cozeform/v1", kind, metadata: { name, ...metadata }, spec });

/** Manifests of one file. */
export const manifests = (...documents: readonly string[]): string => documents.join("---\n");
