import { codes, Refusal, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { publishedRules, slicePage } from "../http/paging.ts";
import { flag } from "../http/params.ts";
import type { Bot, Workspace } from "../world/entities.ts";
import { sortById, type World } from "../world/world.ts";
import { type BotConfig, createRules, updateRules } from "./bot-rules.ts";
import { showBot } from "./bot-view.ts";
import { iconFile, joinedWorkspace, ownerOf, visibleBot } from "./visibility.ts";

/** create_bot, update_bot, get_metadata_draft_published, bots_list_draft_published. */
export const botOperations = [
  operation({
    name: "create_bot",
    method: "POST",
    path: "/v1/bot/create",
    permissions: ["createBot"],
    body: createRules,
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
    body: updateRules,
    answer: ({ world, body }) => {
      const { bot_id, ...change } = body;
      const bot = visibleBot(world, bot_id);
      const keepIcon = checkConfig(world, change, bot.space_id);
      keepIcon();
      // Partial at the top only: a sub-object that is sent takes the place of the whole old one.
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
      if (query.is_published === false) {
        return { data: showBot(world, bot, bot.draft) };
      }
      return bot.published && isPublished(bot)
        ? { data: showBot(world, bot, bot.published) }
        : refuseMissing("published bot", bot.id);
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
      const { publish_status: status = "published_online", connector_id: connector = "1024" } = query;
      const found = sortById(botsOf(world, workspace)).filter((bot) => hasStatus(bot, status, connector));
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
function botsOf(world: World, workspace: Workspace): Bot[] {
  const { plan, me } = world.options;
  const hidden = plan === "personal" && ownerOf(workspace) !== me.id;
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
    ...(bot.folder_id && { folder_id: bot.folder_id }),
    ...(isPublished(bot) && { published_at: bot.published_at }),
  };
}

/** Checks what a configuration refers to; gives the function that keeps its icon. */
function checkConfig(world: World, config: Partial<BotConfig>, spaceId?: string): () => void {
  const { prompt_info: prompt, model_info_config: model } = config;
  const cached = prompt?.prompt_mode === "prefix" || model?.cache_type === "prefix";
  if (cached && prompt?.prompt) {
    refuseParameter("prompt_info.prompt", "cannot be set with the prefix cache: use prefix_prompt_info");
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
    if (!world.workflows.has(workflow.id)) {
      refuseReference("workflow_id_list", "workflow", workflow.id);
    }
  }
  for (const datasetId of config.knowledge?.dataset_ids ?? []) {
    const dataset = world.datasets.get(datasetId);
    if (dataset?.space_id !== spaceId || dataset?.dataset_type !== "coze") {
      refuseReference("knowledge.dataset_ids", "Coze knowledge base of this workspace", datasetId);
    }
  }
  return iconFile(world, config.icon_file_id, "icon_file_id");
}

function refuseReference(field: string, what: string, missing: string): never {
  return refuseParameter(field, `names ${missing}, which is no ${what}`);
}
