import { parse } from "lossless-json";
import { excerpt } from "../../core/excerpt.ts";
import { explain, say } from "../../messages/text.ts";
import { BadAnswer, BadRequest, type CozeError, readLogid } from "../error-classes.ts";
import { describeFailure, type FailedAnswer, readOauthFailure } from "./error-codes.ts";
import type { ApiResponse, Operation, Wire } from "./operation.ts";
import { describeLocation } from "./proxy.ts";
import type { Received, ResponseHeaders } from "./request.ts";
import { asText, isWire } from "./response.ts";

/** A read HTTP answer: success or failure. */
export interface ReadResponse {
  readonly result: ApiResponse | CozeError;
  readonly code?: number | undefined;
  readonly logid?: string | undefined;
}

/**
 * Reads the envelope. Success is HTTP 2xx with code 0 or no code: failures often arrive as HTTP 200 with another code.
 * `baseUrl`: the endpoint, for hints about it.
 */
export function readResponse(operation: Operation, received: Received, baseUrl: string): ReadResponse {
  if (received.text === undefined) return { result: tooLarge(operation, received) };
  const text = received.text;
  const isOk = received.status >= 200 && received.status < 300;
  const type = isOk && text.trim() !== "" ? otherContentType(received.headers) : undefined;
  // A body of another content type isn't parsed, even if it looks like JSON.
  const body = type === undefined ? parseBody(text) : undefined;
  const logid = logidOf(body, received.headers);
  const code = codeOf(body);
  const notCoze = (): ReadResponse => ({
    result: badAnswer(operation, { status: received.status, text, type }, { logid, baseUrl }),
    logid,
  });
  const location = received.headers.get("location");
  if (location && received.status >= 300 && received.status < 400) {
    return {
      result: redirected(operation, { status: received.status, location }, { logid, baseUrl }),
      logid,
    };
  }
  if (body === undefined ? received.status < 500 && received.status !== 429 : isOk && code === "in-words") {
    return notCoze();
  }
  const number = code === "in-words" ? undefined : code;
  const facts = { httpStatus: received.status, logid, retryAfterMs: retryAfterOf(received.headers) };
  const refusal = operation.bare && body && readOauthFailure(operation, body, facts);
  if (refusal) return { result: refusal, logid };
  if (body && received.status === 404 && isOfGateway(body, number)) return notCoze();
  if (body && isOk && (number ?? 0) === 0) return { result: { operation, body, logid }, code: number, logid };
  const msg = typeof body?.msg === "string" ? body.msg : undefined;
  const failure = { ...facts, code: number, msg };
  const result = readUnknownAddress(operation, failure, baseUrl) ?? describeFailure(operation, failure);
  return { result, code: number, logid };
}

