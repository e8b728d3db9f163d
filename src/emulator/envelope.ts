import { LosslessNumber, stringify } from "lossless-json";

/** The fields an operation adds to the envelope: mostly `data`, for document calls `document_infos` and others. */
export type Parts = Readonly<Record<string, unknown>>;

/** A business refusal: any handler may throw one, and the caller gets its code in an envelope. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}

/** The codes this service answers with, by what they say (overview of error codes). */
export const codes = {
  badParameter: 4000,
  invalidModel: 4012,
  unsafeContent: 4014,
  unauthenticated: 4100,
  forbidden: 4101,
  notFound: 4200,
  emptyFile: 4300,
  severalFiles: 4301,
  fileTooLarge: 4302,
  fileFormat: 4303,
  internal: 5000,
  notInEnterprise: 702042162,
  memberLimit: 702042018,
} as const;

const statusByCode = new Map<number, number>([
  [4000, 400],
  [4013, 429],
  [4100, 401],
  [4101, 403],
  [4200, 404],
  [5000, 500],
]);

/** Refuses a parameter; the message names the field. */
export function refuseParameter(field: string, problem: string): never {
  throw new Refusal(codes.badParameter, `Invalid request parameter: ${field} ${problem}`);
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

/** A successful body: envelope fields around what the operation gives. */
export function successBody(parts: Parts, logid: string): Parts {
  return { ...parts, code: 0, msg: "", detail: { logid } };
}

/** A failed body: code and message, no data. */
export function failureBody(code: number, msg: string, logid: string): Parts {
  return { code, msg, detail: { logid } };
}

/** HTTP status of a body: business failures without a transport meaning arrive as 200. */
export function statusOf(body: Parts): number {
  const { code } = body;
  return (typeof code === "number" ? statusByCode.get(code) : undefined) ?? 200;
}

/** Turns the decimal strings under `…_id` keys into bare JSON numbers with all their digits. */
export function bareIds(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(bareIds);
  }
  if (typeof value !== "object" || value === null || value instanceof LosslessNumber) {
    return value;
  }
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
