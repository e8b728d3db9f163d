import { refuseForbidden, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, id, list, map, required, text } from "../http/params.ts";
import type { World } from "../world/world.ts";
import { type Bot, visibleBot } from "./bot-collection.ts";
import { awaitReviews, checkInstalled } from "./connectors.ts";

/** publish_bot, unpublish_agent, list_bot_versions. */
export const publicationOperations = [
  operation({
    name: "publish_bot",
    method: "POST",
    path: "/v1/bot/publish",
    permissions: ["publish"],
    body: { bot_id: required(id), connector_ids: required(list(id, 1)), connectors: map },
    answer: ({ world, body }) => {
      const bot = visibleBot(world, body.bot_id);
      checkChannels(body.connector_ids);
      checkChannelSettings(body.connectors ?? {}, body.connector_ids);
      checkInstalled(world, bot.space_id, body.connector_ids);
      const before = { ...bot.channels };
      const version = world.publishBot(bot.id, body.connector_ids);
      awaitReviews(world, bot, before);
      return { data: { bot_id: bot.id, version } };
    },
  }),
  operation({
    name: "unpublish_agent",
    method: "POST",
    path: "/v1/bots/:bot_id/unpublish",
    permissions: ["disconnectBot", "Connector.disconnectBot"],
    body: { connector_id: required(id), unpublish_reason: text(0, 1024) },
    answer: ({ world, path, body }) => {
      const bot = visibleBot(world, path.bot_id);
      if (world.options.ownerOnly && bot.owner_user_id !== world.options.me.id) {
        refuseForbidden(`bot ${bot.id} belongs to another user`);
      }
      if (!(body.connector_id in bot.channels)) {
        refuseParameter("connector_id", `${body.connector_id} does not show this bot`);
      }
      delete bot.channels[body.connector_id];
      return {};
    },
  }),
  operation({
    name: "list_bot_versions",
    method: "GET",
    path: "/v1/bots/:bot_id/versions",
    lists: { of: "bots", within: true },
    permissions: ["Bot.listVersion"],
    query: {
      ...pageRules(30),
      publish_status: choice("published_online", "unpublished_draft"),
      connector_id: id,
    },
    answer: ({ world, path, query }) => {
      const bot = visibleBot(world, path.bot_id);
      const { items, hasMore } = slicePage(listVersions(world, bot, query), query, 10);
      return { data: { items, has_more: hasMore } };
    },
  }),
];

const ownChannels = ["1024", "999"];

// Other official channels (unpublish_agent lists them) cannot be published to through the API.
const closedChannels = [
  "998",
  "10000011",
  "10000113",
  "10000117",
  "10000120",
  "10000121",
  "10000122",
  "10000126",
  "10000127",
  "10000128",
];

function checkChannels(connectorIds: readonly string[]): void {
  const closed = connectorIds.find((connector) => closedChannels.includes(connector));
  if (closed) refuseParameter("connector_ids", `names ${closed}, which cannot be published to by API`);
  const custom = connectorIds.find((connector) => !ownChannels.includes(connector));
  if (custom && !connectorIds.includes("1024")) {
    refuseParameter("connector_ids", `names the custom channel ${custom} without the API channel 1024`);
  }
}

function checkChannelSettings(settings: Record<string, unknown>, connectorIds: readonly string[]): void {
  for (const [connector, values] of Object.entries(settings)) {
    const field = `connectors.${connector}`;
    if (!connectorIds.includes(connector)) refuseParameter(field, "is not among connector_ids");
    if (typeof values !== "object" || values === null || !Object.values(values).every(isJsonText)) {
      refuseParameter(field, "must map keys to values serialised as JSON strings");
    }
  }
}

function isJsonText(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

function listVersions(
  world: World,
  bot: Bot,
  query: { publish_status?: "published_online" | "unpublished_draft"; connector_id?: string | undefined },
): object[] {
  const name = world.options.me.name;
  if (query.publish_status === "unpublished_draft") {
    const creator = bot.editor ?? { id: bot.owner_user_id, name };
    return [
      {
        creator,
        version: "",
        changelog: "",
        created_at: bot.update_time,
        publish_status: "unpublished_draft",
      },
    ];
  }
  return bot.versions
    .filter((one) => !query.connector_id || one.connector_ids.includes(query.connector_id))
    .map((one) => ({
      creator: { id: one.creator_id, name: one.creator_name ?? name },
      version: one.version,
      changelog: one.changelog ?? "",
      created_at: one.created_at,
      publish_status: "published_online",
    }))
    .reverse();
}
