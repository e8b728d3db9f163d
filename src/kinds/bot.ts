import { ExplainedError } from "../core/explained-error.ts";
import { isObject, type Json, type Values } from "../core/value.ts";
import { type BotInfo, type BotVersion, botsPerPage } from "../coze/api/bots.ts";
import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { asId } from "../coze/http/response.ts";
import { defineKind, type Edit, type ListingScope } from "../kind/kind.ts";
import type { Change, FieldProblem, FollowUpCall } from "../kind/schema.ts";
import { explain, type PlainKey, say } from "../messages/text.ts";
import { botFailureFields, decodeBot, encodeBot, encodePublication, namesIn } from "./bot-encoding.ts";
import { type BotLive, type BotSpec, botFields, channels } from "./bot-fields.ts";
import { findVisible, unlessGone } from "./call-errors.ts";
import { askBot, followChat } from "./reply-probes.ts";
import { holder, known, numeric } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/create_bot */
export const bot = defineKind<CozeClient, OperationName>()({
  name: "Bot",
  description: "An agent: prompt, model, tools and knowledge, and the channels it is published to.",
  parent: "workspace",
  body: "prompt",
  identity: ["workspace", "name"],
  removal: "abandon",
  operations: {
    list: "bots_list_draft_published",
    read: "get_metadata_draft_published",
    create: "create_bot",
    update: "update_bot",
  },
  fields: botFields,

  listing: {
    revisions: true,
    scope: channelsIn,
    widest: [{ publish: { connectors: Object.values(channels).map((id) => ({ id })) } }],
    calls: countPages,
  },

  async *list(api, parent, { specs, everything }) {
    const workspace = holder(parent);
    const published = await readChannels(api, workspace, specs);
    for await (const page of api.bots.list({ workspace_id: workspace, publish_status: "all" })) {
      yield page.map(({ id, name, updated_at, folder_id, owner_user_id, is_published }) => ({
        id,
        parent: workspace,
        revision: numeric(updated_at),
        folder: asId(folder_id),
        owner: asId(owner_user_id),
        remark:
          everything && is_published && channelsOf(id, published).length === 0
            ? say("kinds/published-elsewhere")
            : undefined,
        live: known({
          workspace,
          name,
          // A bot that was renamed in Coze is still published.
          publish: published.size > 0 ? { connectors: channelsOf(id, published) } : undefined,
        }),
      }));
    }
  },

  async read(api, { id }) {
    const info = await readInfo(api, id, false);
    if (!info) return undefined;
    const revision = numeric(info.update_time);
    return { live: decodeBot(info), names: namesIn(info), ...known({ revision }) };
  },

  findIds: (api, ids) => findVisible(ids, (id) => api.bots.get(id, false)),

  release: {
    version: "version",
    // For a bot that is on no channel, Coze reports that it doesn't exist.
    async read(api, { id }) {
      const info = await readInfo(api, id, true);
      return info && decodeBot(info);
    },
    async listEdited(api, parent, { specs }) {
      const edited = new Set<string>();
      // The API channel is where bots are published that no manifest publishes.
      for (const connector_id of new Set([channels.api, ...channelsNamed(specs)])) {
        const query = {
          workspace_id: holder(parent),
          publish_status: "published_draft",
          connector_id,
        } as const;
        for await (const page of api.bots.list(query)) for (const { id } of page) edited.add(id);
      }
      return edited;
    },
    async versions(api, { id }) {
      const found = (await unlessGone(api.bots.versions(id))) ?? [];
      return found.map(editOf);
    },
    async editor(api, { id }, of) {
      const status = of === "draft" ? "unpublished_draft" : "published_online";
      const found = await unlessGone(api.bots.newestVersion(id, status));
      return found && editOf(found);
    },
  },

  async create(api, spec) {
    const { workspace, name, knowledge: _later, ...rest } = spec;
    const config = await encodeBot(spec, new Set(Object.keys(known(rest))));
    return { id: await api.bots.create({ space_id: workspace, name, ...config }) };
  },

  async update(api, { id }, { spec, changed }) {
    await api.bots.update(id, await encodeBot(spec, changed));
  },

  followUps: [
    {
      name: "publish",
      operation: "publish_bot",
      fields: ["publish"],
      calls: publishCalls,
      run: async (api, { id }, { publish }) => ({
        version: await api.bots.publish(encodePublication(id, publish?.connectors ?? [])),
      }),
    },
    {
      name: "unpublish",
      operation: "unpublish_agent",
      fields: ["publish"],
      calls: unpublishCalls,
      run: (api, { id }, _spec, { argument }) => api.bots.unpublish(id, String(argument)),
    },
  ],

  replyProbe: {
    asks: () => "say",
    begin: (api, { id }, _spec, { say = "" }) => askBot(api, id, say),
    follow: followChat,
  },

  check: checkBot,
  failureFields: botFailureFields,
});

