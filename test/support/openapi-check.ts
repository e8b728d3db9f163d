import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { RecordedRequest } from "../../src/emulator/index.ts";

/** Compares recorded exchanges with the published OpenAPI document. */
export interface OpenApiCheck {
  /** What is wrong with one exchange, as lines; empty when all is well. */
  exchange(recorded: RecordedRequest): string[];
}

interface Tolerated {
  readonly operation: string;
  /** "request" or "response", then the place, with * for any list index; what lies below is covered too. */
  readonly at: string;
  readonly why: string;
}

/** Where the document is known to be wrong or silent: each line was met, and has its reason. */
const tolerated: readonly Tolerated[] = [
  ...[
    "/suggest_reply_info",
    "/voice_data_list",
    "/background_image_info/web_background_image/origin_image_url",
    "/background_image_info/mobile_background_image/origin_image_url",
    "/onboarding_info/Prologue",
    "/onboarding_info/SuggestedQuestions",
    "/onboarding_info/OnboardingMode",
    "/onboarding_info/CustomizedOnboardingPrompt",
    "/onboarding_info/SuggestedQuestionsShowMode",
  ].map((field) => ({
    operation: "get_metadata_draft_published",
    at: `response/data${field}`,
    why: "missing from the table, present in the captured answer",
  })),
  {
    operation: "list_dataset",
    at: "response/data/dataset_list/*/all_file_size",
    why: "Long in the table, a string in the captured answer",
  },
  {
    operation: "list_dataset",
    at: "response/data/dataset_list/*/project_id",
    why: "missing from the table, present in the captured answer",
  },
  {
    operation: "list_dataset",
    at: "response/data/dataset_list/*/dataset_type",
    why: "missing from the table, named in the interface definitions of the server",
  },
  {
    operation: "create_knowledge_files",
    at: "response/document_infos/*/source_type",
    why: "null in the captured answer",
  },
  {
    operation: "create_knowledge_files",
    at: "response/document_infos/*/update_type",
    why: "null in the captured answer",
  },
  {
    operation: "list_space_member",
    at: "response/data/items/*/avatar_url",
    why: "missing from the table, present in the captured answer",
  },
  {
    operation: "get_workflow_info",
    at: "response/data/workflow_detail/created_at",
    why: "String in the table, a number in the captured answer",
  },
  {
    operation: "get_workflow_info",
    at: "response/data/workflow_detail/updated_at",
    why: "String in the table, a number in the captured answer",
  },
  { operation: "get_plugin", at: "response", why: 'the table writes "data.tools" as if it were a name' },
  { operation: "batch_get_plugins_info", at: "response", why: "the same, and the list is left out" },
  { operation: "chat_v3", at: "request", why: "the document lacks all parameters of this page" },
  {
    operation: "workflow_run",
    at: "request/parameters",
    why: "String in the table, an object in the examples and in the official clients",
  },
  ...["creator_id", "connector_id"].map((field) => ({
    operation: "list_conversations",
    at: `response/data/conversations/*/${field}`,
    why: "missing from the table, present in the captured answer",
  })),
  ...["clone_voices", "create_voiceprint", "update_voiceprint"].map((operation) => ({
    operation,
    at: "request",
    why: "the body is a form, which the document calls JSON",
  })),
  ...["request/client_id", "request/device_code", "request/refresh_token", "response/refresh_token"].map(
    (at) => ({ operation: "oauth_jwt", at, why: "the address is that of other ways of signing in as well" }),
  ),
  { operation: "upload_files", at: "request", why: "the body is a form, which the document calls JSON" },
];

interface Schema {
  readonly [key: string]: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Schema }> }>;
}

interface Route {
  readonly path: string;
  readonly pattern: RegExp;
}

interface OpenApiDocument {
  readonly paths: Record<string, Record<string, Described>>;
}

/** Loads the document; undefined where it is not at hand, as it is no part of the project. */
export function loadOpenApiCheck(
  file = process.env.COZE_OPENAPI ?? resolve("../shared/coze-api/openapi.json"),
): OpenApiCheck | undefined {
  if (!existsSync(file)) return undefined;
  const document: OpenApiDocument = forbidUnknownFields(JSON.parse(readFileSync(file, "utf8")));
  // Optimized code takes longer to make than is ever saved here.
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, code: { optimize: false } });
  ajv.addSchema(document, "coze");
  const routes = listRoutes(document);
  return {
    exchange: (recorded) => {
      const found = findDescribed(document, routes, recorded);
      if (!found) return [`${recorded.method} ${recorded.path} is not in the document`];
      const problems = [
        ...checkQuery(found.described, recorded),
        ...(wasRead(recorded) ? checkPart(ajv, found, "request", recorded.body) : []),
        ...checkResponse(ajv, found, recorded),
      ];
      return problems
        .filter((problem) => !isTolerated(found.described.operationId, problem))
        .map((problem) => `${found.described.operationId} ${problem}`);
    },
  };
}

let loaded: { readonly check: OpenApiCheck | undefined } | undefined;

/** Throws with the list of problems, if there are any; "skipped" where the document is not at hand. */
export function expectExchangesMatchOpenApi(requests: readonly RecordedRequest[]): "checked" | "skipped" {
  // Its validators are compiled at their first use, which takes far longer than any check.
  loaded ??= { check: loadOpenApiCheck() };
  const { check } = loaded;
  if (!check) return "skipped";
  const problems = new Set(requests.flatMap((recorded) => check.exchange(recorded)));
  if (problems.size) {
    throw new Error(`Exchanges differ from the OpenAPI document:\n  ${[...problems].join("\n  ")}`);
  }
  return "checked";
}

