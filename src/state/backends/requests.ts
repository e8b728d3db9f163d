import { setMaxListeners } from "node:events";
import { rejectOn } from "../../core/abort-signal.ts";
import { excerpt } from "../../core/excerpt.ts";
import { escapeInvisible } from "../../core/invisible-characters.ts";
import { type Explained, explain, say } from "../../messages/text.ts";
import { StateError, StateUnwritable } from "../model.ts";
import type { BackendContext } from "./settings.ts";

/** A received answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** A request that can be sent again. */
export interface Sending {
  /** What messages name: an address without credentials. */
  readonly place: string;
  /** Makes the request of one attempt: signatures have a time. */
  build(): Request | Promise<Request>;
  /** The size of the request's body. */
  readonly bytes?: number | undefined;
  /** Whether an answer is worth another attempt beside those of servers that are busy or broken. */
  isPassing?(answer: Answer): boolean;
  /** `patient`: the context's signal doesn't end it. `hurried`: neither, but it has a few seconds and one attempt. */
  readonly mode?: "patient" | "hurried" | undefined;
}

const attempts = 5;
const firstPauseMs = 500;
const longestPauseMs = 30_000;
const patienceMs = 60_000;
/** What nothing waits for that a run has done already isn't waited for as long. */
const briefPatienceMs = 15_000;
const silenceMs = 10_000;
const hurryMs = 5000;
/** The slowest line that is waited for. */
const bytesPerMs = 100;

/**
 * Sends a request until a server that isn't busy or broken answers. A request whose answer is lost is sent again, so it
 * may take effect twice. Throws {@link StateError} after the last attempt.
 */
export async function send(context: BackendContext, sending: Sending): Promise<Answer> {
  const { mode, place } = sending;
  const signal = mode === undefined ? context.signal : undefined;
  const silence = setTimeout(() => context.onSilence?.(place), silenceMs);
  try {
    return await sendPatiently(context, sending, signal);
  } finally {
    clearTimeout(silence);
  }
}

async function sendPatiently(
  context: BackendContext,
  sending: Sending,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { mode } = sending;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(context, sending, signal);
    const isLast = attempt === attempts || mode === "hurried" || signal?.aborted === true;
    if ("failure" in outcome) {
      if (isLast || outcome.final) throw new StateError(sending.place, outcome.failure, outcome);
    } else {
      const { answer } = outcome;
      if (isLast || !(isBusy(answer.status) || sending.isPassing?.(answer))) return answer;
    }
    const asked = "answer" in outcome ? Number(outcome.answer.headers.get("retry-after")) * 1000 : 0;
    const pause = Math.max(firstPauseMs * 2 ** (attempt - 1), asked || 0);
    await context.clock.sleep(Math.min(pause, longestPauseMs), signal).catch(() => {});
  }
}

const isBusy = (status: number): boolean => [408, 425, 429, 500, 502, 503, 504].includes(status);

type Outcome =
  | { readonly answer: Answer }
  | { readonly failure: Explained; readonly final: boolean; readonly cause: unknown };

async function attemptOnce(
  { fetch }: BackendContext,
  { build, mode, bytes = 0 }: Sending,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const controller = new AbortController();
  const expire = () => controller.abort(new TooSlow());
  const patience = mode === undefined ? briefPatienceMs : patienceMs;
  let timer = setTimeout(expire, mode === "hurried" ? hurryMs : patience + bytes / bytesPerMs);
  const stop = () => controller.abort(signal?.reason);
  // Each request listens; Node would warn users of a leak from the eleventh on.
  if (signal) setMaxListeners(Number.POSITIVE_INFINITY, signal);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  let host = "";
  try {
    const built = await build();
    host = new URL(built.url).host;
    const request = new Request(built, { signal: controller.signal });
    const receive = async (): Promise<Outcome> => {
      const response = await fetch(request);
      clearTimeout(timer);
      timer = setTimeout(expire, patienceMs + Number(response.headers.get("content-length")) / bytesPerMs);
      const body = new Uint8Array(await response.arrayBuffer());
      return { answer: { status: response.status, headers: response.headers, body } };
    };
    return await Promise.race([receive(), rejectOn(controller.signal)]);
  } catch (cause) {
    if (signal?.aborted) return { failure: explain("state/stopped"), final: true, cause };
    return { ...explainLoss(cause, host), cause };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** No answer came in time. */
class TooSlow extends Error {}

/** Why no answer came, from what fetch threw. */
function explainLoss(error: unknown, host: string): { readonly failure: Explained; readonly final: boolean } {
  const chain: (Error & { readonly hint?: unknown; readonly final?: unknown })[] = [];
  for (let one: unknown = error; one instanceof Error && chain.length < 10; one = one.cause) chain.push(one);
  // A proxy's failure says for itself what to do.
  const told = chain.find(({ hint }) => typeof hint === "string");
  if (told) {
    return { failure: { message: told.message, hint: String(told.hint) }, final: told.final === true };
  }
  if (chain.some((one) => one instanceof TooSlow)) {
    return { failure: explain("state/no-answer-in-time", { host }), final: false };
  }
  const deepest = chain.at(-1);
  const reason = describeCode(codeOf(deepest)) ?? excerpt(deepest?.message ?? String(error), 200);
  return { failure: explain("state/unreached", { host, reason }), final: false };
}

const codeOf = (error: Error | undefined): string => String((error as NodeJS.ErrnoException)?.code ?? "");

/** What the operating system says of a connection that couldn't be made; undefined for other codes. */
export function describeCode(code: string): string | undefined {
  switch (code) {
    case "ECONNREFUSED":
      return say("state/connection-refused");
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return say("state/name-unresolved");
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return say("state/connection-broken");
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return say("state/connection-timed-out");
    default:
      return undefined;
  }
}

/** The error of a place that can't be written, or whose lock can't be taken. */
export const unwritable = (error: unknown): StateUnwritable =>
  new StateUnwritable(error instanceof StateError ? error.file : "", error, say("state/unreached.hint"));

/** What a server says of a failure, for a message; empty where it is a page, or says nothing. `secrets` aren't shown. */
export function quoteAnswer(
  { headers, body }: Answer,
  secrets: readonly (string | undefined)[] = [],
): string {
  if (headers.get("content-type")?.includes("html")) return "";
  let text = Buffer.from(body.subarray(0, 4096)).toString();
  for (const secret of secrets) if (secret) text = text.replaceAll(secret, "***");
  return excerpt(escapeInvisible(text.trim().replaceAll(/\s+/gu, " ")), 200);
}
