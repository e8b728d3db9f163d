import { settleCopies } from "./copy-tasks.ts";
import {
  bareIds,
  codes,
  failureBody,
  type Parts,
  Refusal,
  statusOf,
  successBody,
  writeBody,
} from "./envelope.ts";
import { type Input, readInput, showInput } from "./input.ts";
import type { Operation, Services } from "./operation.ts";
import { readFields, readQuery } from "./params.ts";
import { findOperation, isWrite } from "./routes.ts";
import type { World } from "./world.ts";

/** A request as the emulator saw it, and what it answered. */
export interface RecordedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** Name of the operation; undefined for an address the emulator does not know. */
  readonly operation: string | undefined;
  readonly writes: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** HTTP status; 0 when a hook dropped the answer. */
  readonly status: number;
  readonly response: unknown;
}

/** A place for faults: either may give a response in place of the real one, or throw to cut the connection. */
export interface Hooks {
  /** Runs before the operation takes effect. */
  before?(exchange: Exchange): Reply;
  /** Runs once the effect is saved, before the answer leaves. */
  after?(exchange: Exchange, response: Response): Reply;
}

type Reply = Response | undefined | Promise<Response | undefined>;

/** What a hook is told about a request. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  readonly writes: boolean;
  readonly body: unknown;
}

/** What the server needs besides requests. */
export interface ServerParts {
  readonly world: World;
  readonly token: string;
  readonly services: Services;
  readonly hooks: Hooks;
  readonly save: () => Promise<void>;
  readonly record: (recorded: RecordedRequest) => void;
}

type Server = (request: Request) => Promise<Response>;

/** Makes the function from request to response that both doors, in-process and HTTP, share. */
export function createServer(parts: ServerParts): Server {
  let served = 0;
  return async (request) => {
    served += 1;
    const logid = makeLogid(parts.world.now(), served);
    const url = new URL(request.url);
    const seen = {
      method: request.method,
      path: url.pathname + url.search,
      headers: showHeaders(request.headers),
      writes: isWrite(request.method, url.pathname),
    };
    const found = findOperation(request.method, url.pathname);
    const refusal = checkDoor(request, url, parts.token);
    if (refusal || !found) {
      const { code, message } = refusal ?? unknownAddress(seen);
      const body = failureBody(code, message, logid);
      parts.record({
        ...seen,
        operation: found?.operation.name,
        body: undefined,
        status: statusOf(body),
        response: body,
      });
      return respond(parts.world, body, logid);
    }
    return exchange(parts, request, url, { ...found, seen, logid });
  };
}

interface Found {
  readonly operation: Operation;
  readonly params: Record<string, string>;
  readonly seen: Pick<RecordedRequest, "method" | "path" | "headers" | "writes">;
  readonly logid: string;
}

async function exchange(parts: ServerParts, request: Request, url: URL, found: Found): Promise<Response> {
  const { operation, seen, logid } = found;
  const { world, hooks } = parts;
  let shown: unknown;
  let recorded: Pick<RecordedRequest, "status" | "response"> = { status: 0, response: undefined };
  try {
    const input = await readInput(request, operation, world).catch(toRefusal);
    shown = input instanceof Refusal ? undefined : showInput(input);
    const about: Exchange = { ...seen, operation: operation.name, body: shown };
    const instead = await hooks.before?.(about);
    if (instead) {
      recorded = { status: instead.status, response: await readCopy(instead) };
      return instead;
    }
    const body = await answer(parts, url, found, input);
    const bare = operation.bareIds && request.headers.get("agw-js-conv") !== "str";
    const response = respond(world, body, logid, bare);
    const replaced = (await hooks.after?.(about, response)) || undefined;
    recorded = replaced
      ? { status: replaced.status, response: await readCopy(replaced) }
      : { status: response.status, response: JSON.parse(writeBody(body)) };
    return replaced ?? response;
  } finally {
    parts.record({ ...seen, operation: operation.name, body: shown, ...recorded });
  }
}

/** Runs the handler and saves what it changed; whatever goes wrong becomes an envelope. */
async function answer(parts: ServerParts, url: URL, found: Found, input: Input | Refusal): Promise<Parts> {
  const { operation, params, logid } = found;
  const { world, services, save } = parts;
  try {
    if (input instanceof Refusal) {
      throw input;
    }
    if (settleCopies(world)) {
      await save();
    }
    const body = await operation.answer({
      world,
      path: params,
      query: readQuery(url.searchParams, operation.query ?? {}),
      body: readFields(input.json ?? {}, operation.body ?? {}),
      form: input.form,
      services,
    });
    if (operation.writes) {
      await save();
    }
    return successBody(body, logid);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(codes.internal, "Internal server error");
    return failureBody(refusal.code, refusal.message, logid);
  }
}

function toRefusal(error: unknown): Refusal {
  return error instanceof Refusal
    ? error
    : new Refusal(codes.badParameter, "The request body cannot be read");
}

// A page in a browser may reach a loopback port under its own host name (DNS rebinding): only loopback names pass.
const loopbackHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

function checkDoor(request: Request, url: URL, token: string): Refusal | undefined {
  if (!loopbackHost.test(request.headers.get("host") ?? url.host)) {
    return new Refusal(codes.forbidden, "The emulator only answers to loopback host names");
  }
  if (request.headers.get("authorization") !== `Bearer ${token}`) {
    return new Refusal(codes.unauthenticated, "authentication is invalid");
  }
  return undefined;
}

function unknownAddress(seen: { method: string; path: string }): Refusal {
  const address = `${seen.method} ${seen.path.split("?", 1)[0]}`;
  return new Refusal(codes.notFound, `The requested API endpoint ${address} does not exist`);
}

function respond(world: World, body: Parts, logid: string, bare = false): Response {
  return new Response(writeBody(bare ? bareIds(body) : body), {
    status: statusOf(body),
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-tt-logid": logid,
      date: new Date(world.now()).toUTCString(),
    },
  });
}

function makeLogid(now: number, served: number): string {
  const time = new Date(now).toISOString().replace(/\D/g, "").slice(0, 14);
  return `${time}${served.toString(16).toUpperCase().padStart(12, "0")}`;
}

function showHeaders(headers: Headers): Record<string, string> {
  const shown = Object.fromEntries(headers);
  return "authorization" in shown ? { ...shown, authorization: "Bearer ***" } : shown;
}

async function readCopy(response: Response): Promise<unknown> {
  const text = await response.clone().text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