function parseBody(text: string): Wire | undefined {
  try {
    // The lossless parser takes forty times the memory of the text, and only long numbers need it.
    const body: unknown = /[:[,\s]-?\d{16}/u.test(text)
      ? parse(text, undefined, readNumber)
      : JSON.parse(text);
    return isWire(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function readNumber(text: string): number | string {
  const number = Number(text);
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : number;
}

// Only gateways have codes in words: with HTTP 200 such a code is no success of Coze's.
function codeOf(body: Wire | undefined): number | "in-words" | undefined {
  const code = body?.code ?? "";
  if (code === "") return undefined;
  return Number.isNaN(Number(code)) ? "in-words" : Number(code);
}

// A gateway without such a path answers the same; that must not be taken as an object that is gone.
const isOfGateway = ({ msg }: Wire, code = 0): boolean => typeof msg !== "string" && code < 1000;

function logidOf(body: Wire | undefined, headers: ResponseHeaders): string | undefined {
  const { detail, error } = body ?? {};
  const inBody = (isWire(detail) && detail.logid) || (isWire(error) && error.logid);
  return readLogid(asText(inBody)) ?? readLogid(headers.get("x-tt-logid") ?? undefined);
}

function retryAfterOf(headers: ResponseHeaders): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const ms = Date.parse(text) - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** The content type, if there is one and it isn't JSON. */
function otherContentType(headers: ResponseHeaders): string | undefined {
  const [type = ""] = (headers.get("content-type") ?? "").split(";", 1);
  const isJson = /^(?:(?:application|text)\/json|[^\s/]+\/[^\s/]+\+json)$/i.test(type.trim());
  return type.trim() === "" || isJson ? undefined : excerpt(type.trim(), 80);
}

function tooLarge(operation: Operation, { status, headers }: Received): BadAnswer {
  const { message, hint } = explain("coze/answer-too-large", { status });
  return new BadAnswer(message, {
    operation: operation.name,
    outcome: operation.write ? "unknown" : "none",
    httpStatus: status,
    logid: logidOf(undefined, headers),
    hint,
    final: true,
  });
}

function badAnswer(
  operation: Operation,
  received: { readonly status: number; readonly text: string; readonly type: string | undefined },
  { logid, baseUrl }: { readonly logid: string | undefined; readonly baseUrl: string },
): BadAnswer {
  const { status, text, type } = received;
  const refused = status >= 300;
  return new BadAnswer(describeBody(status, text.trimStart(), type), {
    operation: operation.name,
    outcome: operation.write && !refused ? "unknown" : "none",
    httpStatus: status,
    logid,
    hint: (status === 404 ? hintAtPath(baseUrl) : undefined) ?? nextMove(status, refused),
  });
}

/** The error for a redirect, which isn't followed: it would take the token along. */
function redirected(
  operation: Operation,
  { status, location }: { readonly status: number; readonly location: string },
  { logid, baseUrl }: { readonly logid: string | undefined; readonly baseUrl: string },
): BadAnswer {
  const to = describeLocation(location, baseUrl);
  const [here, there] = [
    new URL(baseUrl),
    URL.canParse(location, baseUrl) ? new URL(location, baseUrl) : undefined,
  ];
  const moves = there?.hostname === here.hostname && there.origin !== here.origin;
  return new BadAnswer(say("coze/redirected", { status, location: to }), {
    operation: operation.name,
    outcome: "none",
    httpStatus: status,
    logid,
    hint: moves ? say("coze/redirected-here", { origin: there.origin }) : say("coze/redirected-elsewhere"),
  });
}

function nextMove(status: number, refused: boolean): string {
  if (status === 407) return say("coze/proxy-login");
  return say(refused ? "coze/check-endpoint" : "coze/check-proxy");
}

function describeBody(status: number, text: string, type: string | undefined): string {
  if (text === "") return say("coze/body-empty", { status });
  if (type !== undefined) return say("coze/body-of-type", { status, type });
  if (text.startsWith("<")) return say("coze/body-is-page", { status });
  return say(/^[{[]/u.test(text) ? "coze/body-is-other-json" : "coze/body-is-text", { status });
}

/** The names of fields of answers that hold secrets. */
const secretNames = {
  bare: new Set(["access_token", "refresh_token"]),
  enveloped: new Set(["verify_token"]),
};

/** The form of a token: other values under such names, words or addresses, would be redacted from all output. */
const tokenForm = /^(?=.*\d)(?=.*[A-Za-z])[\w.~+/=-]{16,}$/u;

/** Every secret in an answer of an operation, at any depth; iterative, as answers may be nested deeper than the stack. */
export function secretsIn({ bare }: Pick<Operation, "bare">, body: unknown): readonly string[] {
  const names = secretNames[bare ? "bare" : "enveloped"];
  const secrets: string[] = [];
  const left: unknown[] = [body];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== "object" || part === null) continue;
    for (const [name, value] of Object.entries(part)) {
      if (names.has(name) && typeof value === "string" && tokenForm.test(value)) secrets.push(value);
      left.push(value);
    }
  }
  return secrets;
}

/** A hint at a path in the endpoint `baseUrl`; undefined without one. */
function hintAtPath(baseUrl: string): string | undefined {
  const { origin, pathname } = new URL(baseUrl);
  return pathname === "/" ? undefined : say("coze/path-in-endpoint", { path: pathname, origin });
}

/** Coze's message for addresses that its API doesn't have, as quoted in https://github.com/MartialBE/one-hub/issues/818. */
const unknownAddress = /^The requested API endpoint \S+ \S+ does not exist/u;

/** The error for an address that Coze's API doesn't have; undefined for other messages. It says nothing about any object. */
function readUnknownAddress(operation: Operation, { msg, ...facts }: FailedAnswer, baseUrl: string) {
  if (msg === undefined || !unknownAddress.test(msg)) return undefined;
  const hint = hintAtPath(baseUrl) ?? say("coze/not-api-address");
  const message = say("coze/unknown-address", { detail: msg });
  return new BadRequest(message, { ...facts, operation: operation.name, outcome: "none", said: msg, hint });
}
