/** What is known of a failed call besides the message. */
export interface CallFacts {
  /** The name of the operation's page in the reference. */
  readonly operation: string;
  /** `unknown`: the call may have taken effect. `none`: it hasn't, or it only reads. */
  readonly outcome: "none" | "unknown";
  /** The code in the answer's body. */
  readonly code?: number;
  readonly httpStatus?: number;
  /** By which Coze's support finds the call. */
  readonly logid?: string;
  /** The next move. */
  readonly hint?: string;
  /** Coze's own words. */
  readonly said?: string;
  /** What Coze objects to among what the call sent. */
  readonly about?: "texts" | "files";
  /** To try again won't help until somebody changes something. */
  readonly final?: true;
  /** How long Coze asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A call that failed. The subclass says why; the message is fit to be shown and never holds a token. */
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

/** Refused for now, without any effect: too many calls. */
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

/** What came isn't an answer of this API: a gateway's page, or JSON that is cut off. */
export class BadAnswer extends CozeError {
  override readonly name = "BadAnswer";
}

/** The answer reports success but lacks what it must hold, or contradicts itself. */
export class UnexpectedAnswer extends CozeError {
  override readonly name = "UnexpectedAnswer";
}

/** Given up on request before anything took effect. */
export class Interrupted extends CozeError {
  override readonly name = "Interrupted";
}

/** Not sent, because the run was to make no more calls than it has made. */
export class CallsSpent extends CozeError {
  override readonly name = "CallsSpent";

  /** `most`: the calls that the run may make. */
  constructor(most: number, operation: string) {
    super(`this run may make ${most} ${most === 1 ? "call" : "calls"}, and has made them`, {
      operation,
      outcome: "none",
      hint: "run again: an apply continues where it stopped, a plan needs a higher limit (--max-calls, or in Terraform max_calls)",
    });
  }
}
