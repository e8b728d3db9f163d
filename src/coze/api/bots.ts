import { creating, reading, type Send, type Shown, setting, type Wire } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { asText, dataOf, idIn, isWire, listIn } from "../http/response.ts";

/** A bot in the list (https://docs.coze.cn/developer_guides/bots_list_draft_published). */
export interface BotItem
  extends Shown<{
    name: string;
    description: string;
    is_published: boolean;
    updated_at: number | string;
    folder_id: string;
    owner_user_id: string;
  }> {
  readonly id: string;
}

/** Persona and reply logic. */
interface PromptInfo {
  readonly prompt?: string | undefined;
  /** `prefix`: the prompt is in `prefix_prompt_info`, in a cached part and one that isn't cached. */
  readonly prompt_mode?: string | undefined;
  readonly prefix_prompt_info?: {
    readonly prefix_prompt?: string | undefined;
    readonly dynamic_prompt?: string | undefined;
  };
}

/** The model and its parameters, by their names on the wire. */
type ModelInfo = { readonly model_id?: string | undefined } & { readonly [parameter: string]: unknown };

/** What creating and updating have in common (https://docs.coze.cn/developer_guides/create_bot). */
export interface BotConfig {
  readonly name?: string;
  readonly description?: string | undefined;
  readonly icon_file_id?: string | undefined;
  readonly prompt_info?: PromptInfo | undefined;
  readonly onboarding_info?: {
    readonly prologue?: string | undefined;
    readonly suggested_questions?: readonly string[] | undefined;
  };
  readonly plugin_id_list?: {
    readonly id_list: readonly { readonly plugin_id: string; readonly api_id: string }[];
  };
  readonly workflow_id_list?: { readonly ids: readonly { readonly id: string }[] } | undefined;
  readonly model_info_config?: ModelInfo | undefined;
  readonly suggest_reply_info?: {
    readonly reply_mode?: string | undefined;
    readonly customized_prompt?: string | undefined;
  };
}

/** Only updates accept knowledge, and replace it as a whole (https://docs.coze.cn/developer_guides/update_bot). */
export interface BotUpdate extends BotConfig {
  readonly knowledge?: {
    readonly dataset_ids: readonly string[];
    readonly auto_call?: boolean | undefined;
    /** 0 semantic, 1 hybrid, 20 full text. */
    readonly search_strategy?: number | undefined;
  };
}

interface Plugin {
  plugin_id: string | number;
  name: string;
  /** The id of a tool is "0" where Coze hides it. */
  api_info_list: readonly Shown<{ api_id: string | number; name: string }>[];
}

/**
 * A bot's draft (https://docs.coze.cn/developer_guides/get_metadata_draft_published). The reference's table and
 * its example disagree on the names inside `onboarding_info`; both occur.
 */
export type BotInfo = Shown<{
  name: string;
  description: string;
  version: string | number;
  /** Unix seconds. */
  update_time: number | string;
  /** 0 one agent, 1 several. */
  bot_mode: number;
  prompt_info: Shown<
    PromptInfo & { prefix_prompt_info: Shown<{ prefix_prompt: string; dynamic_prompt: string }> }
  >;
  onboarding_info: Shown<{
    prologue: string;
    Prologue: string;
    suggested_questions: readonly string[];
    SuggestedQuestions: readonly string[];
  }>;
  plugin_info_list: readonly Shown<Plugin>[];
  workflow_info_list: readonly Shown<{ id: string | number; name: string }>[];
  knowledge: Shown<{ knowledge_infos: readonly Shown<{ id: string | number; name: string }>[] }>;
  model_info: Shown<ModelInfo>;
  suggest_reply_info: Shown<{ reply_mode: string; customized_prompt: string }>;
}>;

/** Which bots of a workspace to list. */
export interface BotQuery {
  readonly workspace_id: string;
  /** The API's own default, `published_online`, hides drafts. */
  readonly publish_status: "all" | "published_online" | "published_draft" | "unpublished_draft";
  /** For the two published ones: the channel; 1024 (API) when left out. */
  readonly connector_id?: string | undefined;
}

/** One version of a bot (https://docs.coze.cn/developer_guides/list_bot_versions). */
export type BotVersion = Shown<{
  creator: Shown<{ id: string | number; name: string }>;
  version: string | number;
  changelog: string;
  /** Unix seconds. */
  created_at: number | string;
}>;

type BotVersionStatus = "published_online" | "unpublished_draft";

