import {
  BadRequest,
  type CallFacts,
  type CozeError,
  Forbidden,
  RateLimited,
  ServerError,
  Unauthenticated,
} from "../errors.ts";
import type { Operation, Wire } from "../http/operation.ts";

interface Meaning {
  readonly error: new (message: string, facts: CallFacts) => CozeError;
  readonly text: string;
  readonly hint: string;
}

const denied: Meaning = {
  error: Forbidden,
  text: "the OAuth app may not sign in",
  hint: "enable and authorize the app on Coze's page of OAuth apps, which takes some seconds to count; enterprise_id is for privileged apps, and only for them",
};
const wrong: Meaning = {
  error: BadRequest,
  text: "Coze gives no token",
  hint: "check app_id, and organization_id or enterprise_id if one is given; the app must be a service app",
};
const failed: Meaning = {
  error: ServerError,
  text: "Coze failed to give a token",
  hint: "run again later; ask Coze's support with the logid if it stays",
};

/** What the words of the token endpoints mean, from https://docs.coze.cn/developer_guides/oauth_jwt. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ["invalid_request", wrong],
  [
    "invalid_client",
    {
      error: Unauthenticated,
      text: "Coze doesn't accept the OAuth app's signature",
      hint: "check that app_id, key_id (the public key's fingerprint) and the private key belong together, and to this endpoint",
    },
  ],
  ["unsupported_grant_type", { ...wrong, hint: "the app must be a service app: only those sign in by JWT" }],
  ["access_deny", denied],
  ["access_denied", denied],
  ["internal_error", failed],
]);

/** The failure that an answer of a token endpoint tells of, which has a word where others have a code. */
export function readOauthFailure(
  operation: Operation,
  body: Wire,
  answer: { readonly httpStatus: number; readonly logid?: string; readonly retryAfterMs?: number },
): CozeError | undefined {
  const word = [body.error_code, body.error].find((one) => typeof one === "string" && one !== "");
  if (word === undefined) return undefined;
  const { error, text, hint } = meanings.get(String(word)) ?? meaningOfStatus(answer.httpStatus);
  const said = [word, body.error_message ?? body.error_description].filter((one) => typeof one === "string");
  return new error(`${text}: ${said.join(", ")}`, {
    operation: operation.name,
    outcome: "none",
    hint,
    ...answer,
  });
}

function meaningOfStatus(status: number): Meaning {
  if (status === 429) return { error: RateLimited, text: "too many calls", hint: "run again later" };
  return status >= 500 ? failed : wrong;
}
