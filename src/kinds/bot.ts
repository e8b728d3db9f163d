import { type BotInfo, botsPerPage } from "../coze/api/bots.ts";
import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind, type ListingScope } from "../kind/kind.ts";
import type { Change, FollowUpCall } from "../kind/schema.ts";
import { botFailureFields, decodeBot, encodeBot, encodePublication } from "./bot-encoding.ts";
import { type BotLive, type BotSpec, botFields, channels } from "./bot-fields.ts";
import { checkBot } from "./bot-rules.ts";
import { holder, known, numeric } from "./live-values.ts";
import { Rejected, unlessGone } from "./rejection.ts";
import { askBot, followChat } from "./reply-probes.ts";

/** https://docs.coze.cn/developer_guides/create_bot */
export const bot = defineKind<CozeClient, OperationName>()({
  name: "Bot",
  summary: "An agent: prompt, model, tools and knowledge, and the channels it is published to.",
  parent: "workspace",
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

  async *list(api, parent, { specs }) {
    const workspace = holder(parent);
    const published = await readChannels(api, workspace, specs);
    for await (const page of api.bots.list({ workspace_id: workspace, publish_status: "all" })) {
      yield page.map(({ id, name, updated_at }) => ({
        id,
        parent: workspace,
        revision: numeric(updated_at),
        live: known({
          workspace,
          name,
          // By whatever name: one that was renamed in Coze is still published.
          publish: published.size > 0 ? { connectors: channelsOf(id, published) } : undefined,
        }),
      }));
    }
  },

  async read(api, { id }) {
    const info = await readInfo(api, id, false);
    return info && { live: decodeBot(info), ...known({ revision: numeric(info.update_time) }) };
  },

  release: {
    // One that is on no channel answers as one that isn't there.
    async read(api, { id }) {
      const info = await readInfo(api, id, true);
      return info && decodeBot(info);
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

/** The published configuration of a bot, or its draft; undefined when there is none. */
async function readInfo(api: CozeClient, id: string, published: boolean): Promise<BotInfo | undefined> {
  const info = await unlessGone(api.bots.get(id, published));
  if (numeric(info?.bot_mode) === 1) {
    throw new Rejected(
      `bot ${id} is made of several agents, which the API can't change safely`,
      "leave it to Coze's own page, or switch it to a single agent there",
    );
  }
  return info;
}

/** Pages of all these bots, and of those of each channel; only one that isn't full tells that it is the last. */
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

/** Undefined: there is a bot, and nobody looked where it is published. */
function liveChannels({ live }: BotChange): readonly string[] | undefined {
  if (live && !live.publish) return undefined;
  return (live?.publish?.connectors ?? []).flatMap(({ id }) => id ?? []);
}

/** One call for all channels: it makes a version, so there is none while every channel shows this spec. */
function publishCalls(change: BotChange, done: boolean): readonly FollowUpCall[] {
  const wanted = wantedChannels(change);
  const live = liveChannels(change) ?? wanted;
  const draftChanged = !done || [...change.changed].some((name) => name !== "publish");
  const isNew = wanted.some((id) => !live.includes(id));
  // With every channel in place, only a channel's config or a channel too many is left to differ.
  const tooMany = live.some((id) => !wanted.includes(id));
  const hasConfig = change.spec.publish?.connectors?.some(({ config }) => config !== undefined) ?? false;
  const configChanged = change.changed.has("publish") && (!tooMany || hasConfig);
  if (wanted.length === 0 || !(draftChanged || isNew || configChanged)) return [];
  return [{ argument: wanted, effect: `publishes a new version to ${wanted.map(channelName).join(", ")}` }];
}

// Whether a channel left out of a publication is taken down is documented nowhere: it is said explicitly.
function unpublishCalls(change: BotChange): readonly FollowUpCall[] {
  const wanted = wantedChannels(change);
  if (change.spec.publish === undefined) return [];
  return (liveChannels(change) ?? [])
    .filter((id) => !wanted.includes(id))
    .map((id) => ({ argument: id, effect: `takes it off ${channelName(id)}` }));
}

const channelName = (id: string): string =>
  Object.entries(channels).find(([, channel]) => channel === id)?.[0] ?? `channel ${id}`;