/** https://docs.coze.cn/developer_guides/publish_bot */
export interface Publication {
  readonly bot_id: string;
  readonly connector_ids: readonly string[];
  /** By channel: parameters whose values are JSON texts. */
  readonly connectors?: { readonly [connectorId: string]: { readonly [key: string]: string } } | undefined;
}

const list = reading("bots_list_draft_published", "GET", "/v1/bots", { permissions: ["listBot"] });
const get = reading("get_metadata_draft_published", "GET", "/v1/bots/:bot_id", {
  permissions: ["getMetadata"],
});
const versions = reading("list_bot_versions", "GET", "/v1/bots/:bot_id/versions", {
  permissions: ["Bot.listVersion"],
});
const create = creating("create_bot", "POST", "/v1/bot/create", { permissions: ["createBot"] });
const update = setting("update_bot", "POST", "/v1/bot/update", { permissions: ["edit"] });
// Each call makes a version.
const publish = creating("publish_bot", "POST", "/v1/bot/publish", { permissions: ["publish"] });
const unpublish = setting("unpublish_agent", "POST", "/v1/bots/:bot_id/unpublish", {
  permissions: ["disconnectBot", "Connector.disconnectBot"],
});
/** The reference gives no maximum for the page size, and its `total` may be that of the page. */
export const botsPerPage = 20;
const listing: PageListing = { size: botsPerPage, items: "items", id: "id" };

/** The most that list_bot_versions gives at once, and a bound for lists that don't end. */
const [versionsPerPage, mostVersionPages] = [30, 20];

const timeOf = (version: BotVersion | undefined): number => Number(version?.created_at ?? 0);

/** Versions of a bot, page by page; `isEnough` says of the first page that no other is needed. */
async function readVersions(
  send: Send,
  id: string,
  status: BotVersionStatus,
  isEnough: (first: readonly BotVersion[]) => boolean,
): Promise<readonly BotVersion[]> {
  const found: BotVersion[] = [];
  for (let page = 1; page <= mostVersionPages; page += 1) {
    const query = { publish_status: status, page_num: page, page_size: versionsPerPage };
    const answer = await send(versions, { path: { bot_id: id }, query });
    const data = dataOf<Wire>(answer);
    const items = listIn(answer, data, "items") as readonly BotVersion[];
    // A service that passes over the page's number would give the first one for ever.
    const isRepeated = page > 1 && JSON.stringify(items[0]) === JSON.stringify(found[0]);
    if (isRepeated) break;
    found.push(...items);
    if (data.has_more !== true || items.length === 0 || (page === 1 && isEnough(items))) break;
  }
  return found;
}

const newestFirst = (found: readonly BotVersion[]): readonly BotVersion[] =>
  [...found].sort((one, other) => timeOf(other) - timeOf(one));

/** Bots. */
export function createBotCalls(send: Send) {
  return {
    list: (query: BotQuery) =>
      readPages<BotItem>(listing, ({ page, size }) =>
        send(list, { query: { ...query, page_num: page, page_size: size } }),
      ),
    /** The draft, or the published version. */
    get: async (id: string, isPublished: boolean): Promise<BotInfo> =>
      dataOf(await send(get, { path: { bot_id: id }, query: { is_published: isPublished } })),
    /** The newest version that was published, or of the draft; undefined when there is none. */
    async newestVersion(id: string, status: BotVersionStatus): Promise<BotVersion | undefined> {
      // The order isn't documented. A page that begins with its newest shows that the whole list does.
      const isOrdered = (items: readonly BotVersion[]) => timeOf(items[0]) >= timeOf(items.at(-1));
      return newestFirst(await readVersions(send, id, status, isOrdered))[0];
    },
    /** All versions that were published, the newest first. */
    versions: async (id: string): Promise<readonly BotVersion[]> =>
      newestFirst(await readVersions(send, id, "published_online", () => false)),
    /** Returns the new bot's id. */
    create: async (body: BotConfig & { readonly space_id: string; readonly name: string }): Promise<string> =>
      idIn(await send(create, { body }), "bot_id"),
    /** Keeps fields that are left out; replaces the others as a whole. */
    async update(id: string, body: BotUpdate): Promise<void> {
      await send(update, { body: { bot_id: id, ...body } });
    },
    /** Returns the new version; undefined if the answer has none. */
    async publish(body: Publication): Promise<string | undefined> {
      const { data } = (await send(publish, { body })).body;
      return isWire(data) ? asText(data.version) : undefined;
    },
    /** Takes a bot off one channel (https://docs.coze.cn/developer_guides/unpublish_agent). */
    async unpublish(id: string, connectorId: string): Promise<void> {
      await send(unpublish, { path: { bot_id: id }, body: { connector_id: connectorId } });
    },
  };
}
