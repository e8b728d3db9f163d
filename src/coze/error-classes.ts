import { explain } from "../messages/text.ts";

/** The facts about a failed call besides its message. */
export interface CallFacts {
  /** The name of the operation's page in the reference. */
  readonly operation: string;
  /** `unknown`: the call may have taken effect. `none`: it hasn't, or it only reads. */
  readonly outcome: "none" | "unknown";
  /** The code in the answer's body. */
  readonly code?: number | undefined;
  readonly httpStatus?: number | undefined;
  /** The id by which Coze's support finds the call. */
  readonly logid?: string | undefined;
  /** The next move. */
  readonly hint?: string | undefined;
  /** Coze's own words. */
  readonly said?: string | undefined;
  /** The part of the request that Coze rejects. */
  readonly about?: "texts" | "files" | undefined;
  /** A retry won't help until something changes. */
  readonly final?: true | undefined;
  /** The delay that Coze asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown | undefined;
}

/** A failed call. The subclass says why; the message can be shown and never contains a token. */
export class CozeError extends Error {
  override readonly name: string = "CozeError";
  readonly operation: string;
  readonly outcome: "none" | "unknown";
  readonly code: number | undefined;
  readonly httpStatus: number | undefined;
  readonly logid: string | undefined;
  readonly hint: string | undefined;
  said: string | undefined;
  readonly about: CallFacts["about"];
  readonly final: true | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, facts: CallFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.operation = facts.operation;
    this.outcome = facts.outcome;
    this.code = facts.code;
    this.httpStatus = facts.httpStatus;
    this.logid = facts.logid;
    this.hint = facts.hint;
    this.said = facts.said;
    this.about = facts.about;
    this.final = facts.final;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** The request is wrong, or Coze refuses it for a reason of its own. */
export class BadRequest extends CozeError {
  override readonly name = "BadRequest";
}

/** The object doesn't exist. */
export class NotFound extends CozeError {
  override readonly name = "NotFound";
}

/** The token is valid and may not do this. An object that was deleted can look the same. */
export class Forbidden extends CozeError {
  override readonly name = "Forbidden";
}

/** The token is wrong, expired, or of the other site. */
export class Unauthenticated extends CozeError {
  override readonly name = "Unauthenticated";
}

/** Refused without effect: too many calls. */
export class RateLimited extends CozeError {
  override readonly name = "RateLimited";
}

/** The account has no calls or no money left; no further call will work. */
export class QuotaExhausted extends CozeError {
  override readonly name = "QuotaExhausted";
}

/** Coze's content safety objects to a text. */
export class ContentRejected extends CozeError {
  override readonly name = "ContentRejected";
}

/** The uploaded file isn't acceptable. */
export class UploadRejected extends CozeError {
  override readonly name = "UploadRejected";
}

/** Coze failed; a call that writes may have taken effect. */
export class ServerError extends CozeError {
  override readonly name = "ServerError";
}

/** No answer came: network failure or time-out. */
export class ConnectionLost extends CozeError {
  override readonly name = "ConnectionLost";
}

/** The body isn't an answer of this API: a gateway's page, or truncated JSON. */
export class BadAnswer extends CozeError {
  override readonly name = "BadAnswer";
}

/** The answer reports success but is incomplete or contradictory. */
export class UnexpectedAnswer extends CozeError {
  override readonly name = "UnexpectedAnswer";
}

/** Cancelled before anything took effect. */
export class Interrupted extends CozeError {
  override readonly name = "Interrupted";
}

/** Not sent, because the run has used its limit of calls. */
export class CallsSpent extends CozeError {
  override readonly name = "CallsSpent";

  /** `most`: the calls that the run may make. */
  constructor(most: number, operation: string) {
    const { message, hint } = explain("coze/calls-spent", { count: most });
    super(message, { operation, outcome: "none", hint });
  }
}

/**
 * A text without anything that looks like a secret: Coze may quote secrets that this client never saw, such as tokens of
 * others, and links with a signature in their query.
 */
export const hideQuoted = (text: string): string =>
  text
    .replace(/\b(?:pat|sat|czs|czu)_\w+|\beyJ[\w-]+(?:\.[\w-]+){1,2}/g, "[secret]")
    .replace(/(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g, "$1?[…]");

/** The most characters of Coze's message in a message of ours. */
export const longestSaid = 1000;

/** A log id, reduced to at most 128 printable ASCII characters; undefined without any. */
export function readLogid(text: string | undefined): string | undefined {
  const printable = text?.slice(0, 1024).replace(/[^\x21-\x7e]/g, "");
  return printable?.slice(0, 128) || undefined;
}
