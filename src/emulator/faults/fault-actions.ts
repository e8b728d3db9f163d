import { LosslessNumber } from "lossless-json";
import {
  type BodyParts,
  codes,
  failure,
  oauthFailure,
  Refusal,
  type RouteResult,
  writeBody,
} from "../http/envelope.ts";
import type { Operation } from "../http/operation.ts";
import type { TokenRegistry } from "../http/tokens.ts";
import type { World } from "../world/world.ts";
import type { FaultRule } from "./fault-rules.ts";

/** A connection that ends without an answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** A call that may be given faults. */
export interface FaultedCall {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly bearer: string | undefined;
  readonly logid: string;
  /** Makes the response of an outcome, with further headers. */
  readonly respond: (outcome: RouteResult, headers: Record<string, string>) => Response;
}

/** The tokens as faults end them. */
export type FaultedTokens = Pick<TokenRegistry, "expireAll" | "revoke" | "admit">;

/** When a fault happens that replaces or delays an answer; undefined for faults that alter one. */
export function timingOf(rule: FaultRule): "before" | "after" | undefined {
  if (rule.fault === "refuse" || rule.fault === "storm") return "before";
  return rule.fault === "server-error" ||
    rule.fault === "gateway" ||
    rule.fault === "delay" ||
    rule.fault === "drop" ||
    rule.fault === "expire-tokens"
    ? (rule.moment ?? "before")
    : undefined;
}

interface FaultContext {
  readonly world: World;
  readonly tokens: FaultedTokens;
  readonly call: FaultedCall;
  readonly wait: (ms: number) => Promise<void>;
}

/** Injects a fault: returns the answer that replaces the real one, if any. Throws {@link NoAnswer} to cut the connection. */
export async function injectFault(
  rule: FaultRule,
  timing: "before" | "after",
  { call, wait, tokens, world }: FaultContext,
): Promise<Response | undefined> {
  switch (rule.fault) {
    case "refuse":
      return refuse({ msg: "The request is refused", ...rule }, call);
    case "storm":
      return refuse({ code: 4013, status: 429, msg: "Too many requests", ...rule }, call);
    case "server-error":
      return refuse({ code: codes.internal, status: 500, msg: "Internal server error", ...rule }, call);
    case "gateway":
      return gateway(rule.status ?? 502, world.now());
    case "delay":
      return wait(rule.ms).then(() => undefined);
    case "drop":
      throw new NoAnswer("the connection is cut", "ECONNRESET");
    case "expire-tokens": {
      tokens.expireAll();
      if (call.bearer !== undefined) tokens.revoke(call.bearer);
      return timing === "before" ? refuseToken(tokens, call) : undefined;
    }
    default:
      return undefined;
  }
}

interface InjectedRefusal {
  readonly code: number;
  readonly status?: number | undefined;
  readonly msg: string;
  readonly retry_after?: number | undefined;
}

function refuse(
  { code, status, msg, retry_after }: InjectedRefusal,
  { logid, operation, respond }: FaultedCall,
): Response {
  const refusal = new Refusal(code, msg, { status });
  const outcome = failure(refusal, logid);
  const headers: Record<string, string> =
    retry_after === undefined ? {} : { "retry-after": String(retry_after) };
  // The token endpoints have words for codes; the HTTP status stays what the rule says.
  const { body } = operation.oauth ? oauthFailure(refusal) : outcome;
  return respond({ ...outcome, body }, headers);
}

function refuseToken(tokens: FaultedTokens, call: FaultedCall): Response | undefined {
  try {
    tokens.admit(call.bearer);
    return undefined;
  } catch (refusal) {
    return call.respond(failure(refusal, call.logid), {});
  }
}

function gateway(status: number, now: number): Response {
  return new Response(gatewayPage(status), {
    status,
    headers: { "content-type": "text/html", date: new Date(now).toUTCString() },
  });
}

function gatewayPage(status: number): string {
  const title = `${status} ${{ 502: "Bad Gateway", 503: "Service Temporarily Unavailable" }[status] ?? "Gateway Time-out"}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}

/** How a fault alters the body of a success; undefined for faults that leave it alone. */
export function alterationBy(rule: FaultRule): ((body: BodyParts) => BodyParts) | undefined {
  switch (rule.fault) {
    case "page-total":
      return pageTotal;
    case "number-ids":
      return numberIds;
    case "text-times":
      return textTimes;
    case "leave-out":
      return (body) => leaveOut(body, rule.part);
    default:
      return undefined;
  }
}

/** Turns every id into a JSON number with all its digits: under `id`, `…_id`, `…_uid`, and lists of them. */
function numberIds(body: BodyParts): BodyParts {
  return mapFields(body, (key, value) =>
    /(^|_)u?ids?$/u.test(key) && typeof value === "string" && /^\d+$/u.test(value)
      ? new LosslessNumber(value)
      : value,
  );
}

/** Turns every time into a text: under `…_time` and `…_at`. */
function textTimes(body: BodyParts): BodyParts {
  return mapFields(body, (key, value) =>
    /_(time|at)$/u.test(key) && typeof value === "number" ? String(value) : value,
  );
}

/** Makes the total of a list count its page only; leaves other bodies as they are. */
function pageTotal(body: BodyParts): BodyParts {
  const { data } = body;
  if (isParts(data)) return { ...body, data: countPage(data) };
  return countPage(body);
}

/** Removes one part of the envelope. */
function leaveOut(body: BodyParts, part: string): BodyParts {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== part));
}

/** The first half of a text in UTF-8; cut inside a character of several bytes if `insideCharacter` and there is one. */
export function truncate(text: string, insideCharacter: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(text);
  const middle = Math.floor(bytes.length / 2);
  // In UTF-8 the bytes inside a character, and only they, begin with the bits 10.
  const isInside = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;
  const behind = bytes.findIndex((byte, index) => index >= middle && isInside(byte));
  const cut = behind < 0 ? bytes.findLastIndex(isInside) : behind;
  return new Uint8Array(bytes.subarray(0, insideCharacter && cut > 0 ? cut : middle));
}

/** Whether two bodies are the same on the wire. */
export function isSameBody(one: BodyParts, other: BodyParts): boolean {
  return writeBody(one) === writeBody(other);
}

function countPage(container: BodyParts): BodyParts {
  const items = Object.values(container).find(Array.isArray);
  const counted = ["total", "total_count"].filter((name) => name in container);
  return { ...container, ...Object.fromEntries(counted.map((name) => [name, items?.length ?? 0])) };
}

/** Changes values by their keys; the items of a list have the list's key. */
function mapFields(body: BodyParts, change: (key: string, value: unknown) => unknown): BodyParts {
  const mapValue = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => mapValue(key, item));
    return isParts(value) ? mapFields(value, change) : change(key, value);
  };
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, mapValue(key, value)]));
}

function isParts(value: unknown): value is BodyParts {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber)
  );
}
