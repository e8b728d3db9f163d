import { completeDue } from "../areas/index.ts";
import type { FaultedCall } from "../faults/fault-actions.ts";
import { NoAnswer } from "../faults/fault-actions.ts";
import type { FaultName } from "../faults/fault-rules.ts";
import type { CallFaults } from "../faults/faults.ts";
import { isVariant, normalise, studioOperations } from "../world/variants.ts";
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
import { readFields, readQuery, refuseUnknown } from "./params.ts";
import { type Input, readInput, showInput } from "./request-input.ts";
import { isPrivileged, reaches, refuseLacking, requirePoints } from "./rights.ts";
import { findOperation, isWrite } from "./routes.ts";
import type { Token } from "./tokens.ts";

/** A request with its answer. */
export interface RecordedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** Name of the operation; undefined for an address the emulator does not know. */
  readonly operation: string | undefined;
  readonly writes: boolean;
  /** Name of its token, as in `tokens.list()`; undefined without a valid one. */
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** HTTP status; 0 when the answer was dropped. */
  readonly status: number;
  readonly response: unknown;
  /** The faults that were injected into it. */
  readonly faults: readonly FaultName[];
}

/** Where tests intervene: either may return a response that replaces the real one, or throw to cut the connection. */
export interface Hooks {
  /** Runs before the operation takes effect. */
  before?(exchange: Exchange): Reply;
  /** Runs once the effect is saved, before the answer leaves. */
  after?(exchange: Exchange, response: Response): Reply;
}

type Reply = Response | undefined | Promise<Response | undefined>;

/** A request as hooks see it. */
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
  readonly faultsOf: (call: FaultedCall) => CallFaults;
  /** Says that an operation writes, until it ends. */
  readonly beginWrite: () => () => void;
  /** Saves what changed. */
  readonly save: () => void;
  /** Undefined when no request is kept. */
  readonly record: ((recorded: RecordedRequest) => void) | undefined;
}

/** Answers a request; rejects when the connection is cut. */
export type RequestHandler = (request: Request) => Promise<Response>;

/** Makes the handler of all requests, in-process and by HTTP. */
export function createServer(parts: ServerParts): RequestHandler {
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
    const known = findOperation(request.method, url.pathname);
    const isMissing = isVariant(parts.world, "studio") && !studioOperations.has(known?.operation.name ?? "");
    const found = isMissing ? undefined : known;
    let token: Token | undefined;
    let endCall: () => void;
    try {
      token = authenticate(parts, request, url, found?.operation);
      if (!found) throw unknownAddress(seen);
      endCall = parts.limits.enter(found.operation.name);
    } catch (refusal) {
      const outcome = failure(refusal, logid);
      const { status, body: response } = outcome;
      const operation = found?.operation.name;
      parts.record?.({
        ...seen,
        token: token?.name,
        operation,
        body: undefined,
        status,
        response,
        faults: [],
      });
      const headers = refusal instanceof Refusal ? refusal.headers : {};
      return respond(parts.world, outcome, logid, { headers });
    }
    const matched = { ...found, seen: { ...seen, token: token?.name }, token, logid };
    return exchange(parts, request, url, matched).finally(endCall);
  };
}

/** A request whose operation and token are known. */
interface MatchedRequest {
  readonly operation: Operation;
  readonly params: Record<string, string>;
  readonly seen: Pick<RecordedRequest, "method" | "path" | "headers" | "writes" | "token">;
  /** Undefined for operations that take a JWT. */
  readonly token: Token | undefined;
  readonly logid: string;
}

type Answered = Pick<RecordedRequest, "status" | "response">;

