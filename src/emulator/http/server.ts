import { settleCopies } from "../areas/copy-tasks.ts";
import { NoAnswer } from "../faults/fault-actions.ts";
import type { FaultName } from "../faults/fault-rules.ts";
import type { Encounter, Met } from "../faults/faults.ts";
import type { World } from "../world/world.ts";
import {
  bareIds,
  codes,
  failure,
  oauthFailure,
  Refusal,
  type RouteResult,
  successBody,
  writeBody,
} from "./envelope.ts";
import type { CallLimits } from "./limits.ts";
import { type Operation, pointsOf, type Services } from "./operation.ts";
import { askForFirst } from "./paging.ts";
import { readFields, readQuery } from "./params.ts";
import { requirePoints } from "./permissions.ts";
import { type Input, readInput, showInput } from "./request-input.ts";
import { findOperation, isWrite } from "./routes.ts";
import { reaches, type Token } from "./tokens.ts";

/** A request as the emulator saw it, and what it answered. */
export interface RecordedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** Name of the operation; undefined for an address the emulator does not know. */
  readonly operation: string | undefined;
  readonly writes: boolean;
  /** Name of the token it bore, as `tokens.list()` has it; undefined without a valid one. */
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** HTTP status; 0 when the answer was dropped. */
  readonly status: number;
  readonly response: unknown;
  /** The faults that struck it. */
  readonly faults: readonly FaultName[];
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
  readonly services: Services;
  readonly hooks: Hooks;
  readonly limits: CallLimits;
  readonly meet: (met: Met) => Encounter;
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
    let token: Token | undefined;
    let leave: () => void;
    try {
      token = checkDoor(parts, request, url, found?.operation);
      if (!found) {
        throw unknownAddress(seen);
      }
      leave = parts.limits.enter(found.operation.name);
    } catch (refusal) {
      const outcome = failure(refusal, logid);
      const { status, body: response } = outcome;
      const operation = found?.operation.name;
      parts.record({ ...seen, token: token?.name, operation, body: undefined, status, response, faults: [] });
      const headers = refusal instanceof Refusal ? refusal.headers : {};
      return respond(parts.world, outcome, logid, { headers });
    }
    const about = { ...found, seen: { ...seen, token: token?.name }, token, logid };
    return exchange(parts, request, url, about).finally(leave);
  };
}

interface Found {
  readonly operation: Operation;
  readonly params: Record<string, string>;
  readonly seen: Pick<RecordedRequest, "method" | "path" | "headers" | "writes" | "token">;
  /** Undefined for operations that take none. */
  readonly token: Token | undefined;
  readonly logid: string;
}

type Answered = Pick<RecordedRequest, "status" | "response">;

async function exchange(parts: ServerParts, request: Request, url: URL, found: Found): Promise<Response> {
  const { operation, seen, logid } = found;
  const { world, hooks } = parts;
  const met = parts.meet({
    ...seen,
    operation,
    bearer: bearerOf(request),
    logid,
    respond: (outcome, headers) => respond(world, outcome, logid, { headers }),
  });
  let shown: unknown;
  let recorded: Answered = { status: 0, response: undefined };
  try {
    const input = await readInput(request, operation, world).catch(toRefusal);
    shown = input instanceof Refusal ? undefined : showInput(input);
    const about: Exchange = { ...seen, operation: operation.name, body: shown };
    const instead = (await hooks.before?.(about)) ?? (await met.before());
    if (instead) {
      recorded = { status: instead.status, response: await readCopy(instead) };
      return instead;
    }
    const outcome = await answer(parts, request, url, { ...found, met }, input);
    const bent = { ...outcome, body: met.bend(outcome.body) };
    const bare = operation.bareIds && request.headers.get("agw-js-conv") !== "str";
    const response = await met.after(respond(world, bent, logid, { bare }));
    const replaced = (await hooks.after?.(about, response)) || (met.struck.length > 0 ? response : undefined);
    recorded = replaced
      ? { status: replaced.status, response: await readCopy(replaced) }
      : { status: response.status, response: JSON.parse(writeBody(outcome.body)) };
    return replaced ?? response;
  } finally {
    const { status, response } = operation.oauth ? concealToken(recorded) : recorded;
    parts.record({ ...seen, operation: operation.name, body: shown, status, response, faults: met.struck });
  }
}

/** Runs the handler and saves what it changed; whatever goes wrong becomes an envelope. */
async function answer(
  parts: ServerParts,
  request: Request,
  url: URL,
  found: Found & { readonly met: Encounter },
  input: Input | Refusal,
): Promise<RouteResult> {
  const { operation, params, token, logid, met } = found;
  const { world, services, save } = parts;
  try {
    if (input instanceof Refusal) {
      throw input;
    }
    if (settleCopies(world)) {
      await save();
    }
    const asked = { query: url.searchParams, json: input.json };
    const first = operation.lists && askForFirst(asked);
    const { query, json } = first && met.turnsBack() ? first : asked;
    const fields = readFields(json ?? {}, operation.body ?? {});
    if (token) {
      requirePoints(token.rights, pointsOf(operation, fields), world.now());
    }
    const body = await operation.answer({
      world: token ? { ...met.look(), reaches: (workspace) => reaches(token, workspace) } : world,
      path: params,
      query: readQuery(query, operation.query ?? {}),
      body: fields,
      form: input.form,
      credentials: { bearer: bearerOf(request), host: hostOf(request, url) },
      services,
    });
    if (operation.writes) {
      await save();
    }
    return { status: 200, body: operation.oauth ? body : successBody(body, logid) };
  } catch (error) {
    if (error instanceof NoAnswer) {
      throw error;
    }
    return operation.oauth ? oauthFailure(error) : failure(error, logid);
  }
}

function toRefusal(error: unknown): Refusal {
  return error instanceof Refusal
    ? error
    : new Refusal(codes.badParameter, "The request body cannot be read");
}

// A page in a browser may reach a loopback port under its own host name (DNS rebinding): only loopback names pass.
const loopbackHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** The token of a request; none where the operation takes a JWT. */
function checkDoor(
  { services }: ServerParts,
  request: Request,
  url: URL,
  operation: Operation | undefined,
): Token | undefined {
  if (!loopbackHost.test(hostOf(request, url))) {
    throw new Refusal(codes.forbidden, "The emulator only answers to loopback host names");
  }
  return operation?.oauth ? undefined : services.tokens.admit(bearerOf(request));
}

function hostOf(request: Request, url: URL): string {
  return request.headers.get("host") ?? url.host;
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
}

function unknownAddress(seen: { method: string; path: string }): Refusal {
  const address = `${seen.method} ${seen.path.split("?", 1)[0]}`;
  return new Refusal(codes.notFound, `The requested API endpoint ${address} does not exist`);
}

function respond(
  world: World,
  { status, body }: RouteResult,
  logid: string,
  { bare = false, headers = {} }: { readonly bare?: boolean; readonly headers?: Record<string, string> } = {},
): Response {
  return new Response(writeBody(bare ? bareIds(body) : body), {
    status,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-tt-logid": logid,
      date: new Date(world.now()).toUTCString(),
      ...headers,
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

function concealToken(recorded: Answered): Answered {
  const text = JSON.stringify(recorded);
  return { response: undefined, ...JSON.parse(text.replace(/czs_\w+/g, "czs_***")) };
}

async function readCopy(response: Response): Promise<unknown> {
  const text = await response.clone().text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