// The document forbids nothing; a misspelt field would pass it. Objects with a field list are closed here.
function forbidUnknownFields<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(forbidUnknownFields) as T;
  const closed = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, forbidUnknownFields(inner)]),
  );
  const open = "properties" in closed && closed.type === "object" && !("additionalProperties" in closed);
  return (open ? { ...closed, additionalProperties: false } : closed) as T;
}

interface Found {
  readonly described: Described;
  readonly pointer: string;
}

/** Pages whose tables the document has only at another page of the same content. */
const sameAs: Readonly<Record<string, string>> = {
  "/api/permission/oauth2/account/{account_id}/token": "/api/permission/oauth2/token",
  "/api/permission/oauth2/workspace_id/{workspace_id}/device/code": "/api/permission/oauth2/device/code",
  "/api/permission/oauth2/enterprise_id/{enterprise_id}/token": "/api/permission/oauth2/token",
};

const withoutEnvelope = /^oauth_/u;

/** Those with fewer parameters first. */
const listRoutes = ({ paths }: OpenApiDocument): readonly Route[] =>
  [...new Set([...Object.keys(paths), ...Object.keys(sameAs)])]
    .sort((a, b) => a.split("{").length - b.split("{").length)
    .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`) }));

function findDescribed(
  document: OpenApiDocument,
  routes: readonly Route[],
  recorded: RecordedRequest,
): Found | undefined {
  const [pathname = ""] = recorded.path.split("?", 1);
  const method = recorded.method.toLowerCase();
  for (const { path: candidate } of routes.filter(({ pattern }) => pattern.test(pathname))) {
    const path = sameAs[candidate] ?? candidate;
    const described = document.paths[path]?.[method];
    if (described) return { described, pointer: `coze#/paths/${escapePointer(path)}/${method}` };
  }
  return undefined;
}

function escapePointer(name: string): string {
  return encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** Whether the emulator got as far as the body: at the door it only looks at tokens. */
const wasRead = ({ body, token }: RecordedRequest): boolean => body !== undefined || token !== undefined;

function checkQuery(described: Described, recorded: RecordedRequest): string[] {
  const query = new URL(recorded.path, "http://localhost").searchParams;
  const known = (described.parameters ?? []).filter((parameter) => parameter.in === "query");
  const unknown = [...query.keys()].filter((name) => !known.some((parameter) => parameter.name === name));
  return [
    ...unknown.map((name) => `request query ${name} is not documented`),
    ...known.flatMap((parameter) => {
      const value = query.get(parameter.name);
      if (value === null) return parameter.required ? [`request query ${parameter.name} is missing`] : [];
      const pattern = { integer: /^-?\d*$/, boolean: /^(true|false|)$/ }[parameter.schema.type ?? ""];
      return pattern && !pattern.test(value) ? [`request query ${parameter.name} has the wrong type`] : [];
    }),
  ];
}

function checkPart(ajv: Ajv, found: Found, part: "request" | "response", value: unknown): string[] {
  const place =
    part === "request"
      ? "requestBody/content/application~1json/schema"
      : "responses/200/content/application~1json/schema";
  const owner = part === "request" ? found.described.requestBody : found.described.responses["200"];
  if (!owner?.content?.["application/json"]) return [];
  const validate: ValidateFunction | undefined = ajv.getSchema(`${found.pointer}/${place}`);
  if (!validate) throw new Error(`No schema at ${found.pointer}/${place}`);
  validate(value);
  return (validate.errors ?? []).map((error) => describeError(part, error));
}

function checkResponse(ajv: Ajv, found: Found, recorded: RecordedRequest): string[] {
  const { response } = recorded;
  // What faults make of an answer isn't in the document.
  if (recorded.status === 0 || recorded.faults.length > 0) return [];
  if (withoutEnvelope.test(found.described.operationId)) {
    return recorded.status === 200
      ? checkPart(ajv, found, "response", response)
      : checkOAuthFailure(response);
  }
  if (typeof response !== "object" || response === null || !("code" in response) || !("msg" in response)) {
    return ["response has no envelope"];
  }
  // Failures have no schema of their own, and `detail` is left out of some tables.
  const { detail: _detail, ...documented } = { detail: undefined, ...response };
  return response.code === 0 ? checkPart(ajv, found, "response", documented) : [];
}

function checkOAuthFailure(response: unknown): string[] {
  const keys = Object.keys(Object(response)).sort();
  if (keys.join() === "error,error_description") return [];
  // What stands before the endpoints, such as a limit, answers as it does everywhere.
  const known = keys.join() === "error_code,error_message" || (keys.includes("code") && keys.includes("msg"));
  return known ? [] : [`response is no OAuth failure: ${keys.join()}`];
}

function describeError(part: string, error: ErrorObject): string {
  const extra: unknown = error.params.additionalProperty;
  const path = `${part}${error.instancePath}${typeof extra === "string" ? `/${extra}` : ""}`;
  return `${path.replace(/\/\d+(?=\/|$)/g, "/*")} ${error.message ?? "is wrong"}`;
}

function isTolerated(operation: string, problem: string): boolean {
  const [place = ""] = problem.split(" ", 1);
  return tolerated.some(
    (one) => one.operation === operation && (place === one.at || place.startsWith(`${one.at}/`)),
  );
}
