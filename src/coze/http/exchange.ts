import { excerpt } from "../../core/excerpt.ts";
import { isId } from "../../core/field.ts";
import { BadRequest } from "../errors.ts";
import type { Call, Operation } from "./operation.ts";

/** The most bytes of an answer that are read, counted after decompression. */
const longestAnswer = 64 * 1024 * 1024;

/** What came back, read to its end. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined: it is larger than 64 MiB, and wasn't read to its end. */
  readonly text: string | undefined;
}

/** Thrown when no answer came within the time. */
export class TimeOut extends Error {
  override readonly name = "TimeOut";
}

/** The HTTP request of a call. */
export function buildRequest(baseUrl: string, token: string, operation: Operation, call: Call): Request {
  const url = new URL(baseUrl.replace(/\/+$/, "") + fillPath(operation, call));
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers = new Headers({ Authorization: `Bearer ${token}` });
  if (call.form === undefined) headers.set("Content-Type", "application/json");
  if (operation.strIds) headers.set("Agw-Js-Conv", "str");
  return new Request(url, {
    method: operation.method,
    headers,
    body: call.form ?? (call.body && JSON.stringify(call.body)),
    // Following one could turn a POST into a GET.
    redirect: "manual",
  });
}

/** An operation's path with the call's ids in it; throws BadRequest for an id that could lead elsewhere. */
export function fillPath(operation: Operation, call: Call): string {
  return operation.path.replace(/:(\w+)/g, (_match, name: string) => {
    const value = call.path?.[name] ?? "";
    if (!isId(value)) throw notAnId(operation, name, value);
    return value;
  });
}

function notAnId(operation: Operation, name: string, value: string): BadRequest {
  const shown = value === "" ? "nothing was given" : `${excerpt(JSON.stringify(value), 80)} was given`;
  return new BadRequest(`${name} isn't an id: ${shown}`, {
    operation: operation.name,
    outcome: "none",
    hint: "an id has 1 to 64 letters, digits, - and _: see where this one comes from, the manifests or the state",
  });
}

/**
 * Sends a request and reads the whole answer, or as much as is allowed; gives up when the time is over or the signal
 * aborts. `onBytes` is called whenever something of the answer comes.
 */
export async function exchange(
  fetch: (request: Request) => Response | Promise<Response>,
  request: Request,
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly onBytes: () => void },
): Promise<Received> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new TimeOut(`no answer within ${limits.timeoutMs / 1000} s`)),
    limits.timeoutMs,
  );
  const stop = () => controller.abort(limits.signal?.reason);
  limits.signal?.addEventListener("abort", stop, { once: true });
  try {
    // In this order: a fetch may abort before it returns.
    const givenUp = rejectOn(controller.signal);
    const sent = new Request(request, { signal: controller.signal });
    return await Promise.race([givenUp, receive(fetch, sent, limits.onBytes)]);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", stop);
  }
}

async function receive(
  fetch: (request: Request) => Response | Promise<Response>,
  request: Request,
  onBytes: () => void,
): Promise<Received> {
  const response = await fetch(request);
  onBytes();
  return { status: response.status, headers: response.headers, text: await readText(response, onBytes) };
}

/** The body as text; undefined when it is too large: then the connection is closed. */
async function readText({ body }: Response, onBytes: () => void): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    onBytes();
    size += next.value.byteLength;
    if (size > longestAnswer) {
      // What becomes of the rest is no matter of the call.
      reader?.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(next.value);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

// A fetch that pays no attention to its signal mustn't hold up the run.
function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
