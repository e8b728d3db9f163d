import { LosslessNumber, stringify } from "lossless-json";

/** The fields an operation adds to the envelope: mostly `data`, for document calls `document_infos` and others. */
export type BodyParts = Readonly<Record<string, unknown>>;

/** A refusal of a request: handlers throw it, and the client gets its code in an envelope. */
export class Refusal extends Error {
  readonly code: number;
  /** The HTTP status, if it isn't the code's usual one. */
  readonly status: number | undefined;
  /** The parameter that is refused. */
  readonly field: string | undefined;
  /** Headers of the answer beyond the usual ones. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: number,
    message: string,
    given: {
      readonly status?: number | undefined;
      readonly field?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    } = {},
  ) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.status = given.status;
    this.field = given.field;
    this.headers = given.headers ?? {};
  }
}

/** A refusal of an OAuth endpoint, which has codes in words. */
export class OAuthRefusal extends Error {
  readonly code: keyof typeof oauthStatus;

  constructor(code: keyof typeof oauthStatus, message: string) {
    super(message);
    this.name = "OAuthRefusal";
    this.code = code;
  }

  /** The body of the answer: the flow for devices has names of its own for its parts. */
  get body(): BodyParts {
    return deviceCodes.has(this.code)
      ? { error: this.code, error_description: this.message }
      : { error_code: this.code, error_message: this.message };
  }
}

// The reference lists the codes without their HTTP status; these are the usual ones.
const oauthStatus = {
  invalid_request: 400,
  unsupported_grant_type: 400,
  invalid_client: 401,
  access_deny: 403,
  internal_error: 500,
  authorization_pending: 400,
  slow_down: 400,
  access_denied: 400,
  expired_token: 400,
} as const;

const deviceCodes: ReadonlySet<string> = new Set([
  "authorization_pending",
  "slow_down",
  "access_denied",
  "expired_token",
]);

/** The answer to a request. */
export interface RouteResult {
  readonly status: number;
  readonly body: BodyParts;
}

/** The error codes of this service, by meaning (overview of error codes). */
export const codes = {
  badParameter: 4000,
  noConversation: 4001,
  noChat: 4002,
  invalidModel: 4012,
  tooManyCalls: 4013,
  unsafeContent: 4014,
  notPublished: 4015,
  chatRuns: 4016,
  balanceUsed: 4011,
  freeQuotaUsed: 4028,
  unauthenticated: 4100,
  forbidden: 4101,
  unsafeOrganization: 4102,
  notFound: 4200,
  alreadyThere: 4201,
  textMismatch: 1109,
  emptyFile: 4300,
  severalFiles: 4301,
  fileTooLarge: 4302,
  fileFormat: 4303,
  internal: 5000,
  premium: 6003,
  loginInvalid: 700012006,
  notInEnterprise: 702042162,
  memberLimit: 702042018,
  enterpriseLimit: 777074011,
  lastSuperAdmin: 777074044,
} as const;

const statusByCode = new Map<number, number>([
  [4000, 400],
  [4013, 429],
  [4100, 401],
  [4101, 403],
  [4200, 404],
  [5000, 500],
  [700012006, 401],
]);

/** Refuses a parameter; the message names the field. */
export function refuseParameter(field: string, problem: string): never {
  throw new Refusal(codes.badParameter, `Invalid request parameter: ${field} ${problem}`, { field });
}

/** Refuses because the object does not exist. */
export function refuseMissing(what: string, id: string): never {
  throw new Refusal(codes.notFound, `The requested resource does not exist: ${what} ${id}`);
}

/** Refuses because the token's user may not do this. */
export function refuseForbidden(reason: string): never {
  throw new Refusal(
    codes.forbidden,
    `You do not have permission to access the requested resource: ${reason}. Please verify whether the resource ID or token is correct.`,
  );
}

/** The body of a success: what the operation returns in an envelope. */
export function successBody(parts: BodyParts, logid: string): BodyParts {
  return { ...parts, code: 0, msg: "", detail: { logid } };
}

/** The answer for anything that was thrown. */
export function failure(error: unknown, logid: string): RouteResult {
  const refusal = error instanceof Refusal ? error : new Refusal(codes.internal, "Internal server error");
  const { code, message: msg } = refusal;
  // Failures without an HTTP meaning have status 200.
  const status = refusal.status ?? statusByCode.get(code) ?? 200;
  return { status, body: { code, msg, detail: { logid } } };
}

/** The answer of an OAuth endpoint for anything that was thrown: without envelope, with codes in words. */
export function oauthFailure(error: unknown): RouteResult {
  const refusal = toOAuthRefusal(error);
  return { status: oauthStatus[refusal.code], body: refusal.body };
}

function toOAuthRefusal(error: unknown): OAuthRefusal {
  if (error instanceof OAuthRefusal) return error;
  return error instanceof Refusal && error.code === codes.badParameter
    ? new OAuthRefusal("invalid_request", `invalid request: ${error.field ?? "body"}`)
    : new OAuthRefusal("internal_error", "Service internal error.");
}

/** Turns the decimal strings under `…_id` keys into JSON numbers with all their digits. */
export function bareIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bareIds);
  if (typeof value !== "object" || value === null || value instanceof LosslessNumber) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key.endsWith("_id") && typeof inner === "string" && /^\d+$/.test(inner)
        ? new LosslessNumber(inner)
        : bareIds(inner),
    ]),
  );
}

/** JSON text of a body; numbers too long for a double keep their digits. */
export function writeBody(body: unknown): string {
  return stringify(body) ?? "null";
}
