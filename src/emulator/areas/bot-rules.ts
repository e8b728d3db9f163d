import {
  choice,
  flag,
  id,
  integer,
  list,
  map,
  number,
  object,
  required,
  text,
  type Values,
} from "../http/params.ts";

const prompt = object({
  prompt: text(0, 20_000),
  prompt_mode: choice("standard", "prefix"),
  prefix_prompt_info: object({ prefix_prompt: text(), dynamic_prompt: text() }),
});

const onboarding = object({ prologue: text(0, 300), suggested_questions: list(text(0, 50)) });

const plugins = object({ id_list: list(object({ plugin_id: required(id), api_id: required(id) })) });

const workflows = object({ ids: list(object({ id: required(id) })) });

const knowledge = object({
  dataset_ids: list(id, 0, 150),
  auto_call: flag,
  search_strategy: choice(0, 1, 20),
});

const model = object({
  model_id: required(id),
  top_k: integer(),
  top_p: number,
  max_tokens: integer(),
  temperature: number,
  sp_anti_leak: flag,
  context_round: integer(),
  response_format: choice("text", "markdown", "json"),
  sp_current_time: flag,
  presence_penalty: number,
  frequency_penalty: number,
  cache_type: choice("closed", "prefix"),
  api_mode: choice("chat_api", "responses_api"),
  parameters: map,
});

const suggestReply = object({
  reply_mode: choice("enable", "disable", "customized"),
  customized_prompt: text(),
});

const shared = {
  description: text(0, 500),
  icon_file_id: id,
  prompt_info: prompt,
  onboarding_info: onboarding,
  plugin_id_list: plugins,
  workflow_id_list: workflows,
  model_info_config: model,
  suggest_reply_info: suggestReply,
} as const;

/** Body of create_bot. `knowledge` is not in its table: sent there, it is ignored like any unknown field. */
export const createRules = { space_id: required(id), name: required(text(1, 20)), ...shared } as const;

/** Body of update_bot. */
export const updateRules = { bot_id: required(id), name: text(1, 20), ...shared, knowledge } as const;

/** A bot's configuration as it was sent, each sub-object whole. */
export type BotConfig = Omit<Values<typeof updateRules>, "bot_id" | "name"> & { name: string };