/** https://docs.coze.cn/developer_guides/list_bot_versions */
const editOf = ({ creator, version, changelog, created_at }: BotVersion): Edit => ({
  name: creator?.name || undefined,
  user: creator?.id ? String(creator.id) : undefined,
  at: numeric(created_at),
  changelog: changelog || undefined,
  version: version ? String(version) : undefined,
});

/** The published configuration of a bot, or its draft; undefined when there is none. */
async function readInfo(api: CozeClient, id: string, published: boolean): Promise<BotInfo | undefined> {
  const info = await unlessGone(api.bots.get(id, published));
  if (numeric(info?.bot_mode) === 1) {
    throw new ExplainedError(explain("kinds/multi-agent", { id }));
  }
  return info;
}

/** Pages of all these bots, and of those of each channel; only a page that isn't full is known to be the last. */
function countPages(specs: ListingScope<BotSpec>["specs"]): number {
  const lists = [...channelsNamed(specs)].map((id) => specs.filter((spec) => channelsNamed([spec]).has(id)));
  return [specs, ...lists].reduce((pages, { length }) => pages + Math.floor(length / botsPerPage) + 1, 0);
}

function channelsIn({ publish }: Partial<BotSpec>): readonly string[] {
  return publish?.connectors?.map(({ id }) => id) ?? [];
}

const channelsNamed = (specs: ListingScope<BotSpec>["specs"]): ReadonlySet<string> =>
  new Set(specs.flatMap(channelsIn));

/** By channel, the bots of a workspace that are published there; only channels that some spec names. */
async function readChannels(
  api: CozeClient,
  workspace: string,
  specs: ListingScope<BotSpec>["specs"],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const published = new Map<string, ReadonlySet<string>>();
  for (const id of channelsNamed(specs)) {
    const bots = new Set<string>();
    const query = { workspace_id: workspace, publish_status: "published_online", connector_id: id } as const;
    for await (const page of api.bots.list(query)) for (const one of page) bots.add(one.id);
    published.set(id, bots);
  }
  return published;
}

function channelsOf(botId: string, published: ReadonlyMap<string, ReadonlySet<string>>) {
  return [...published].flatMap(([id, bots]) => (bots.has(botId) ? [{ id }] : []));
}

type BotChange = Change<BotSpec, BotLive>;

const wantedChannels = ({ spec }: BotChange): readonly string[] =>
  (spec.publish?.connectors ?? []).map(({ id }) => id);

/** Undefined if the bot exists and its channels weren't read. */
function liveChannels({ live }: BotChange): readonly string[] | undefined {
  if (live && !live.publish) return undefined;
  return (live?.publish?.connectors ?? []).flatMap(({ id }) => id ?? []);
}

/** One call for all channels. Each makes a version, so none is made if every channel already shows this spec. */
function publishCalls(change: BotChange, done: boolean): readonly FollowUpCall[] {
  const wanted = wantedChannels(change);
  const live = liveChannels(change) ?? wanted;
  const draftChanged = !done || [...change.changed].some((name) => name !== "publish");
  const isNew = wanted.some((id) => !live.includes(id));
  // If every channel is there, only a channel's config or an extra channel can differ.
  const tooMany = live.some((id) => !wanted.includes(id));
  const hasConfig = change.spec.publish?.connectors?.some(({ config }) => config !== undefined) ?? false;
  const configChanged = change.changed.has("publish") && (!tooMany || hasConfig);
  if (wanted.length === 0 || !(draftChanged || isNew || configChanged)) return [];
  const names = wanted.map(channelName).join(", ");
  return [{ argument: wanted, effect: say("kinds/publishes", { channels: names }) }];
}

