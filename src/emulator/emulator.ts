import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ServerType, serve } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { NoAnswer } from "./faults/fault-actions.ts";
import type { FaultRule } from "./faults/fault-rules.ts";
import { createFaults, type FaultHit, type Faults } from "./faults/faults.ts";
import type { DeviceAppOptions } from "./http/device-logins.ts";
import { createLimits, type LimitOptions } from "./http/limits.ts";
import { createServer, type Hooks, type RecordedRequest, type RequestHandler } from "./http/server.ts";
import {
  type AppOptions,
  createTokens,
  type ExpiredAs,
  type Region,
  type TokenBox,
  type TokenOptions,
} from "./http/tokens.ts";
import { createWorld } from "./world/create-world.ts";
import { createListLag } from "./world/list-lag.ts";
import type { World, WorldOptions, WorldSnapshot } from "./world/world.ts";
import { openWorldStore } from "./world/world-store.ts";

/** The settings of an emulator; all have defaults. */
export interface EmulatorOptions {
  /** A token with all permissions; random by default. */
  readonly token?: string | undefined;
  /** Further tokens. */
  readonly tokens?: readonly TokenOptions[] | undefined;
  /** OAuth apps, which exchange JWTs for tokens, or for devices, which users sign in to. */
  readonly apps?: readonly (AppOptions | DeviceAppOptions)[] | undefined;
  /** The region whose tokens are accepted, and whose API JWTs must be for; "cn" by default. */
  readonly region?: Region | undefined;
  /** How expired tokens are refused; by default, in turn in every way that Coze was seen to. */
  readonly expiredAs?: ExpiredAs | undefined;
  /** The world's file: read at the start, written after each change, before the answer leaves. */
  readonly file?: string | undefined;
  /**
   * A file of fewer bytes is written whole at each change; beside a larger one there is a file of changes, `<file>.changes`.
   * 64 KiB by default.
   */
  readonly wholeBelow?: number | undefined;
  /** The initial world, as `world.snapshot()` returned it; ignored if the file exists. */
  readonly from?: WorldSnapshot | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Only used to challenge callback URLs. */
  readonly fetch?: typeof fetch | undefined;
  readonly plan?: WorldOptions["plan"] | undefined;
  /** Limits of calls; none by default. */
  readonly limits?: LimitOptions | undefined;
  readonly world?: Partial<WorldOptions> | undefined;
  readonly hooks?: Hooks | undefined;
  /** The faults at the start. */
  readonly faults?: readonly FaultRule[] | undefined;
  /** Called for each fault that is injected. */
  readonly onFault?: ((hit: FaultHit) => void) | undefined;
  /** Waits so many milliseconds. */
  readonly sleep?: (ms: number) => Promise<void>;
  /**
   * How long callers wait for an answer that a fault or a workflow's run delays, in milliseconds of the emulator's clock;
   * then the connection ends, after the effect. Only for clocks that aren't the machine's: on that, callers have their
   * own timers.
   */
  readonly patienceMs?: number | undefined;
  /** How many of the latest requests are kept in `requests`. */
  readonly keepRequests?: number | undefined;
}

/** A running emulator of the Coze API. */
export interface Emulator {
  /** The token with all permissions. */
  readonly token: string;
  /** All tokens; tests end them and grant them permissions. */
  readonly tokens: TokenBox;
  /** Answers in-process: give it to a client as its fetch, with any loopback address as base URL. */
  readonly fetch: typeof fetch;
  /** The latest requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly faults: Faults;
  readonly world: World;
  /** Writes the world's file: only needed after changing the world directly. */
  save(): Promise<void>;
  /** Opens an HTTP server on 127.0.0.1; port 0 takes a free one. */
  listen(port?: number): Promise<Listening>;
}

/** An open HTTP server. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Makes an emulator with its own world. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { file, plan = "enterprise", keepRequests = 10_000 } = options;
  const { random = secureRandom, now = Date.now, fetch: request = fetch } = options;
  const token = options.token ?? randomToken(random);
  const store = file === undefined ? undefined : openWorldStore(file, options.wholeBelow);
  const saved = store?.load() ?? options.from;
  const tracked = createWorld({ options: options.world ?? {}, plan, now, saved });
  const { world } = tracked;
  const lag = createListLag(world);
  const saveChanges = () => {
    lag.record();
    store?.saveChanges({ takeChanges: tracked.takeChanges, snapshot: tracked.viewSnapshot });
  };
  const { region = "cn", expiredAs = "by-turn" } = options;
  const tokens = createTokens({
    tokens: [{ token, region }, ...(options.tokens ?? [])],
    apps: options.apps ?? [],
    region,
    expiredAs,
    now,
    random,
  });
  const { sleep = pause, patienceMs = Number.POSITIVE_INFINITY } = options;
  const wait = async (ms: number) => {
    await sleep(ms);
    if (ms > patienceMs) throw new NoAnswer("no answer within the time", "ETIMEDOUT");
  };
  const { faultsOf, faults } = createFaults({
    world,
    lag,
    random,
    sleep,
    patienceMs,
    tokens,
    onFault: options.onFault ?? (() => {}),
  });
  faults.set(options.faults ?? []);
  const { requests, record } = createRequestLog(keepRequests);
  const handle = createServer({
    world,
    services: { fetch: request, random, tokens, wait },
    hooks: options.hooks ?? {},
    limits: createLimits(options.limits ?? {}, now),
    faultsOf,
    beginWrite: tracked.beginWrite,
    save: saveChanges,
    record: keepRequests > 0 ? record : undefined,
  });
  return {
    token,
    tokens,
    world,
    requests,
    faults,
    async save() {
      lag.record();
      store?.saveWhole(world);
      tracked.takeChanges(0);
    },
    fetch: (input, init) => fetchFrom(handle, new Request(input, init)),
    listen: (port = 0) => listen(handle, port),
  };
}

function createRequestLog(most: number) {
  const requests: RecordedRequest[] = [];
  return {
    requests,
    record(request: RecordedRequest): void {
      requests.push(request);
      requests.splice(0, Math.max(0, requests.length - most));
    },
  };
}

function secureRandom(): number {
  return randomInt(2 ** 47) / 2 ** 47;
}

function randomToken(random: () => number): string {
  const word = () =>
    Math.floor(random() * 36 ** 5)
      .toString(36)
      .padStart(5, "0");
  return `pat_${Array.from({ length: 8 }, word).join("")}`;
}

/** Behaves as `fetch` does when the answer is dropped or the caller gives up: the effect may have happened. */
async function fetchFrom(handle: RequestHandler, request: Request): Promise<Response> {
  request.signal.throwIfAborted();
  const givenUp = new Promise<never>((_, reject) => {
    request.signal.addEventListener("abort", () => reject(request.signal.reason), { once: true });
  });
  const answered = handle(request).catch((cause) => {
    throw new TypeError("fetch failed", { cause });
  });
  return await Promise.race([answered, givenUp]);
}

function listen(handle: RequestHandler, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const http = serve(
      {
        port,
        hostname: "127.0.0.1",
        overrideGlobalObjects: false,
        fetch: (request, env) =>
          handle(request).catch(() => {
            env.outgoing.destroy();
            return RESPONSE_ALREADY_SENT;
          }),
      },
      (address) => resolve({ url: `http://127.0.0.1:${address.port}`, close: () => closeServer(http) }),
    );
    http.once("error", reject);
  });
}

function closeServer(http: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    http.close((error) => (error ? reject(error) : resolve()));
    // Kept-alive connections would keep the server open.
    if ("closeAllConnections" in http) http.closeAllConnections();
  });
}
