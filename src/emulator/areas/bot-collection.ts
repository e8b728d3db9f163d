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
import type { World } from "../world/world.ts";
import type { Collection } from "./area.ts";
import { addItem, anyText, type FieldsOf, findIn, stored, takeItem } from "./area.ts";
import { joinedWorkspace } from "./workspaces.ts";

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
  model_id: required(text(1)),
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
export const botCreateRules = { space_id: required(id), name: required(text(1, 20)), ...shared } as const;

/** Body of update_bot. */
export const botUpdateRules = { bot_id: required(id), name: text(1, 20), ...shared, knowledge } as const;

/** A bot's configuration as it was sent, each sub-object whole. */
export type BotConfig = Omit<Values<typeof botUpdateRules>, "bot_id" | "name"> & { name: string };

/** One published version of a bot; chats may request any of them. */
interface BotVersion {
  version: string;
  connector_ids: string[];
  creator_id: string;
  /** The nickname; that of the token's user when left out. */
  creator_name?: string | undefined;
  changelog?: string | undefined;
  created_at: number;
  config?: BotConfig | undefined;
}

/** A user of Coze with the nickname that others see. */
interface Person {
  id: string;
  name: string;
}

/** A bot: the draft, what was last published, and the version each channel shows. */
export interface Bot {
  id: string;
  space_id: string;
  owner_user_id: string;
  folder_id?: string | undefined;
  /** 0 one agent, 1 several; only people make the latter. */
  bot_mode?: number | undefined;
  create_time: number;
  update_time: number;
  draft: BotConfig;
  published?: BotConfig | undefined;
  published_at?: number | undefined;
  /** Whether the draft was edited after the last publication. */
  edited: boolean;
  /** Who changed the draft last; its owner when left out. */
  editor?: Person | undefined;
  versions: BotVersion[];
  channels: Record<string, string>;
}

declare module "../world/world.ts" {
  interface World {
    readonly bots: Map<string, Bot>;
    addBot(given: Partial<Bot> & Pick<Bot, "space_id">): Bot;
    /** Edits a draft, as the token's user unless said otherwise: configuration, update time, "edited since publication". */
    editBot(botId: string, change: Partial<BotConfig>, by?: Person): Bot;
    /** Publishes a bot's draft, to the API channel unless said otherwise, and returns the version. */
    publishBot(
      botId: string,
      connectorIds?: readonly string[],
      release?: { readonly by?: Person; readonly changelog?: string },
    ): string;
  }
}

const { bot_id: _, ...settings } = botUpdateRules;
const config = object({ ...settings, name: required(anyText) } satisfies FieldsOf<BotConfig>);

/** A version's fields that bots and workflows have in common. */
export const versionFields = {
  version: stored.text,
  creator_id: stored.text,
  created_at: stored.number,
} as const;

const botFields = {
  id: required(id),
  space_id: stored.text,
  owner_user_id: stored.text,
  folder_id: anyText,
  bot_mode: number,
  create_time: stored.number,
  update_time: stored.number,
  draft: required(config),
  published: config,
  published_at: number,
  edited: stored.flag,
  editor: object({ id: stored.text, name: stored.text }),
  versions: required(
    list(
      object({
        ...versionFields,
        creator_name: anyText,
        changelog: anyText,
        connector_ids: required(list(anyText)),
        config,
      }),
    ),
  ),
  channels: required(map),
} as const satisfies FieldsOf<Bot>;

/** How bots are stored. */
export const botCollection: Collection<Bot> = {
  fields: botFields,
  owners: [{ by: "space_id", in: "workspaces" }],
};

/** What tests and people do to bots. */
export const botMethods = (world: World): Partial<World> => ({
  addBot: (given) =>
    addItem(world.bots, {
      id: world.newId(),
      owner_user_id: world.options.me.id,
      create_time: world.seconds(),
      update_time: world.seconds(),
      draft: { name: "bot" },
      edited: false,
      versions: [],
      channels: {},
      ...given,
    }),
  editBot: (botId, change, by = world.options.me) => {
    const bot = takeItem(world.bots, botId);
    Object.assign(bot.draft, change);
    bot.edited = true;
    bot.editor = { ...by };
    bot.update_time = world.seconds();
    return bot;
  },
  publishBot: (botId, connectorIds = ["1024"], release = {}) =>
    publishBot(world, takeItem(world.bots, botId), connectorIds, release),
});

/** Publishes a bot's draft and returns the version. Each call makes one, even without changes. */
function publishBot(
  world: World,
  bot: Bot,
  connectorIds: readonly string[],
  { by = world.options.me, changelog }: { readonly by?: Person; readonly changelog?: string },
): string {
  const version = String(Math.max(world.now(), Number(bot.versions.at(-1)?.version ?? 0) + 1));
  bot.versions.push({
    version,
    connector_ids: [...connectorIds],
    creator_id: by.id,
    creator_name: by.name,
    changelog,
    created_at: world.seconds(),
    config: structuredClone(bot.draft),
  });
  // Channels left out keep what they show: whether that would unpublish them is documented nowhere.
  for (const connector of connectorIds) {
    bot.channels[connector] = version;
  }
  bot.published = structuredClone(bot.draft);
  bot.published_at = world.seconds();
  bot.edited = false;
  return version;
}

/** A bot in a workspace of the token's user. */
export function visibleBot(world: World, id: string): Bot {
  const bot = findIn(world.bots, "bot", id);
  joinedWorkspace(world, bot.space_id);
  return bot;
}
