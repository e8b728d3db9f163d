import type { Json } from "../core/value.ts";
import type { BotInfo, BotUpdate, Publication } from "../coze/api/bots.ts";
import { asId } from "../coze/http/response.ts";
import type { BotLive, BotSpec } from "./bot-fields.ts";
import { decodeModel, encodeModel, modelFailureFields } from "./bot-model.ts";
import { known, objectsIn } from "./response-values.ts";

const searchStrategies = { semantic: 0, hybrid: 1, fulltext: 20 } as const;

/** Which field an error is about, by its code or by the parameter that it names. */
export const botFailureFields = {
  ...modelFailureFields,
  4012: "model.id",
  4015: "publish.connectors",
  4105: ["name", "description", "prompt", "cached_prompt", "onboarding"],
  space_id: "workspace",
  icon_file_id: "icon",
  prompt_info: "prompt",
  prefix_prompt: "cached_prompt.prefix",
  dynamic_prompt: "cached_prompt.dynamic",
  onboarding_info: "onboarding",
  model_info_config: "model",
  plugin_id_list: "plugins",
  plugin_id: "plugins",
  api_id: "plugins",
  workflow_id_list: "workflows",
  dataset_ids: "knowledge.datasets",
  suggest_reply_info: "suggested_replies",
  reply_mode: "suggested_replies.mode",
  customized_prompt: "suggested_replies.prompt",
  connector_ids: "publish.connectors",
  connector_id: "publish.connectors",
  connectors: "publish.connectors",
} as const;

type Names = ReadonlySet<string>;
type Encoder = (spec: BotSpec, names: Names) => BotUpdate | Promise<BotUpdate>;

// Every part is sent whole: Coze replaces each part that it is given, and keeps only parts that are left out at the
// top level.
const encoders: { readonly [N in keyof BotSpec]?: Encoder } = {
  name: ({ name }) => ({ name }),
  description: ({ description = "" }) => ({ description }),
  icon: async ({ icon }) => (icon ? { icon_file_id: await icon.upload() } : {}),
  prompt: encodePrompt,
  cached_prompt: encodePrompt,
  onboarding: ({ onboarding }) => ({
    onboarding_info: known({
      prologue: onboarding?.prologue,
      suggested_questions: onboarding?.suggested_questions,
    }),
  }),
  model: ({ model }) => (model ? { model_info_config: encodeModel(model) } : {}),
  plugins: ({ plugins = [] }) => ({
    plugin_id_list: { id_list: plugins.map(({ plugin, tool }) => ({ plugin_id: plugin, api_id: tool })) },
  }),
  workflows: ({ workflows = [] }) => ({ workflow_id_list: { ids: workflows.map((id) => ({ id })) } }),
  knowledge: ({ knowledge }) => ({
    knowledge: {
      dataset_ids: knowledge?.datasets ?? [],
      auto_call: knowledge?.auto_call,
      search_strategy: knowledge?.search_strategy && searchStrategies[knowledge.search_strategy],
    },
  }),
  suggested_replies: ({ suggested_replies: replies }) =>
    replies ? { suggest_reply_info: { reply_mode: replies.mode, customized_prompt: replies.prompt } } : {},
};

/** The named fields of a bot as the API takes them. */
export async function encodeBot(spec: BotSpec, names: Names): Promise<BotUpdate> {
  const encoded = Object.entries(encoders).filter(([name]) => names.has(name));
  const parts = await Promise.all(encoded.map(([, encode]) => encode(spec, names)));
  return Object.assign({}, ...parts) as BotUpdate;
}

// One object on the wire holds both kinds of prompt, and only one is in effect.
function encodePrompt({ prompt = "", cached_prompt: cached }: BotSpec, names: Names): BotUpdate {
  const hasCached = Boolean(cached?.prefix || cached?.dynamic);
  if (hasCached && (names.has("cached_prompt") || prompt === "")) {
    const prefix_prompt_info = { prefix_prompt: cached?.prefix ?? "", dynamic_prompt: cached?.dynamic ?? "" };
    return { prompt_info: { prompt_mode: "prefix", prefix_prompt_info } };
  }
  return { prompt_info: { prompt_mode: "standard", prompt } };
}

