import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ServerType, serve } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { NoAnswer } from "./faults/fault-actions.ts";
import type { FaultRule } from "./faults/fault-rules.ts";
import { createFaults, type FaultHit, type Faults } from "./faults/faults.ts";
import { createLimits, type LimitOptions } from "./http/limits.ts";
import { createServer, type Hooks, type RecordedRequest } from "./http/server.ts";
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
import { loadSnapshot, saveSnapshot } from "./world/world-file.ts";

/** How to set an emulator up; everything has a default. */
export interface EmulatorOptions {
  /** The token that may do everything; random by default. */
  readonly token?: string;
  /** Further tokens. */
  readonly tokens?: readonly TokenOptions[];
  /** OAuth apps, which exchange JWTs for tokens. */
  readonly apps?: readonly AppOptions[];
  /** Whose tokens are accepted, and which API JWTs must be meant for; "cn" by default. */
  readonly region?: Region;
  /** How tokens that ended are refused; by turns in all ways that were seen, unless given. */
  readonly expiredAs?: ExpiredAs;
  /** Where the world is kept: read at the start, written after each change and before its answer leaves. */
  readonly file?: string;
  /** A world to begin with, as `world.snapshot()` gave it; the file goes before it. */
  readonly from?: WorldSnapshot;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Used for one thing: challenging callback URLs. */
  readonly fetch?: typeof fetch;
  readonly plan?: WorldOptions["plan"];
  /** How many calls it takes; as many as come unless given. */
  readonly limits?: LimitOptions;
  readonly world?: Partial<WorldOptions>;
  readonly hooks?: Hooks;
  /** What goes wrong from the start. */
  readonly faults?: readonly FaultRule[];
  /** Told of each fault as it strikes. */
  readonly onFault?: (hit: FaultHit) => void;
  /** Lets a delay pass, in milliseconds. */
  readonly sleep?: (ms: number) => Promise<void>;
  /**
   * How long callers wait for an answer that faults or runs of workflows delay, in milliseconds of the emulator's clock; then the
   * connection ends, after the effect. For clocks other than the machine's: on that, callers have timers of their own.
   */
  readonly patienceMs?: number;
  /** How many requests the log keeps, the latest ones. */
  readonly keepRequests?: number;
}

/** A running emulator of the Coze API. */
export interface Emulator {
  /** The token that may do everything. */
  readonly token: string;
  /** All tokens, and what tests do to them. */
  readonly tokens: TokenBox;
  /** The in-process door: give it to a client as its fetch, with any loopback address as base URL. */
  readonly fetch: typeof fetch;
  /** The latest requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly faults: Faults;
  readonly world: World;
  /** Writes the world's file: only needed after changing the world by hand. */
  save(): Promise<void>;
  /** Opens the HTTP door on 127.0.0.1; port 0 takes a free one. */
  listen(port?: number): Promise<Listening>;
}

/** An open HTTP door. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Makes an emulator with a world of its own. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { file, plan = "enterprise", keepRequests = 10_000 } = options;
  const { random = secureRandom, now = Date.now, fetch: request = fetch } = options;
  const token = options.token ?? `pat_${Array.from({ length: 8 }, () => randomWord(random)).join("")}`;
  const saved = (file === undefined ? undefined : loadSnapshot(file)) ?? options.from;
  const world = createWorld({ options: options.world ?? {}, plan, now, saved });
  const lag = createListLag(world);
  const save = async () => {
    lag.record();
    if (file !== undefined) {
      await saveSnapshot(file, world.snapshot());
    }
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
  const { meet, faults } = createFaults({
    world,
    lag,
    random,
    sleep,
    patienceMs,
    tokens,
    onFault: options.onFault ?? (() => {}),
  });
  faults.set(options.faults ?? []);
  const requests: RecordedRequest[] = [];
  const server = createServer({
    world,
    services: { fetch: request, random, tokens, wait },
    hooks: options.hooks ?? {},
    limits: createLimits(options.limits ?? {}, now),
    meet,
    save,
    record: (recorded) => {
      requests.push(recorded);
      requests.splice(0, Math.max(0, requests.length - keepRequests));
    },
  });
  return {
    token,
    tokens,
    world,
    requests,
    faults,
    save,
    fetch: (input, init) => knock(server, new Request(input, init)),
    listen: (port = 0) => openDoor(server, port),
  };
}

function secureRandom(): number {
  return randomInt(2 ** 47) / 2 ** 47;
}

function randomWord(random: () => number): string {
  return Math.floor(random() * 36 ** 5)
    .toString(36)
    .padStart(5, "0");
}

type Server = (request: Request) => Promise<Response>;

/** Behaves as `fetch` does when the answer is dropped or the caller gives up: the effect may have happened. */
async function knock(server: Server, request: Request): Promise<Response> {
  request.signal.throwIfAborted();
  const givenUp = new Promise<never>((_, reject) => {
    request.signal.addEventListener("abort", () => reject(request.signal.reason), { once: true });
  });
  const answered = server(request).catch((cause) => {
    throw new TypeError("fetch failed", { cause });
  });
  return await Promise.race([answered, givenUp]);
}

function openDoor(server: Server, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const http = serve(
      {
        port,
        hostname: "127.0.0.1",
        overrideGlobalObjects: false,
        fetch: (request, env) =>
          server(request).catch(() => {
            env.outgoing.destroy();
            return RESPONSE_ALREADY_SENT;
          }),
      },
      (address) => resolve({ url: `http://127.0.0.1:${address.port}`, close: () => closeDoor(http) }),
    );
    http.once("error", reject);
  });
}

function closeDoor(http: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    http.close((error) => (error ? reject(error) : resolve()));
    // Kept-alive connections would hold the door open.
    if ("closeAllConnections" in http) {
      http.closeAllConnections();
    }
  });
}
