import { codes, failure, oauthFailure, Refusal } from "../http/envelope.ts";
import { gatewayPage } from "./fault-answers.ts";
import type { FaultRule } from "./fault-rules.ts";
import type { FaultServices, Met } from "./faults.ts";

/** A connection that ends without an answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** When a fault strikes that isn't about the contents of an answer. */
export function momentOf(rule: FaultRule): "before" | "after" | undefined {
  if (rule.fault === "refuse" || rule.fault === "storm") return "before";
  return rule.fault === "server-error" ||
    rule.fault === "gateway" ||
    rule.fault === "delay" ||
    rule.fault === "drop" ||
    rule.fault === "expire-tokens"
    ? (rule.moment ?? "before")
    : undefined;
}

interface FaultContext extends Pick<FaultServices, "tokens" | "world"> {
  readonly met: Met;
  readonly wait: (ms: number) => Promise<void>;
}

/** Lets a fault happen: gives the answer that takes the place of the real one, if any, or cuts the connection. */
export async function act(
  rule: FaultRule,
  moment: "before" | "after",
  { met, wait, tokens, world }: FaultContext,
): Promise<Response | undefined> {
  switch (rule.fault) {
    case "refuse":
      return refuse({ msg: "The request is refused", ...rule }, met);
    case "storm":
      return refuse({ code: 4013, status: 429, msg: "Too many requests", ...rule }, met);
    case "server-error":
      return refuse({ code: codes.internal, status: 500, msg: "Internal server error", ...rule }, met);
    case "gateway":
      return gateway(rule.status ?? 502, world.now());
    case "delay":
      return wait(rule.ms).then(() => undefined);
    case "drop":
      throw new NoAnswer("the connection is cut", "ECONNRESET");
    case "expire-tokens": {
      tokens.expireAll();
      if (met.bearer !== undefined) tokens.revoke(met.bearer);
      return moment === "before" ? refuseToken(tokens, met) : undefined;
    }
    default:
      return undefined;
  }
}

interface Refused {
  readonly code: number;
  readonly status?: number;
  readonly msg: string;
  readonly retry_after?: number;
}

function refuse({ code, status, msg, retry_after }: Refused, { logid, operation, respond }: Met): Response {
  const refusal = new Refusal(code, msg, status === undefined ? {} : { status });
  const outcome = failure(refusal, logid);
  const headers: Record<string, string> =
    retry_after === undefined ? {} : { "retry-after": String(retry_after) };
  // The token endpoints have words for codes; the HTTP status stays what the rule says.
  const { body } = operation.oauth ? oauthFailure(refusal) : outcome;
  return respond({ ...outcome, body }, headers);
}

function refuseToken(tokens: FaultServices["tokens"], met: Met): Response | undefined {
  try {
    tokens.admit(met.bearer);
    return undefined;
  } catch (refusal) {
    return met.respond(failure(refusal, met.logid), {});
  }
}

function gateway(status: number, now: number): Response {
  return new Response(gatewayPage(status), {
    status,
    headers: { "content-type": "text/html", date: new Date(now).toUTCString() },
  });
}
