import { createAppCalls } from "./api/apps.ts";
import { createBotCalls } from "./api/bots.ts";
import { createCallbackAppCalls } from "./api/callback-apps.ts";
import { createChatCalls } from "./api/chats.ts";
import { createCopyTaskCalls } from "./api/copy-tasks.ts";
import { createDatasetCalls } from "./api/datasets.ts";
import { createDocumentCalls } from "./api/documents.ts";
import { createFileCalls } from "./api/files.ts";
import { createImageCalls } from "./api/images.ts";
import { createMemberCalls } from "./api/members.ts";
import { createPluginCalls } from "./api/plugins.ts";
import { createWorkflowCalls } from "./api/workflows.ts";
import { createWorkspaceCalls } from "./api/workspaces.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createLimiter, type Limits, rateOf } from "./http/limiter.ts";
import type { Send } from "./http/operation.ts";
import { rememberAnswers } from "./http/response-cache.ts";
import { noWatch, type Silence, watchSilence } from "./http/silence.ts";
import {
  type CallRecord,
  createSend,
  type SecretKeeper,
  type Token,
  type Transport,
} from "./http/transport.ts";

/** How to reach Coze; whatever touches the outside can be replaced. */
export interface ConnectionOptions {
  /** `https://api.coze.cn`, `https://api.coze.com`, or another place that answers like them. */
  readonly baseUrl: string;
  readonly fetch?: (request: Request) => Response | Promise<Response>;
  readonly clock?: Clock;
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Stops everything: calls not sent yet fail as Interrupted, writes on their way as ConnectionLost. */
  readonly signal?: AbortSignal;
  /** Ends gently: calls not sent yet fail as Interrupted, those on their way come to their end. */
  readonly stopping?: AbortSignal;
  /**
   * From when this fires, no call is tried again: pauses before retries end, and the calls fail as their last attempts
   * did. Calls on their way come to their end, and others are still sent.
   */
  readonly noMoreRetries?: AbortSignal | undefined;
  /** Starts of requests, 5 by default; Infinity for no limit. Falls for a while when Coze says "too many". */
  readonly requestsPerSecond?: number | undefined;
  /** Starts of requests of single operations, by name, in place of what is known of them. */
  readonly operationsPerSecond?: { readonly [operation: string]: number } | undefined;
  /** Requests in all, retries included: further ones fail as CallsSpent. */
  readonly maxCalls?: number | undefined;
  /** Per attempt, 60 s by default; large uploads get more. */
  readonly timeoutMs?: number;
  /** Told of calls that get no answer, and of long pauses before retries. */
  readonly onSilence?: ((silence: Silence) => void) | undefined;
  /** How long is long, and how often it is told; 10 s by default. */
  readonly silenceMs?: number;
  /** Told of every attempt that was sent. */
  readonly onCall?: ((record: CallRecord) => void) | undefined;
  /** Told of tokens and of secrets in answers, which no message then shows; without it the client keeps them itself. */
  readonly secrets?: SecretKeeper;
}

/** How to reach Coze, and as whom. */
export interface CozeClientOptions extends ConnectionOptions {
  readonly token: Token;
}

/** The API as it is: names of the wire going in and coming out. */
export interface CozeClient extends ReturnType<typeof createCalls> {
  /** Requests sent so far, retries included. */
  callCount(): number;
  /** A lower bound of Coze's clock in epoch milliseconds; a guess before the first answer. */
  serverTime(): number;
  /** The same account, which is asked nothing twice: what calls that change nothing gave is kept, failures too. */
  remembering(): CozeClient;
}

/** A client of one account. */
export const createCozeClient = (options: CozeClientOptions): CozeClient =>
  createConnection(options).signIn(options.token);

/** A way to Coze for all accounts of a run: they share its pace, its count of calls and what it knows of Coze's clock. */
export type Connection = ReturnType<typeof createConnection>;

/** Opens a way to Coze; sends nothing. */
export function createConnection(options: ConnectionOptions) {
  const clock = options.clock ?? systemClock;
  const { fetch = globalThis.fetch } = options;
  let attempts = 0;
  // How far Coze's clock is ahead of ours, at least: an answer was written before it came.
  let lead: number | undefined;
  const { requestsPerSecond = 5, operationsPerSecond = {}, maxCalls } = options;
  const limits: Limits = {
    requestsPerSecond,
    operations: operationsPerSecond,
    ...(maxCalls === undefined ? {} : { calls: maxCalls }),
  };
  const limiter = createLimiter(limits, clock);

  const transport: Omit<Transport, "token"> = {
    baseUrl: options.baseUrl,
    secrets: options.secrets ?? keepTokens(),
    // Counted as it leaves: when a run gives up early, answers to others may still be on their way.
    fetch(request) {
      attempts += 1;
      return fetch(request);
    },
    clock,
    random: options.random ?? Math.random,
    limiter,
    timeoutMs: options.timeoutMs ?? 60_000,
    silence: options.onSilence ? watchSilence(options.onSilence, options.silenceMs ?? 10_000) : noWatch,
    signal: options.signal,
    gate: joinSignals(options.signal, options.stopping),
    noRetries: joinSignals(options.signal, options.stopping, options.noMoreRetries),
    onAttempt(record, headers) {
      const written = Date.parse(headers?.get("date") ?? "");
      if (!Number.isNaN(written)) lead = Math.max(lead ?? Number.NEGATIVE_INFINITY, written - clock.now());
      options.onCall?.(record);
    },
  };
  /** Requests sent so far, retries included. */
  const callCount = () => attempts;
  /** A lower bound of Coze's clock in epoch milliseconds; a guess before the first answer. */
  const serverTime = () => clock.now() + (lead ?? -2000);
  const open = (token: Token): Send => createSend({ ...transport, token });
  const clientOf = (send: Send): CozeClient => ({
    ...createCalls(send),
    callCount,
    serverTime,
    remembering: () => clientOf(rememberAnswers(send)),
  });
  return {
    baseUrl: options.baseUrl,
    clock,
    callCount,
    /** How many more requests may be sent; Infinity without `maxCalls`. */
    callsLeft: limiter.callsLeft,
    /** The calls per second that are made at the most: of an operation, by its name, or of all together. */
    callRate: (operation?: string) => rateOf(limits, operation),
    serverTime,
    /** How far Coze's clock is ahead of this machine's, milliseconds; undefined before the first answer. */
    clockLead: () => lead,
    /** Sends what one account asks for. */
    open,
    /** A client of one account. */
    signIn: (token: Token) => clientOf(open(token)),
  };
}

function joinSignals(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

/** Of its own a client knows secrets only as they are written. */
function keepTokens(): SecretKeeper {
  const known = new Set<string>();
  return {
    add(...values) {
      for (const value of values) if (value) known.add(value);
    },
    redact: (text) => [...known].reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text),
  };
}

function createCalls(send: Send) {
  return {
    workspaces: createWorkspaceCalls(send),
    members: createMemberCalls(send),
    bots: createBotCalls(send),
    chats: createChatCalls(send),
    datasets: createDatasetCalls(send),
    documents: createDocumentCalls(send),
    images: createImageCalls(send),
    files: createFileCalls(send),
    callbackApps: createCallbackAppCalls(send),
    workflows: createWorkflowCalls(send),
    apps: createAppCalls(send),
    copyTasks: createCopyTaskCalls(send),
    plugins: createPluginCalls(send),
  };
}
