import {
  BadRequest,
  type CallFacts,
  ContentRejected,
  type CozeError,
  Forbidden,
  NotFound,
  QuotaExhausted,
  RateLimited,
  ServerError,
  Unauthenticated,
  UploadRejected,
} from "./errors.ts";
import type { Operation } from "./operation.ts";

interface Meaning {
  readonly error: new (message: string, facts: CallFacts) => CozeError;
  readonly text: string;
  readonly hint?: string;
}

const support = "ask Coze's support with the logid if it stays";
const topUp = "top up the account or upgrade its plan, then run again";
const laterOrSlower = "run again later, or lower the request rate";

/** What Coze's codes mean, from https://docs.coze.cn/developer_guides/coze_error_codes and the operations' pages. */
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [4000, { error: BadRequest, text: "Coze finds a parameter wrong", hint: "correct what the message names" }],
  [
    4008,
    { error: QuotaExhausted, text: "the daily quota is used up", hint: "run again tomorrow, or upgrade" },
  ],
  [4009, { error: RateLimited, text: "Coze is too busy at present", hint: "run again later" }],
  [4011, { error: QuotaExhausted, text: "the account's balance is used up", hint: topUp }],
  [
    4012,
    {
      error: BadRequest,
      text: "the model isn't valid",
      hint: "take a model id from the workspace's model page",
    },
  ],
  [4013, { error: RateLimited, text: "too many calls", hint: laterOrSlower }],
  [
    4014,
    {
      error: ContentRejected,
      text: "content safety objects to a text",
      hint: "reword the name, description or prompt",
    },
  ],
  [
    4015,
    {
      error: BadRequest,
      text: "the bot isn't published to the API channel",
      hint: "publish it to api first",
    },
  ],
  [4019, { error: QuotaExhausted, text: "the account is in arrears", hint: topUp }],
  [4020, { error: RateLimited, text: "too many calls of the model", hint: laterOrSlower }],
  [4027, { error: QuotaExhausted, text: "the account's credits are used up", hint: topUp }],
  [4028, { error: QuotaExhausted, text: "the free quota is used up", hint: topUp }],
  [
    4100,
    {
      error: Unauthenticated,
      text: "the token isn't valid",
      hint: "check that it hasn't expired and belongs to this endpoint: tokens of coze.cn and coze.com differ",
    },
  ],
  [
    4101,
    {
      error: Forbidden,
      text: "the token has no permission for this, or the object isn't visible to it",
      hint: "grant the token the permission and the workspace; a fresh grant takes some seconds to count",
    },
  ],
  [
    4102,
    {
      error: ContentRejected,
      text: "content safety objects to a text",
      hint: "reword the organization's texts",
    },
  ],
  [
    4200,
    {
      error: NotFound,
      text: "the object doesn't exist",
      hint: "plan again to see what is left, and check the ids that the manifests give",
    },
  ],
  [
    4300,
    { error: UploadRejected, text: "the file is empty", hint: "put something into it, or leave it out" },
  ],
  [4301, { error: UploadRejected, text: "more than one file was sent", hint: support }],
  [4302, { error: UploadRejected, text: "the file is too large", hint: "the limit is 512 MB" }],
  [
    4303,
    {
      error: UploadRejected,
      text: "the file's format isn't supported",
      hint: "convert it to a supported format",
    },
  ],
  [4304, { error: UploadRejected, text: "the file is broken", hint: "check that it opens" }],
  [5000, { error: ServerError, text: "Coze failed internally", hint: support }],
  [6003, { error: BadRequest, text: "the account's plan doesn't include this", hint: "upgrade the plan" }],
  [700012006, { error: Unauthenticated, text: "the token isn't valid", hint: "make a new token" }],
  [
    702042018,
    {
      error: BadRequest,
      text: "the workspace has no room for more members",
      hint: "remove members or upgrade",
    },
  ],
  [
    702042162,
    {
      error: BadRequest,
      text: "the user isn't in the enterprise",
      hint: "add the user to the enterprise first",
    },
  ],
  [788788103, { error: QuotaExhausted, text: "the account's balance doesn't suffice", hint: topUp }],
]);

/** Codes that stand for an HTTP status, for answers without a code. */
const codesByStatus: ReadonlyMap<number, number> = new Map([
  [401, 4100],
  [403, 4101],
  [404, 4200],
  [429, 4013],
]);

// Codes that no source lists are final: retrying what isn't understood could do harm.
const unlisted: Meaning = {
  error: BadRequest,
  text: "Coze refused the call",
  hint: "look the code up at https://docs.coze.cn/developer_guides/coze_error_codes, or ask Coze's support with the logid",
};
const unlistedServerError: Meaning = {
  error: ServerError,
  text: "Coze or its gateway failed",
  hint: support,
};

/** An answer that reports failure. */
export interface FailedAnswer {
  readonly httpStatus: number;
  readonly code?: number;
  /** Coze's own words. */
  readonly msg?: string;
  readonly logid?: string;
  readonly retryAfterMs?: number;
}

/** The error that an answer stands for: by its code, else by its HTTP status. */
export function describeFailure(operation: Operation, answer: FailedAnswer): CozeError {
  const { code = 0, httpStatus } = answer;
  const meaning = meanings.get(code) ?? meaningOfStatus(httpStatus);
  const uncertain = meaning.error === ServerError && operation.write;
  return new meaning.error(answer.msg ? `${meaning.text}: ${answer.msg}` : meaning.text, {
    operation: operation.name,
    outcome: uncertain ? "unknown" : "none",
    code: answer.code,
    httpStatus,
    logid: answer.logid,
    hint: meaning.hint,
    retryAfterMs: answer.retryAfterMs,
  });
}

function meaningOfStatus(status: number): Meaning {
  const listed = meanings.get(codesByStatus.get(status) ?? 0);
  return listed ?? (status >= 500 ? unlistedServerError : unlisted);
}