async function exchange(
  parts: ServerParts,
  request: Request,
  url: URL,
  matched: MatchedRequest,
): Promise<Response> {
  const { operation, seen, logid } = matched;
  const { world, hooks } = parts;
  const faults = parts.faultsOf({
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
    const replacement = (await hooks.before?.(about)) ?? (await faults.before());
    if (replacement) {
      if (parts.record) {
        recorded = { status: replacement.status, response: await readCopy(replacement) };
      }
      return replacement;
    }
    const outcome = await answer(parts, request, url, { ...matched, faults }, input);
    const altered = { ...outcome, body: faults.alterBody(outcome.body) };
    const bare = operation.bareIds && request.headers.get("agw-js-conv") !== "str";
    const response = await faults.after(respond(world, altered, logid, { bare }));
    const replaced =
      (await hooks.after?.(about, response)) || (faults.injected.length > 0 ? response : undefined);
    if (parts.record) {
      recorded = replaced
        ? { status: replaced.status, response: await readCopy(replaced) }
        : { status: response.status, response: JSON.parse(writeBody(outcome.body)) };
    }
    return replaced ?? response;
  } finally {
    const { status, response } = operation.oauth ? concealToken(recorded) : recorded;
    parts.record?.({
      ...seen,
      operation: operation.name,
      body: shown,
      status,
      response,
      faults: faults.injected,
    });
  }
}

/** Operations whose texts are worked with, not stored. */
const passesThrough: ReadonlySet<string> = new Set(["chat_v3", "workflow_run"]);

/** Runs the operation and saves its effect; every failure becomes an envelope. */
async function answer(
  parts: ServerParts,
  request: Request,
  url: URL,
  matched: MatchedRequest & { readonly faults: CallFaults },
  input: Input | Refusal,
): Promise<RouteResult> {
  const { operation, params, token, logid, faults } = matched;
  const { world, services, save } = parts;
  let endWrite: (() => void) | undefined;
  try {
    if (input instanceof Refusal) throw input;
    finishDue(parts);
    if (operation.writes) endWrite = parts.beginWrite();
    const asked = { query: url.searchParams, json: input.json };
    const first = operation.lists && askForFirst(asked);
    const { query, json } = first && faults.repeatsFirstPage() ? first : asked;
    const texts = new URLSearchParams(textsOf(input.form));
    if (isVariant(world, "strict")) {
      refuseUnknown(operation.upload ? Object.fromEntries(texts) : (json ?? {}), operation.body ?? {});
      refuseUnknown(Object.fromEntries(query), operation.query ?? {});
    }
    const rules = operation.body ?? {};
    const sent = operation.upload ? readQuery(texts, rules) : readFields(json ?? {}, rules);
    const fields = operation.writes && !passesThrough.has(operation.name) ? normalise(world, sent) : sent;
    if (token) requireRights(world, token, operation, fields);
    const answered = operation.answer({
      world: token ? worldOf(faults.listedWorld(), token) : world,
      path: params,
      query: readQuery(query, operation.query ?? {}),
      body: fields,
      form: input.form,
      caller: token,
      credentials: { bearer: bearerOf(request), host: hostOf(request, url) },
      services,
    });
    // Most are no promises, and then nothing else is written between an effect and its saving.
    const body = answered instanceof Promise ? await answered : answered;
    if (operation.writes) save();
    return { status: 200, body: operation.oauth ? body : successBody(body, logid) };
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    return operation.oauth ? oauthFailure(error) : failure(error, logid);
  } finally {
    endWrite?.();
  }
}

/** The world as a token has it: with its user, within its reach. */
const worldOf = (world: World, token: Token): World => ({
  ...world,
  options: token.user ? { ...world.options, me: token.user } : world.options,
  reaches: (workspace) => reaches(token, workspace),
});

function requireRights(world: World, token: Token, operation: Operation, fields: object): void {
  requirePoints(token.rights, pointsOf(operation, fields), world.now());
  if (operation.privileged && !isPrivileged(token, isVariant(world, "privileged-apps"))) refuseLacking();
}

/** The texts in a form, without its files. */
const textsOf = (form: FormData | undefined): [string, string][] =>
  [...(form ?? [])].flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));

/** Completes and saves what is due. */
function finishDue({ world, beginWrite, save }: ServerParts): void {
  if (!completeDue(world)) return;
  const end = beginWrite();
  save();
  end();
}

function toRefusal(error: unknown): Refusal {
  return error instanceof Refusal
    ? error
    : new Refusal(codes.badParameter, "The request body cannot be read");
}

// Web pages can reach a loopback port under their own host name (DNS rebinding), so only loopback names are accepted.
const loopbackHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** The token of a request; undefined for operations that take a JWT. Throws a {@link Refusal}. */
function authenticate(
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
  {
    bare = false,
    headers = {},
  }: { readonly bare?: boolean | undefined; readonly headers?: Record<string, string> } = {},
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
  const hidden = text
    .replace(/(cz[su]_)\w+/g, "$1***")
    .replace(/("(?:refresh_token|device_code)":")[^"]+/g, "$1***");
  return { response: undefined, ...JSON.parse(hidden) };
}

async function readCopy(response: Response): Promise<unknown> {
  const text = await response.clone().text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
