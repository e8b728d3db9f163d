import { createBenefitCalls, createOrganizationCalls } from "./api/account.ts";
import { createBotCalls } from "./api/bots.ts";
import { createCallbackAppCalls } from "./api/callback-apps.ts";
import { createChatCalls } from "./api/chats.ts";
import { createCopyTaskCalls } from "./api/copy-tasks.ts";
import { createDatasetCalls, createDocumentCalls, createImageCalls } from "./api/datasets.ts";
import { createFileCalls } from "./api/files.ts";
import { createFolderCalls } from "./api/folders.ts";
import { createPluginCalls } from "./api/plugins.ts";
import { createVoiceCalls } from "./api/voices.ts";
import { createAppCalls, createWorkflowCalls } from "./api/workflows.ts";
import { createMemberCalls, createWorkspaceCalls } from "./api/workspaces.ts";
import { type Clock, systemClock } from "./clock.ts";
import { sendBy } from "./http/exchange.ts";
import { createLimiter, type Limits, rateOf } from "./http/limiter.ts";
import type { ApiResponse, Send } from "./http/operation.ts";
import type { ResponseHeaders } from "./http/request.ts";
import { noWatch, type Silence, watchSilence } from "./http/silence.ts";
import {
  type CallEvent,
  type CallRecord,
  createSend,
  type SecretKeeper,
  type Token,
  type Transport,
} from "./http/transport.ts";

/** How to reach Coze; network, clock and randomness can be replaced. */
export interface ConnectionOptions {
  /** `https://api.coze.cn`, `https://api.coze.com`, or another endpoint with the same API. */
  readonly baseUrl: string;
  readonly fetch?: (request: Request) => Response | Promise<Response>;
  readonly clock?: Clock | undefined;
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Aborts everything: unsent calls fail as Interrupted, writes under way as ConnectionLost. */
  readonly signal?: AbortSignal | undefined;
  /** Stops gracefully: unsent calls fail as Interrupted, those under way complete. */
  readonly stopping?: AbortSignal | undefined;
  /**
   * Once aborted, no call is retried: pauses end, and the calls fail as their last attempts did. Calls under way complete,
   * and others are still sent.
   */
  readonly noMoreRetries?: AbortSignal | undefined;
  /** Requests per second, 5 by default; Infinity for no limit. Drops for a while when Coze refuses calls as too many. */
  readonly requestsPerSecond?: number | undefined;
  /** Requests per second of single operations, by name; replaces the known rates. */
  readonly operationsPerSecond?: { readonly [operation: string]: number } | undefined;
  /** The most requests, including retries: further ones fail as CallsSpent. */
  readonly maxCalls?: number | undefined;
  /** Per attempt, 60 s by default; large uploads get more. */
  readonly timeoutMs?: number | undefined;
  /** Called about calls without an answer, and about long pauses before retries. */
  readonly onSilence?: ((silence: Silence) => void) | undefined;
  /** The length of a silence that is reported, and the interval of reports; 10 s by default. */
  readonly silenceMs?: number | undefined;
  /** Called after every attempt that was sent. */
  readonly onCall?: ((record: CallRecord) => void) | undefined;
  /** Called about everything that happens to calls, for a log of them. */
  readonly onEvent?: ((event: CallEvent) => void) | undefined;
  /** Collects tokens and secrets in answers, which no message then shows; by default the client has its own. */
  readonly secrets?: SecretKeeper | undefined;
}

/** How to reach Coze, with the token of an account. */
export interface CozeClientOptions extends ConnectionOptions {
  readonly token: Token;
}

/** The API with the names of the wire. */
export interface CozeClient extends ReturnType<typeof createCalls> {
  /** Requests sent so far, including retries. */
  callCount(): number;
  /** A lower bound of Coze's clock in epoch milliseconds; a guess before the first answer. */
  serverTime(): number;
  /** The same account with a cache of reads: every read is sent once, also if it fails. */
  remembering(): CozeClient;
}

/** A client of one account. */
export const createCozeClient = (options: CozeClientOptions): CozeClient =>
  createConnection(options).signIn(options.token);

/** A connection for all accounts of a run, which share its rate limit, call count and estimate of Coze's clock. */
export type Connection = ReturnType<typeof createConnection>;

/** Makes a connection; sends nothing. */
export function createConnection(options: ConnectionOptions) {
  const clock = options.clock ?? systemClock;
  const send = sendBy(options.fetch ?? globalThis.fetch);
  const coze = watchServerClock(clock);
  let attempts = 0;
  const { requestsPerSecond = 5, operationsPerSecond = {}, maxCalls } = options;
  const limits: Limits = { requestsPerSecond, operations: operationsPerSecond, calls: maxCalls };
  const limiter = createLimiter(limits, clock);

  const transport: Omit<Transport, "token"> = {
    baseUrl: options.baseUrl,
    secrets: options.secrets ?? keepTokens(),
    // Counted as it leaves: when a run gives up early, answers to others may still be on their way.
    send(outgoing, receiving) {
      attempts += 1;
      return send(outgoing, receiving);
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
      coze.readDate(headers);
      options.onCall?.(record);
    },
    onEvent: (event) => options.onEvent?.(event),
  };
  /** Requests sent so far, including retries. */
  const callCount = () => attempts;
  const { serverTime, clockLead } = coze;
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
    /** The highest number of calls per second: of an operation, by name, or of all together. */
    callRate: (operation?: string) => rateOf(limits, operation),
    serverTime,
    clockLead,
    /** Sends the calls of one account. */
    open,
    /** A client of one account. */
    signIn: (token: Token) => clientOf(open(token)),
  };
}

/** Estimates Coze's clock from the dates of its answers. */
function watchServerClock(clock: Clock) {
  // A lower bound: an answer was written before it came.
  let lead: number | undefined;
  return {
    readDate(headers: ResponseHeaders | undefined): void {
      const written = Date.parse(headers?.get("date") ?? "");
      if (!Number.isNaN(written)) lead = Math.max(lead ?? Number.NEGATIVE_INFINITY, written - clock.now());
    },
    /** A lower bound of Coze's clock in epoch milliseconds; a guess before the first answer. */
    serverTime: () => clock.now() + (lead ?? -2000),
    /** How far Coze's clock is ahead of this machine's, in milliseconds; undefined before the first answer. */
    clockLead: () => lead,
  };
}

function joinSignals(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

/** Redacts secrets only in the form in which they were sent. */
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
    folders: createFolderCalls(send),
    callbackApps: createCallbackAppCalls(send),
    workflows: createWorkflowCalls(send),
    apps: createAppCalls(send),
    copyTasks: createCopyTaskCalls(send),
    plugins: createPluginCalls(send),
    voices: createVoiceCalls(send),
    organizations: createOrganizationCalls(send),
    benefits: createBenefitCalls(send),
  };
}

/** Caches reads: each is sent once, and its answer or failure is reused. */
function rememberAnswers(send: Send): Send {
  const known = new Map<string, Promise<ApiResponse>>();
  return (operation, call = {}) => {
    if (operation.write) return send(operation, call);
    const key = JSON.stringify([operation.name, call.path, call.query, call.body]);
    const answer = known.get(key) ?? send(operation, call);
    known.set(key, answer);
    return answer;
  };
}
