import type { Call, Operation } from "./operation.ts";

/** What came back, read to its end. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
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

/** An operation's path with the call's ids in it. */
export function fillPath(operation: Operation, call: Call): string {
  return operation.path.replace(/:(\w+)/g, (_match, name: string) => {
    const value = call.path?.[name];
    if (!value) throw new Error(`${operation.name} was called without ${name}`);
    return encodeURIComponent(value);
  });
}

/** Sends a request and reads the whole answer; gives up when the time is over or the signal aborts. */
export async function exchange(
  fetch: (request: Request) => Response | Promise<Response>,
  request: Request,
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal },
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
    return await Promise.race([givenUp, receive(fetch, new Request(request, { signal: controller.signal }))]);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", stop);
  }
}

async function receive(
  fetch: (request: Request) => Response | Promise<Response>,
  request: Request,
): Promise<Received> {
  const response = await fetch(request);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

// A fetch that pays no attention to its signal mustn't hold up the run.
function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
