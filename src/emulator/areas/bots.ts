import { codes, Refusal, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { checkPageSize, publishedRules, slicePage } from "../http/paging.ts";
import { flag, id, integer, required } from "../http/params.ts";
import { isPersonal } from "../world/plans.ts";
import { isVariant } from "../world/variants.ts";
import { compareIds, sortForList, type World } from "../world/world.ts";
import type { Area } from "./area.ts";
import {
  type Bot,
  type BotConfig,
  botCollection,
  botCreateRules,
  botMethods,
  botUpdateRules,
  visibleBot,
} from "./bot-collection.ts";
import { iconFile } from "./files.ts";
import { publicationOperations } from "./publication.ts";
import { showVariables } from "./variables.ts";
import { joinedWorkspace, ownerOf, type SeenWorkspace } from "./workspaces.ts";

/** create_bot, update_bot, the reads of one bot and of a list, and their predecessors, which clients still call. */
const botOperations = [
  operation({
    name: "create_bot",
    method: "POST",
    path: "/v1/bot/create",
    permissions: ["createBot"],
    body: botCreateRules,
    answer: ({ world, body }) => {
      const { space_id, ...config } = body;
      joinedWorkspace(world, space_id);
      const keepIcon = checkConfig(world, config);
      keepIcon();
      return { data: { bot_id: world.addBot({ space_id, draft: config }).id } };
    },
  }),
  operation({
    name: "update_bot",
    method: "POST",
    path: "/v1/bot/update",
    permissions: ["edit"],
    body: botUpdateRules,
    answer: ({ world, body }) => {
      const { bot_id, ...change } = body;
      const bot = visibleBot(world, bot_id);
      const keepIcon = checkConfig(world, change, bot.space_id);
      keepIcon();
      // Partial at the top only: a sub-object that is sent replaces the old one as a whole.
      world.editBot(bot.id, change);
      return {};
    },
  }),
  operation({
    name: "get_metadata_draft_published",
    method: "GET",
    path: "/v1/bots/:bot_id",
    permissions: ["getMetadata"],
    query: { is_published: flag },
    answer: ({ world, path, query }) => {
      const bot = visibleBot(world, path.bot_id);
      if (query.is_published === false) return { data: showBot(world, bot, bot.draft) };
      return bot.published && isPublished(bot)
        ? { data: showBot(world, bot, bot.published) }
        : refuseMissing("published bot", bot.id);
    },
  }),
  operation({
    name: "get_metadata",
    method: "GET",
    path: "/v1/bot/get_online_info",
    permissions: ["getMetadata"],
    query: { bot_id: required(id) },
    answer: ({ world, query }) => {
      const bot = visibleBot(world, query.bot_id);
      return bot.published && "1024" in bot.channels
        ? { data: showOnline(world, bot, bot.published) }
        : refuseMissing("bot of the API channel", bot.id);
    },
  }),
  operation({
    name: "published_bots_list",
    method: "GET",
    path: "/v1/space/published_bots_list",
    lists: { of: "bots" },
    permissions: ["getPublishedBot"],
    query: { space_id: required(id), page_index: integer(1), page_size: integer(1) },
    answer: ({ world, query }) => {
      const workspace = joinedWorkspace(world, query.space_id);
      const found = botsOf(world, workspace)
        .filter((bot) => "1024" in bot.channels)
        .sort((a, b) => (b.published_at ?? 0) - (a.published_at ?? 0) || compareIds(a.id, b.id));
      const { items, total } = slicePage(found, { ...query, page_num: query.page_index }, 20);
      const space_bots = items.map((bot) => ({
        bot_id: bot.id,
        bot_name: (bot.published ?? bot.draft).name,
        description: (bot.published ?? bot.draft).description ?? "",
        icon_url: world.signUrl(`FileBizType.BIZ_BOT_ICON/${bot.id}.jpeg`),
        publish_time: String(bot.published_at),
      }));
      return { data: { space_bots, total } };
    },
  }),
  operation({
    name: "bots_list_draft_published",
    method: "GET",
    path: "/v1/bots",
    lists: { of: "bots" },
    permissions: ["listBot"],
    query: publishedRules,
    answer: ({ world, query }) => {
      const workspace = joinedWorkspace(world, query.workspace_id);
      checkPageSize(world, query);
      const { publish_status: status = "published_online", connector_id: connector = "1024" } = query;
      const found = sortForList(world, botsOf(world, workspace)).filter((bot) =>
        hasStatus(bot, status, connector),
      );
      const { items } = slicePage(found, query, 20);
      return {
        data: {
          items: items.map((bot) => showInList(world, bot, status === "published_online")),
          // "The number of bots returned": of this page, not of the workspace.
          total: items.length,
        },
      };
    },
  }),
];

/** Bots, their versions and channels. */
export const botArea: Area = {
  operations: [...botOperations, ...publicationOperations],
  collections: { bots: botCollection },
  methods: botMethods,
};

type PublishStatus = "all" | "published_online" | "published_draft" | "unpublished_draft";

/** Whether any channel shows the bot. */
function isPublished(bot: Bot): boolean {
  return Object.keys(bot.channels).length > 0;
}

function hasStatus(bot: Bot, status: PublishStatus, connector: string): boolean {
  switch (status) {
    case "all":
      return true;
    case "published_online":
      return connector in bot.channels;
    case "published_draft":
      return connector in bot.channels && bot.edited;
    case "unpublished_draft":
      return bot.versions.length === 0;
  }
}

// On the personal plan the list only knows workspaces one owns (bots_list_draft_published).
function botsOf(world: World, workspace: SeenWorkspace): Bot[] {
  const { me } = world.options;
  const hidden = isPersonal(world) && ownerOf(workspace) !== me.id;
  return hidden ? [] : [...world.bots.values()].filter((bot) => bot.space_id === workspace.id);
}

function showInList(world: World, bot: Bot, online: boolean): object {
  const config = (online && bot.published) || bot.draft;
  return {
    id: bot.id,
    name: config.name,
    description: config.description ?? "",
    icon_url: world.signUrl(`FileBizType.BIZ_BOT_ICON/${bot.id}.jpeg`),
    is_published: isPublished(bot),
    updated_at: bot.update_time,
    owner_user_id: bot.owner_user_id,
    folder_id: bot.folder_id,
    published_at: isPublished(bot) ? bot.published_at : undefined,
  };
}

/** Checks the references of a configuration; returns the function that keeps its icon from expiring. */
function checkConfig(world: World, config: Partial<BotConfig>, spaceId?: string): () => void {
  const { prompt_info: prompt, model_info_config: model } = config;
  const cached = prompt?.prompt_mode === "prefix" || model?.cache_type === "prefix";
  if (cached && prompt?.prompt) {
    refuseParameter("prompt_info.prompt", "cannot be set with the prefix cache: use prefix_prompt_info");
  }
  if (model && isVariant(world, "digit-models") && !/^\d+$/u.test(model.model_id)) {
    refuseParameter("model_info_config.model_id", "must be an id: a string of digits");
  }
  const { models } = world.options;
  if (model && models !== "any" && !models.includes(model.model_id)) {
    throw new Refusal(codes.invalidModel, `The model ${model.model_id} is not available`);
  }
  for (const { plugin_id, api_id } of config.plugin_id_list?.id_list ?? []) {
    const plugin = world.plugins.get(plugin_id) ?? refuseReference("plugin_id_list", "plugin", plugin_id);
    if (!plugin.tools.some((tool) => tool.id === api_id)) {
      refuseReference("plugin_id_list", `tool of plugin ${plugin_id}`, api_id);
    }
  }
  for (const workflow of config.workflow_id_list?.ids ?? []) {
    if (!world.workflows.has(workflow.id)) refuseReference("workflow_id_list", "workflow", workflow.id);
  }
  for (const datasetId of config.knowledge?.dataset_ids ?? []) {
    const dataset = world.datasets.get(datasetId);
    const isOutside = isVariant(world, "own-datasets") && dataset?.space_id !== spaceId;
    if (dataset?.dataset_type !== "coze" || isOutside) {
      refuseReference("knowledge.dataset_ids", "Coze knowledge base of this workspace", datasetId);
    }
  }
  return iconFile(world, config.icon_file_id, "icon_file_id");
}

function refuseReference(field: string, what: string, missing: string): never {
  return refuseParameter(field, `names ${missing}, which is no ${what}`);
}

/**
 * A bot as get_metadata_draft_published returns it. `cache_type`, `sp_anti_leak`, `sp_current_time`,
 * `knowledge.auto_call` and `knowledge.search_strategy` are never returned.
 */
function showBot(world: World, bot: Bot, config: BotConfig): object {
  return {
    bot_id: bot.id,
    name: config.name,
    description: config.description ?? "",
    icon_url: world.signUrl(`FileBizType.BIZ_BOT_ICON/${bot.id}.jpeg`),
    create_time: bot.create_time,
    update_time: bot.update_time,
    version: isVariant(world, "blank-versions") ? "" : (bot.versions.at(-1)?.version ?? ""),
    prompt_info: showPrompt(config.prompt_info),
    onboarding_info: showOnboarding(config.onboarding_info, hasCapitalisedKeys(world, bot)),
    bot_mode: bot.bot_mode ?? 0,
    plugin_info_list: showPlugins(world, bot, config),
    workflow_info_list: showWorkflows(world, config),
    knowledge: { knowledge_infos: showKnowledge(world, config) },
    model_info: showModel(world, config.model_info_config),
    suggest_reply_info: {
      reply_mode: config.suggest_reply_info?.reply_mode ?? "enable",
      customized_prompt: config.suggest_reply_info?.customized_prompt ?? "",
    },
    owner_user_id: bot.owner_user_id,
    folder_id: bot.folder_id,
    variables: showVariables(world, bot.id),
    shortcut_commands: [],
    voice_info_list: [],
    voice_data_list: [],
    default_user_input_type: "text",
    background_image_info: { web_background_image: emptyImage, mobile_background_image: emptyImage },
  };
}

/** A bot as get_metadata returns it: with fewer fields, and always with the keys of its table. */
function showOnline(world: World, bot: Bot, config: BotConfig): object {
  return {
    ...showBot(world, bot, config),
    onboarding_info: showOnboarding(config.onboarding_info, false),
    suggest_reply_info: undefined,
    voice_data_list: undefined,
    background_image_info: undefined,
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
  return onboardingKeys === "by-id" ? isInSecondHalf(bot.id) : onboardingKeys === "capitalised";
}

// The table and the captured example disagree on these keys; both occur.
function showOnboarding(onboarding: BotConfig["onboarding_info"], capitalised: boolean): object {
  const prologue = onboarding?.prologue ?? "";
  const questions = onboarding?.suggested_questions ?? [];
  const shown = questions.length ? questions : undefined;
  if (!capitalised) return { prologue, suggested_questions: shown };
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
  const hidden = toolIds === "by-id" ? isInSecondHalf(bot.id) : toolIds === "zero";
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
function showModel(world: World, model: BotConfig["model_info_config"]): object {
  if (!model) return { model_id: "1706077826", model_name: "doubao" };
  const { sp_anti_leak: _leak, sp_current_time: _time, cache_type: _cache, ...shown } = model;
  const sampling = isVariant(world, "fixed-sampling") ? { temperature: undefined, top_p: undefined } : {};
  return { ...shown, ...sampling, model_name: `model-${model.model_id}` };
}

/** Whether an id belongs to the second half of those that "by-id" options distinguish. */
function isInSecondHalf(id: string): boolean {
  return (BigInt(id) >> 1n) % 2n === 1n;
}
