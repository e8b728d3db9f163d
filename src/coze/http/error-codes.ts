import { explain, say } from "../../messages/text.ts";
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
} from "../error-classes.ts";
import type { Operation, Wire } from "./operation.ts";

type ErrorClass = new (message: string, facts: CallFacts) => CozeError;

/**
 * The errors of Coze's codes, from https://docs.coze.cn/developer_guides/coze_error_codes and the operations' pages;
 * `coze/error-CODE` explains each.
 */
const errors = {
  1109: BadRequest,
  4000: BadRequest,
  4001: BadRequest,
  4002: BadRequest,
  4003: BadRequest,
  4004: BadRequest,
  4005: BadRequest,
  4006: BadRequest,
  4007: BadRequest,
  4008: QuotaExhausted,
  4009: RateLimited,
  4010: BadRequest,
  4011: QuotaExhausted,
  4012: BadRequest,
  4013: RateLimited,
  4014: ContentRejected,
  4015: BadRequest,
  4016: BadRequest,
  4019: QuotaExhausted,
  4020: RateLimited,
  4021: BadRequest,
  4022: QuotaExhausted,
  4027: QuotaExhausted,
  4028: QuotaExhausted,
  4100: Unauthenticated,
  4101: Forbidden,
  4102: ContentRejected,
  4104: BadRequest,
  4105: ContentRejected,
  4200: NotFound,
  4201: BadRequest,
  4300: UploadRejected,
  4301: UploadRejected,
  4302: UploadRejected,
  4303: UploadRejected,
  4304: UploadRejected,
  4305: BadRequest,
  4314: BadRequest,
  4315: BadRequest,
  5000: ServerError,
  6003: BadRequest,
  6006: BadRequest,
  // From coze-studio. Only 4200 says for certain that an object is gone.
  100000003: Forbidden,
  105000011: BadRequest,
  105000012: BadRequest,
  700012006: Unauthenticated,
  702042018: BadRequest,
  702042162: BadRequest,
  777074011: BadRequest,
  777074044: BadRequest,
  788788103: QuotaExhausted,
} as const;

type ListedCode = keyof typeof errors;

const isListed = (code: number): code is ListedCode => Object.hasOwn(errors, code);

/** The codes whose meaning applies to answers without a listed code, by HTTP status. */
const codesByStatus: ReadonlyMap<number, ListedCode> = new Map([
  [401, 4100],
  [403, 4101],
  [404, 4200],
  [429, 4013],
]);

/** Who may make some calls, by operation. */
const permissionHints = new Map(
  Object.entries({
    add_space_member: "coze/permission-to-add-members",
    create_knowledge_files: "coze/permission-to-change-documents",
    create_workspace: "coze/permission-to-create-workspaces",
    delete_knowdge_files: "coze/permission-to-change-documents",
    modify_knowledge_files: "coze/permission-to-change-documents",
    publish_bot: "coze/permission-to-publish",
    remove_space_member: "coze/permission-to-remove-members",
    unpublish_agent: "coze/permission-to-unpublish",
  } as const),
);

/** An answer that reports failure. */
export interface FailedAnswer {
  readonly httpStatus: number;
  readonly code?: number | undefined;
  /** Coze's own words. */
  readonly msg?: string | undefined;
  readonly logid?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The error for a failed answer: by its code, else by its HTTP status. */
export function describeFailure(operation: Operation, answer: FailedAnswer): CozeError {
  const { msg, ...facts } = answer;
  const { error: Failed, message, hint } = explainFailure(operation, answer);
  return new Failed(withDetail(message, msg), {
    ...facts,
    operation: operation.name,
    outcome: Failed === ServerError && operation.write ? "unknown" : "none",
    hint,
    said: msg,
    about: aboutOf(Failed),
  });
}

interface Explanation {
  readonly error: ErrorClass;
  readonly message: string;
  readonly hint: string;
}

function explainFailure(operation: Operation, { code = 0, httpStatus }: FailedAnswer): Explanation {
  const listed = isListed(code) ? code : codesByStatus.get(httpStatus);
  if (listed === 4101) return { error: Forbidden, ...explainForbidden(operation) };
  if (listed !== undefined) return { error: errors[listed], ...explain(`coze/error-${listed}`) };
  if (httpStatus >= 500) return { error: ServerError, ...explain("coze/server-failed") };
  // Unknown codes aren't retried: that could do harm.
  return { error: BadRequest, ...explain("coze/error-unlisted") };
}

function explainForbidden({ name, permissions = [] }: Operation): Omit<Explanation, "error"> {
  const { message, hint } = explain("coze/error-4101");
  const own = permissionHints.get(name);
  const missing = { count: permissions.length, permissions: permissions.join(", ") };
  return {
    message: permissions.length > 0 ? say("coze/permission-missing", missing) : message,
    hint: own ? say(own) : hint,
  };
}

function aboutOf(error: ErrorClass): CallFacts["about"] {
  if (error === ContentRejected) return "texts";
  return error === UploadRejected ? "files" : undefined;
}

const withDetail = (problem: string, detail = ""): string =>
  detail === "" ? problem : say("coze/problem-with-detail", { problem, detail });

const oauthDenied = { error: Forbidden, problem: "coze/oauth-denied" } as const;
const oauthFailed = { error: ServerError, problem: "coze/oauth-failed" } as const;
const oauthInvalid = { error: BadRequest, problem: "coze/oauth-invalid" } as const;

/** What the error words of the token endpoints mean, from https://docs.coze.cn/developer_guides/oauth_jwt. */
const oauthErrors = new Map(
  Object.entries({
    access_denied: oauthDenied,
    access_deny: oauthDenied,
    internal_error: oauthFailed,
    invalid_client: { error: Unauthenticated, problem: "coze/oauth-signature" },
    invalid_request: oauthInvalid,
    unsupported_grant_type: { error: BadRequest, problem: "coze/oauth-no-service-app" },
  } as const),
);

/** The failure that an answer of a token endpoint reports, with an error word where others have a code; undefined without one. */
export function readOauthFailure(
  operation: Operation,
  body: Wire,
  answer: {
    readonly httpStatus: number;
    readonly logid?: string | undefined;
    readonly retryAfterMs?: number | undefined;
  },
): CozeError | undefined {
  const word = [body.error_code, body.error].find((one) => typeof one === "string" && one !== "");
  if (word === undefined) return undefined;
  const { error: Failed, problem } = oauthErrors.get(String(word)) ?? oauthErrorOfStatus(answer.httpStatus);
  const said = [word, body.error_message ?? body.error_description].filter((one) => typeof one === "string");
  const { message, hint } = explain(problem);
  const facts = { operation: operation.name, outcome: "none", hint, ...answer } as const;
  return new Failed(withDetail(message, said.join(", ")), facts);
}

function oauthErrorOfStatus(status: number) {
  if (status === 429) return { error: RateLimited, problem: "coze/oauth-rate-limited" } as const;
  return status >= 500 ? oauthFailed : oauthInvalid;
}
