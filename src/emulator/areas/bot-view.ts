import type { Bot } from "../world/entities.ts";
import { compareIds, isSecondKind, type World } from "../world/world.ts";
import type { BotConfig } from "./bot-rules.ts";

/**
 * A bot as get_metadata_draft_published gives it. `cache_type`, `sp_anti_leak`, `sp_current_time`,
 * `knowledge.auto_call` and `knowledge.search_strategy` never come back.
 */
export function showBot(world: World, bot: Bot, config: BotConfig): object {
  return {
    bot_id: bot.id,
    name: config.name,
    description: config.description ?? "",
    icon_url: world.signUrl(`FileBizType.BIZ_BOT_ICON/${bot.id}.jpeg`),
    create_time: bot.create_time,
    update_time: bot.update_time,
    version: bot.versions.at(-1)?.version ?? "",
    prompt_info: showPrompt(config.prompt_info),
    onboarding_info: showOnboarding(config.onboarding_info, hasCapitalisedKeys(world, bot)),
    bot_mode: 0,
    plugin_info_list: showPlugins(world, bot, config),
    workflow_info_list: showWorkflows(world, config),
    knowledge: { knowledge_infos: showKnowledge(world, config) },
    model_info: showModel(config.model_info_config),
    suggest_reply_info: {
      reply_mode: config.suggest_reply_info?.reply_mode ?? "enable",
      customized_prompt: config.suggest_reply_info?.customized_prompt ?? "",
    },
    owner_user_id: bot.owner_user_id,
    ...(bot.folder_id && { folder_id: bot.folder_id }),
    variables: [],
    shortcut_commands: [],
    voice_info_list: [],
    voice_data_list: [],
    default_user_input_type: "text",
    background_image_info: { web_background_image: emptyImage, mobile_background_image: emptyImage },
  };
}

const emptyImage = {
  theme_color: "",
  gradient_position: {},
  canvas_position: {},
  origin_image_url: "",
  image_url: "",
};

// The table names prompt_mode and prefix_prompt_info, the captured example lacks them for a standard prompt.
function showPrompt(prompt: BotConfig["prompt_info"]): object {
  return prompt?.prompt_mode === "prefix"
    ? { prompt: "", prompt_mode: "prefix", prefix_prompt_info: prompt.prefix_prompt_info ?? {} }
    : { prompt: prompt?.prompt ?? "" };
}

function hasCapitalisedKeys(world: World, bot: Bot): boolean {
  const { onboardingKeys } = world.options;
  return onboardingKeys === "by-id" ? isSecondKind(bot.id) : onboardingKeys === "capitalised";
}

// The table and the captured example disagree on these keys: clients meet both.
function showOnboarding(onboarding: BotConfig["onboarding_info"], capitalised: boolean): object {
  const prologue = onboarding?.prologue ?? "";
  const questions = onboarding?.suggested_questions ?? [];
  const shown = questions.length ? questions : undefined;
  if (!capitalised) {
    return { prologue, suggested_questions: shown };
  }
  return {
    Prologue: prologue,
    SuggestedQuestions: shown,
    OnboardingMode: 2,
    CustomizedOnboardingPrompt: "",
    SuggestedQuestionsShowMode: 0,
  };
}

function showPlugins(world: World, bot: Bot, config: BotConfig): object[] {
  const { toolIds } = world.options;
  const hidden = toolIds === "by-id" ? isSecondKind(bot.id) : toolIds === "zero";
  const chosen = config.plugin_id_list?.id_list ?? [];
  const ids = [...new Set(chosen.map((item) => item.plugin_id))].sort(compareIds);
  return ids.map((pluginId) => {
    const plugin = world.plugins.get(pluginId);
    return {
      plugin_id: pluginId,
      name: plugin?.name ?? "",
      description: plugin?.description ?? "",
      icon_url: world.signUrl("plugin_icon/default_icon.png"),
      api_info_list: chosen
        .filter((item) => item.plugin_id === pluginId)
        .map(({ api_id }) => {
          const tool = plugin?.tools.find((one) => one.id === api_id);
          return {
            api_id: hidden ? "0" : api_id,
            name: tool?.name ?? "",
            description: tool?.description ?? "",
          };
        }),
    };
  });
}

function showWorkflows(world: World, config: BotConfig): object[] {
  const ids = (config.workflow_id_list?.ids ?? []).map((item) => item.id).sort(compareIds);
  return ids.map((workflowId) => ({
    id: workflowId,
    name: world.workflows.get(workflowId)?.name ?? "",
    description: world.workflows.get(workflowId)?.description ?? "",
    icon_url: world.signUrl("plugin_icon/workflow.png"),
  }));
}

function showKnowledge(world: World, config: BotConfig): object[] {
  const ids = [...(config.knowledge?.dataset_ids ?? [])].sort(compareIds);
  return ids.map((datasetId) => ({ id: datasetId, name: world.datasets.get(datasetId)?.name ?? "" }));
}

// Values that were never configured are not returned; three never are.
function showModel(model: BotConfig["model_info_config"]): object {
  if (!model) {
    return { model_id: "1706077826", model_name: "doubao" };
  }
  const { sp_anti_leak: _leak, sp_current_time: _time, cache_type: _cache, ...shown } = model;
  return { ...shown, model_name: `model-${model.model_id}` };
}
