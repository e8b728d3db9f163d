import { excerpt } from "../../core/excerpt.ts";
import { explain, say } from "../../messages/text.ts";
import type { Clock } from "../clock.ts";
import {
  type CallFacts,
  CallsSpent,
  ConnectionLost,
  CozeError,
  hideQuoted,
  Interrupted,
  longestSaid,
  QuotaExhausted,
  RateLimited,
  Unauthenticated,
} from "../error-classes.ts";
import { explainStudio, mayBeStudio, recogniseStudio } from "./coze-studio.ts";
import { buildRequest, exchange, explainConnectionError, fillPath } from "./exchange.ts";
import type { Admission, Limiter } from "./limiter.ts";
import type { ApiResponse, Call, Operation, Send } from "./operation.ts";
import { type ReadResponse, readResponse, secretsIn } from "./read-response.ts";
import type { Outgoing, Received, ResponseHeaders, SendOne } from "./request.ts";
import { attempts, attemptsAfter, retryDelay } from "./retry.ts";
import type { RetryPause, SilenceWatch, SilentCall } from "./silence.ts";

/** A token, or a function that returns one; its parameter is a token that Coze rejected, which it replaces. */
export type Token = string | ((rejected?: string) => Promise<string>);

/** One attempt of a call, for logs and counts, without headers and bodies. */
export interface CallRecord {
  readonly operation: string;
  readonly method: string;
  /** With ids filled in, without query. */
  readonly path: string;
  /** Absent when no answer came. */
  readonly status?: number | undefined;
  readonly code?: number | undefined;
  readonly logid?: string | undefined;
  readonly ms: number;
  /** From 1. */
  readonly attempt: number;
}

/** What happens to calls, in its order, without headers and bodies. */
export type CallEvent =
  /** Waited for its turn within the rate limits. */
  | { readonly type: "turn"; readonly operation: string; readonly ms: number }
  | {
      readonly type: "attempt";
      readonly record: CallRecord;
      /** The operation changes something. */
      readonly writes: boolean;
      /** Why it failed, without known secrets; absent after a success. */
      readonly problem?: string | undefined;
    }
  /** Is about to wait for another attempt. */
  | { readonly type: "retry"; readonly pause: RetryPause };

/** Collects secrets and removes them from texts. */
export interface SecretKeeper {
  add(...values: readonly (string | undefined)[]): void;
  redact(text: string): string;
}

/** What sending needs. */
export interface Transport {
  readonly baseUrl: string;
  readonly token: Token;
  /** Is given every token before it is sent, and secrets in answers. */
  readonly secrets: SecretKeeper;
  readonly send: SendOne;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limiter: Limiter;
  readonly timeoutMs: number;
  readonly silence: SilenceWatch;
  /** Aborts everything, including requests under way. */
  readonly signal?: AbortSignal | undefined;
  /** Once aborted, no call is retried: pauses end, and the calls fail as their last attempts did. */
  readonly noRetries?: AbortSignal | undefined;
  /** Once aborted, no more requests are sent. */
  readonly gate?: AbortSignal | undefined;
  /** Called after every attempt that was sent; `headers`: those of the answer. */
  onAttempt(record: CallRecord, headers: ResponseHeaders | undefined): void;
  onEvent?(event: CallEvent): void;
}

/** Makes the function that sends all calls: rate-limited, with a time-out, retried where that is safe. */
export function createSend(transport: Transport): Send {
  const { token: source } = transport;
  let refusal: Refusal | undefined;
  // Rejected tokens and their replacements.
  const replaced = new Map<string, string>();
  let recognised: Promise<boolean> | undefined;
  return async (operation, call = {}) => {
    // Checked first: a malformed id must not cost a call.
    fillPath(operation, call);
    let renewed: string | undefined;
    for (let attempt = 1; ; attempt += 1) {
      throwIfRefused(refusal, operation);
      // Before the admission: calls that waited for a token after it would all start at once.
      const given = renewed ?? (typeof source === "string" ? source : await source());
      const { token, result } = await takeTurn(transport, operation, async () => {
        throwIfRefused(refusal, operation);
        const token = replaced.get(given) ?? given;
        return { token, result: await attemptCall(transport, operation, call, { token, attempt }) };
      });
      if (!(result instanceof CozeError)) return result;
      if (result instanceof Unauthenticated && renewed === undefined && typeof source === "function") {
        renewed = await source(token);
        if (renewed !== token) {
          replaced.set(token, renewed);
          continue;
        }
      }
      refusal = refusalOf(result, operation) ?? refusal;
      if (mayBeStudio(result, operation, transport.baseUrl)) {
        // Apart, so that a refusal of this call stops no other.
        recognised ??= recogniseStudio(createSend(transport));
        if (await recognised) throw explainStudio(result);
      }
      await pause(transport, operation, result, attempt);
    }
  };
}

/** What Coze answered about the whole account: no token of it works, or it has to be paid for. */
type Refusal = Unauthenticated | QuotaExhausted;

function refusalOf(error: CozeError, { write }: Operation): Refusal | undefined {
  const isOfAll = error instanceof Unauthenticated || (write && error instanceof QuotaExhausted);
  return isOfAll ? error : undefined;
}

/** Throws for calls that would be wasted; an account that has to be paid for can still be read. */
function throwIfRefused(refusal: Refusal | undefined, { name, write }: Operation): void {
  if (!refusal || (refusal instanceof QuotaExhausted && !write)) return;
  const Refused = refusal instanceof QuotaExhausted ? QuotaExhausted : Unauthenticated;
  throw new Refused(refusal.message, { ...refusal, operation: name, outcome: "none" });
}

