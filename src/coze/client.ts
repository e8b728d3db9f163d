import { createBotCalls } from "./bots.ts";
import { createCallbackAppCalls } from "./callback-apps.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createDatasetCalls } from "./datasets.ts";
import { createDocumentCalls } from "./documents.ts";
import { createFileCalls } from "./files.ts";
import { type CallRecord, createSend, type Token } from "./http.ts";
import { createImageCalls } from "./images.ts";
import { createLimiter } from "./limiter.ts";
import { createMemberCalls } from "./members.ts";
import { createPluginCalls } from "./plugins.ts";
import { createWorkflowCalls } from "./workflows.ts";
import { createWorkspaceCalls } from "./workspaces.ts";

/** How to reach Coze; whatever touches the outside can be replaced. */
export interface CozeClientOptions {
  /** `https://api.coze.cn`, `https://api.coze.com`, or another place that answers like them. */
  readonly baseUrl: string;
  readonly token: Token;
  readonly fetch?: (request: Request) => Response | Promise<Response>;
  readonly clock?: Clock;
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Stops everything: calls not sent yet fail as Interrupted, writes on their way as ConnectionLost. */
  readonly signal?: AbortSignal;
  /** Starts of requests, 5 by default; Infinity for no limit. Falls for a while when Coze says "too many". */
  readonly requestsPerSecond?: number;
  /** Per attempt, 60 s by default; large uploads get more. */
  readonly timeoutMs?: number;
  /** Told of every attempt that was sent. */
  readonly onCall?: (record: CallRecord) => void;
}

/** The API as it is: names of the wire going in and coming out. */
export type CozeClient = ReturnType<typeof createCozeClient>;

/** A client of one account. */
export function createCozeClient(options: CozeClientOptions) {
  const clock = options.clock ?? systemClock;
  let attempts = 0;
  // How far Coze's clock is ahead of ours, at least: an answer was written before it came.
  let lead: number | undefined;

  const send = createSend({
    baseUrl: options.baseUrl,
    token: options.token,
    fetch: options.fetch ?? globalThis.fetch,
    clock,
    random: options.random ?? Math.random,
    limiter: createLimiter(options.requestsPerSecond ?? 5, clock),
    timeoutMs: options.timeoutMs ?? 60_000,
    signal: options.signal,
    onAttempt(record, headers) {
      attempts += 1;
      const written = Date.parse(headers?.get("date") ?? "");
      if (!Number.isNaN(written)) lead = Math.max(lead ?? Number.NEGATIVE_INFINITY, written - clock.now());
      options.onCall?.(record);
    },
  });

  return {
    workspaces: createWorkspaceCalls(send),
    members: createMemberCalls(send),
    bots: createBotCalls(send),
    datasets: createDatasetCalls(send),
    documents: createDocumentCalls(send),
    images: createImageCalls(send),
    files: createFileCalls(send),
    callbackApps: createCallbackAppCalls(send),
    workflows: createWorkflowCalls(send),
    plugins: createPluginCalls(send),
    /** Requests sent so far, retries included. */
    callCount: () => attempts,
    /** A lower bound of Coze's clock in epoch milliseconds; a guess before the first answer. */
    serverTime: () => clock.now() + (lead ?? -2000),
  };
}
