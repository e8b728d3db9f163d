import type { Field, Fields, Live, Spec } from "../core/field.ts";
import type { BotInfo } from "../coze/api/bots.ts";
import { asText } from "../coze/http/response.ts";
import { decimalId, known, numeric } from "./response-values.ts";

/** Fields of a bot's model; those without a number of their own have ranges that depend on the model. */
export const modelFields = {
  id: {
    ...decimalId,
    presence: "required",
    description: "Id of the model, from the address of its page in the workspace's model list.",
  },
  temperature: {
    type: "number",
    presence: "optional",
    readable: "sometimes",
    description: "Randomness of answers; the range depends on the model.",
  },
  top_p: {
    type: "number",
    presence: "optional",
    minimum: 0,
    maximum: 1,
    readable: "sometimes",
    description: "Share of probability that sampling keeps, 0 to 1.",
  },
  top_k: {
    type: "integer",
    presence: "optional",
    readable: "sometimes",
    description: "Number of candidates that sampling keeps.",
  },
  max_tokens: {
    type: "integer",
    presence: "optional",
    readable: "sometimes",
    description: "Longest answer, in tokens.",
  },
  context_round: {
    type: "integer",
    presence: "optional",
    readable: "sometimes",
    description: "Rounds of conversation that the model is given.",
  },
  response_format: {
    type: "enum",
    values: ["text", "markdown", "json"],
    presence: "optional",
    readable: "sometimes",
    description: "Format of answers.",
  },
  presence_penalty: {
    type: "number",
    presence: "optional",
    readable: "sometimes",
    description: "Penalty for returning to the same topics.",
  },
  frequency_penalty: {
    type: "number",
    presence: "optional",
    readable: "sometimes",
    description: "Penalty for repeating the same words.",
  },
  cache: {
    type: "enum",
    values: ["closed", "prefix"],
    plan: { level: "paid", values: ["prefix"] },
    presence: "optional",
    default: "closed",
    readable: false,
    description:
      "`prefix` caches the beginning of the prompt, which `cached_prompt` then gives; paid plans, some models.",
  },
  api_mode: {
    type: "enum",
    values: ["chat_api", "responses_api"],
    presence: "optional",
    default: "chat_api",
    readable: "sometimes",
    description: "Protocol between bot and model; only some models know `responses_api`.",
  },
  anti_leak: {
    type: "boolean",
    presence: "optional",
    default: false,
    readable: false,
    description: "Whether the bot declines to reveal its prompt.",
  },
  current_time: {
    type: "boolean",
    presence: "optional",
    default: false,
    readable: false,
    description: "Whether the prompt tells the model the current time.",
  },
  parameters: {
    type: "map",
    presence: "optional",
    readable: "sometimes",
    description:
      "Further parameters as Coze names them, such as `thinking_type` or `caching` ([reference](https://docs.coze.cn/developer_guides/create_bot)).",
  },
} as const satisfies Fields;

type ModelSpec = Spec<typeof modelFields>;
type ModelLive = Live<typeof modelFields>;

/** Our names of a model's parameters, and those on the wire. */
const parameters = [
  ["id", "model_id"],
  ["temperature", "temperature"],
  ["top_p", "top_p"],
  ["top_k", "top_k"],
  ["max_tokens", "max_tokens"],
  ["context_round", "context_round"],
  ["response_format", "response_format"],
  ["presence_penalty", "presence_penalty"],
  ["frequency_penalty", "frequency_penalty"],
  ["cache", "cache_type"],
  ["api_mode", "api_mode"],
  ["anti_leak", "sp_anti_leak"],
  ["current_time", "sp_current_time"],
  ["parameters", "parameters"],
] as const satisfies readonly (readonly [keyof ModelSpec, string])[];

/** The paths of a model's fields, by their names on the wire. */
export const modelFailureFields = Object.fromEntries(
  parameters.map(([ours, wire]) => [wire, `model.${ours}` as const]),
);

/** A model with all its parameters: Coze replaces the whole. */
export function encodeModel(model: ModelSpec): { readonly [parameter: string]: unknown } {
  return known(Object.fromEntries(parameters.map(([ours, wire]) => [wire, model[ours]])));
}

/** A model under our names, without what the response leaves out. */
export function decodeModel(info: NonNullable<BotInfo["model_info"]>): ModelLive {
  const named = parameters.map(([ours, wire]) => [ours, decodeParameter(modelFields[ours], info[wire])]);
  return known(Object.fromEntries(named) as ModelLive);
}

// Ids and numbers come as text or number; other values have the type that the reference promises.
function decodeParameter(field: Field, value: unknown): unknown {
  if (field.type === "integer" || field.type === "number") return numeric(value);
  return field.type === "string" ? asText(value) : value === "" ? undefined : value;
}