/** Makes an attempt once it is admitted, and reports the result to the limiter. */
async function takeTurn<T extends { readonly result: unknown }>(
  transport: Transport,
  operation: Operation,
  attempt: () => Promise<T>,
): Promise<T> {
  const asked = transport.clock.now();
  const admission = await admit(transport, operation);
  const ms = transport.clock.now() - asked;
  if (ms > 0) transport.onEvent?.({ type: "turn", operation: operation.name, ms });
  let refusal: RateLimited | undefined;
  try {
    const attempted = await attempt();
    if (attempted.result instanceof RateLimited) refusal = attempted.result;
    return attempted;
  } finally {
    admission.end(refusal);
  }
}

async function admit({ limiter, gate }: Transport, operation: Operation): Promise<Admission> {
  try {
    return await limiter.admit(operation, gate);
  } catch (cause) {
    throw cause instanceof CallsSpent ? cause : interruptedEarly(operation, cause);
  }
}

function interruptedEarly({ name }: Operation, cause: unknown): Interrupted {
  return new Interrupted(say("coze/interrupted-before-call"), { operation: name, outcome: "none", cause });
}

/** Waits before the next attempt; throws the error if there is none. */
async function pause(
  { clock, noRetries, random, silence, onEvent }: Transport,
  { name, repeatable, polled }: Operation,
  error: CozeError,
  attempt: number,
): Promise<void> {
  const ms = polled ? undefined : retryDelay(attempt, error, { repeatable, random });
  if (ms === undefined || noRetries?.aborted) throw error;
  const asked = (error.retryAfterMs ?? 0) >= ms;
  const attempts = attemptsAfter(error);
  const pause: RetryPause = { operation: name, ms, asked, attempt: attempt + 1, attempts };
  silence.pause(pause, clock.now());
  onEvent?.({ type: "retry", pause });
  try {
    await clock.sleep(ms, noRetries);
  } catch {
    throw error;
  }
  if (noRetries?.aborted) throw error;
}

async function attemptCall(
  transport: Transport,
  operation: Operation,
  call: Call,
  { token, attempt }: { readonly token: string; readonly attempt: number },
): Promise<ApiResponse | CozeError> {
  if (!/^[\x21-\x7e]+$/.test(token)) return unusableToken(operation);
  if (transport.gate?.aborted) return interruptedEarly(operation, transport.gate.reason);
  transport.secrets.add(token);
  const request = buildRequest(transport.baseUrl, token, operation, call);
  const started = transport.clock.now();
  const timeoutMs = Math.max(transport.timeoutMs, operation.patienceMs ?? 0) + allowance(request);
  const watch = transport.silence.begin({
    operation: operation.name,
    timeoutMs,
    attempt,
    attempts: operation.repeatable && !operation.polled ? attempts : 1,
    next: nextAfterLoss(operation, attempt),
  });
  let received: Received | undefined;
  let reading: ReadResponse;
  try {
    received = await exchange(transport.send, request, {
      timeoutMs,
      signal: transport.signal,
      onBytes: watch.received,
    });
    reading = readResponse(operation, received, transport.baseUrl);
  } catch (cause) {
    reading = { result: connectionError(transport, operation, cause) };
  } finally {
    watch.end();
  }
  const record = {
    operation: operation.name,
    method: operation.method,
    path: fillPath(operation, call),
    status: received?.status,
    code: reading.code,
    logid: reading.logid,
    ms: transport.clock.now() - started,
    attempt,
  };
  transport.onAttempt(record, received?.headers);
  if (reading.result instanceof CozeError) {
    const { result } = reading;
    result.message = sanitize(transport.secrets, result.message);
    result.said = result.said && sanitize(transport.secrets, result.said);
  } else {
    transport.secrets.add(...secretsIn(operation, reading.result.body));
  }
  const problem = reading.result instanceof CozeError ? reading.result.message : undefined;
  transport.onEvent?.({ type: "attempt", record, writes: operation.write, problem });
  return reading.result;
}

function nextAfterLoss({ write, repeatable, polled }: Operation, attempt: number): SilentCall["next"] {
  if (polled) return "poll";
  if (repeatable) return attempt < attempts ? "retry" : "fail";
  return write ? "look" : "fail";
}

// Large uploads get a second more for each 100 kB.
function allowance({ body = "" }: Outgoing): number {
  let bytes = 0;
  for (const part of typeof body === "string" ? [body] : body.values())
    bytes += typeof part === "string" ? part.length : part.size;
  return Math.floor(bytes / 100_000) * 1000;
}

function unusableToken(operation: Operation): Unauthenticated {
  const { message, hint } = explain("coze/token-malformed");
  return new Unauthenticated(message, { operation: operation.name, outcome: "none", hint });
}

function connectionError({ signal, baseUrl }: Transport, operation: Operation, cause: unknown): CozeError {
  const { reason, hint, unsent, final } = explainConnectionError(cause, baseUrl);
  const uncertain = operation.write && !unsent;
  const facts: CallFacts = { operation: operation.name, outcome: uncertain ? "unknown" : "none", cause };
  if (signal?.aborted && !operation.write) return new Interrupted(say("coze/interrupted"), facts);
  if (signal?.aborted) return new ConnectionLost(say("coze/interrupted-before-answer"), facts);
  const message = say(uncertain ? "coze/outcome-unknown" : "coze/unreached", { reason });
  return new ConnectionLost(message, { ...facts, hint, final });
}

/** The most characters that are searched for secrets: some patterns take quadratic time. */
const mostSearched = 16 * longestSaid;

/** A text of Coze's without secrets, then cut to length: half of a secret wouldn't be found. */
function sanitize(secrets: SecretKeeper, text: string): string {
  const start = hideQuoted(secrets.redact(text.slice(0, mostSearched)));
  return excerpt(start, longestSaid, Math.max(0, text.length - mostSearched));
}