/** A bot's draft under our names, without what the response leaves out. */
export function decodeBot(info: BotInfo): BotLive {
  const plugins = objectsIn(info.plugin_info_list).flatMap(({ plugin_id, api_info_list }) =>
    objectsIn(api_info_list).map(({ api_id }) => known({ plugin: asId(plugin_id), tool: toolId(api_id) })),
  );
  return known({
    name: info.name,
    description: info.description,
    ...decodePrompt(info),
    onboarding: decodeOnboarding(info),
    model: info.model_info ? decodeModel(info.model_info) : undefined,
    plugins,
    workflows: idsOf(info.workflow_info_list),
    knowledge: { datasets: idsOf(info.knowledge?.knowledge_infos) },
    suggested_replies: decodeReplies(info),
    version: typeof info.version === "number" ? String(info.version) : info.version,
  });
}

function decodePrompt({ prompt_info: info }: BotInfo): Pick<BotLive, "prompt" | "cached_prompt"> {
  if (!info) return {};
  const { prompt, prompt_mode, prefix_prompt_info: parts } = info;
  if (prompt_mode !== "prefix") return { prompt: prompt ?? "" };
  if (!parts) return { prompt: "" };
  return {
    prompt: "",
    cached_prompt: { prefix: parts.prefix_prompt ?? "", dynamic: parts.dynamic_prompt ?? "" },
  };
}

// Questions are left out while they are switched off, which doesn't mean that there are none.
function decodeOnboarding({ onboarding_info: info }: BotInfo): BotLive["onboarding"] {
  if (!info) return undefined;
  return known({
    prologue: info.prologue ?? info.Prologue ?? "",
    suggested_questions: [info.suggested_questions, info.SuggestedQuestions].find(Array.isArray),
  });
}

function decodeReplies({ suggest_reply_info: info }: BotInfo): BotLive["suggested_replies"] {
  if (!info?.reply_mode) return undefined;
  // Other values are shown as differences, though no manifest can want them.
  const mode = info.reply_mode as "enable" | "disable" | "customized";
  return known({ mode, prompt: info.customized_prompt });
}

const toolId = (id: unknown): string | undefined => (id === "0" ? undefined : asId(id));

const idsOf = (list: readonly { readonly id?: unknown }[] | null | undefined): readonly string[] =>
  objectsIn(list).flatMap(({ id }) => asId(id) ?? []);

/** The names of what a bot uses, by id. */
export function namesIn(info: BotInfo): ReadonlyMap<string, string> {
  const plugins = objectsIn(info.plugin_info_list);
  const named = [
    ...plugins.map(({ plugin_id, name }) => [plugin_id, name]),
    ...plugins.flatMap((one) =>
      objectsIn(one.api_info_list).map(({ api_id, name }) => [toolId(api_id), name]),
    ),
    ...objectsIn(info.workflow_info_list).map(({ id, name }) => [id, name]),
    ...objectsIn(info.knowledge?.knowledge_infos).map(({ id, name }) => [id, name]),
  ];
  return new Map(
    named.flatMap(([id, name]) => {
      const key = asId(id);
      return key === undefined || typeof name !== "string" || name === "" ? [] : [[key, name] as const];
    }),
  );
}

type Connectors = NonNullable<NonNullable<BotSpec["publish"]>["connectors"]>;

/** A publication; the values of a channel's parameters travel as JSON texts. */
export function encodePublication(botId: string, connectors: Connectors): Publication {
  const configs = connectors.flatMap(({ id, config }) =>
    config ? [[id, encodeConfig(config)] as const] : [],
  );
  return {
    bot_id: botId,
    connector_ids: connectors.map(({ id }) => id),
    ...(configs.length > 0 ? { connectors: Object.fromEntries(configs) } : {}),
  };
}

function encodeConfig(config: { readonly [key: string]: Json }): { readonly [key: string]: string } {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]));
}