// It isn't documented whether a publication takes down the channels that it leaves out, so each is unpublished.
function unpublishCalls(change: BotChange): readonly FollowUpCall[] {
  const wanted = wantedChannels(change);
  if (change.spec.publish === undefined) return [];
  return (liveChannels(change) ?? [])
    .filter((id) => !wanted.includes(id))
    .map((id) => ({ argument: id, effect: say("kinds/unpublishes", { channel: channelName(id) }) }));
}

const channelName = (id: string): string =>
  Object.entries(channels).find(([, channel]) => channel === id)?.[0] ?? say("kinds/channel", { id });

/** Coze's channels that only its own pages can publish to (https://docs.coze.cn/developer_guides/unpublish_agent). */
const closedChannels: ReadonlyMap<string, PlainKey> = new Map([
  ["10000011", "kinds/channel-feishu"],
  ["10000113", "kinds/channel-wechat-customer-service"],
  ["10000117", "kinds/channel-juejin"],
  ["10000120", "kinds/channel-wechat-service-account"],
  ["10000121", "kinds/channel-wechat-subscription-account"],
  ["10000122", "kinds/channel-store"],
  ["10000126", "kinds/channel-douyin-mini-program"],
  ["10000127", "kinds/channel-wechat-mini-program"],
  ["10000128", "kinds/channel-feishu-base"],
]);

/** Rules between the fields of a bot. */
function checkBot(spec: Values): readonly FieldProblem[] {
  return [...checkCache(spec), ...checkThinking(spec), ...checkReplies(spec), ...checkChannels(spec)];
}

const objectOf = (value: Json | undefined): Values => (isObject(value) ? value : {});
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

function checkCache(spec: Values): readonly FieldProblem[] {
  const model = objectOf(spec.model);
  const inParameters = objectOf(objectOf(model.parameters).caching).type === "enabled";
  if ((model.cache !== "prefix" && !inParameters) || spec.cached_prompt !== undefined) return [];
  const path = inParameters ? ["model", "parameters", "caching"] : ["model", "cache"];
  return [{ path, ...explain("kinds/prefix-cache") }];
}

function checkThinking(spec: Values): readonly FieldProblem[] {
  if (objectOf(objectOf(spec.model).parameters).thinking_type !== "enabled") return [];
  const used = ["plugins", "workflows"].filter((name) => listOf(spec[name]).length > 0);
  return used.map((field) => ({ path: [field], ...explain("kinds/thinking", { field }) }));
}

function checkReplies(spec: Values): readonly FieldProblem[] {
  const { mode, prompt } = objectOf(spec.suggested_replies);
  if (mode !== "customized" || prompt) return [];
  return [{ path: ["suggested_replies", "mode"], ...explain("kinds/replies-prompt") }];
}

function checkChannels(spec: Values): readonly FieldProblem[] {
  const ids = listOf(objectOf(spec.publish).connectors).map(channelId);
  const own = ids.filter((id) => id !== channels.api && id !== channels.chat_sdk && !closedChannels.has(id));
  const closed = ids.flatMap((id, index): FieldProblem[] => {
    const name = closedChannels.get(id);
    if (!name) return [];
    const path = ["publish", "connectors", index];
    return [{ path, ...explain("kinds/channel-closed", { channel: say(name), id }) }];
  });
  const [id] = own;
  if (id === undefined || ids.includes(channels.api)) return closed;
  return [...closed, { path: ["publish", "connectors"], ...explain("kinds/channel-needs-api", { id }) }];
}

function channelId(connector: Json): string {
  if (connector === "api" || connector === "chat_sdk") return channels[connector];
  return String(isObject(connector) ? connector.id : connector);
}
