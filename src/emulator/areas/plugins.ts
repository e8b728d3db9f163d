import { LosslessNumber } from "lossless-json";
import { refuseForbidden } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, flag, id, list, object, required, text } from "../http/params.ts";
import { sortById, type World } from "../world/world.ts";
import { type Area, addItem, described, type FieldsOf, findIn, named, stored } from "./area.ts";
import { mayEnter } from "./workspaces.ts";

/** A tool of a plugin. */
interface PluginTool {
  id: string;
  name: string;
  description: string;
}

/** A plugin of the store (`space_id` empty) or of a workspace's library (seed data). */
export interface Plugin {
  id: string;
  space_id: string;
  name: string;
  description: string;
  tools: PluginTool[];
  is_official: boolean;
  is_call_available: boolean;
  category_id: string;
  heat: number;
  created_at: number;
  updated_at: number;
}

/** A category of store plugins. */
interface Category {
  id: string;
  name: string;
}

declare module "../world/world.ts" {
  interface World {
    readonly plugins: Map<string, Plugin>;
    readonly categories: Map<string, Category>;
    addPlugin(given: Partial<Plugin>): Plugin;
    addCategory(given: Partial<Category>): Category;
  }
}

const pluginFields = {
  ...described,
  space_id: stored.text,
  tools: required(list(object(described))),
  is_official: stored.flag,
  is_call_available: stored.flag,
  category_id: stored.text,
  heat: stored.number,
  created_at: stored.number,
  updated_at: stored.number,
} as const satisfies FieldsOf<Plugin>;

/** get_plugin, batch_get_plugins_info, list_plugin, list_plugin_category; plugins come from seeds and copies only. */
const pluginOperations = [
  operation({
    name: "batch_get_plugins_info",
    method: "GET",
    path: "/v1/plugins/mget",
    permissions: ["Plugin.getPlugin"],
    query: { ids: required(list(id, 1, 20)) },
    answer: ({ world, query }) => {
      const found = query.ids.flatMap((pluginId) => world.plugins.get(pluginId) ?? []);
      const visible = found.filter((plugin) => isVisible(world, plugin));
      return { data: { items: visible.map((plugin) => showPlugin(world, plugin)) } };
    },
  }),
  operation({
    name: "get_plugin",
    method: "GET",
    path: "/v1/plugins/:plugin_id",
    permissions: ["Plugin.getPlugin"],
    answer: ({ world, path }) => {
      const plugin = findIn(world.plugins, "plugin", path.plugin_id);
      return isVisible(world, plugin)
        ? { data: showPlugin(world, plugin) }
        : refuseForbidden(`plugin ${plugin.id}`);
    },
  }),
  operation({
    name: "list_plugin",
    method: "GET",
    path: "/v1/stores/plugins",
    lists: { of: "plugins" },
    permissions: [],
    query: {
      ...pageRules(100),
      keyword: text(),
      is_official: flag,
      category_ids: list(id),
      sort_type: choice("heat", "newest", "relative"),
    },
    answer: ({ world, query }) => {
      const found = sortById(world.plugins.values()).filter(
        (plugin) =>
          plugin.space_id === "" &&
          (!query.keyword || `${plugin.name}\n${plugin.description}`.includes(query.keyword)) &&
          (query.is_official ?? plugin.is_official) === plugin.is_official &&
          (!query.category_ids || query.category_ids.includes(plugin.category_id)),
      );
      const order = query.sort_type === "newest" ? newestFirst : hottestFirst;
      const { items, hasMore } = slicePage(found.sort(order), query, 20);
      return { data: { items: items.map((plugin) => showInStore(world, plugin)), has_more: hasMore } };
    },
  }),
  operation({
    name: "list_plugin_category",
    method: "GET",
    path: "/v1/stores/categories",
    lists: { of: "categories" },
    permissions: [],
    query: { ...pageRules(100), entity_type: required(choice("plugin")) },
    answer: ({ world, query }) => {
      const { items, hasMore } = slicePage(sortById(world.categories.values()), query, 20);
      return { data: { items, has_more: hasMore } };
    },
  }),
];

/** Plugins and their categories, which come from seeds and copies only. */
export const pluginArea: Area = {
  operations: pluginOperations,
  collections: {
    plugins: { fields: pluginFields, owners: [{ by: "space_id", in: "workspaces", unless: "" }] },
    categories: { fields: named },
  },
  methods: (world) => ({
    addPlugin: (given) =>
      addItem(world.plugins, {
        id: world.newId(),
        space_id: "",
        name: "plugin",
        description: "",
        tools: [{ id: world.newId(), name: "tool", description: "" }],
        is_official: true,
        is_call_available: true,
        category_id: "0",
        heat: 0,
        created_at: world.seconds(),
        updated_at: world.seconds(),
        ...given,
      }),
    addCategory: (given) => addItem(world.categories, { id: world.newId(), name: "category", ...given }),
  }),
};

// Those of the store belong to no workspace.
function isVisible(world: World, { space_id }: Plugin): boolean {
  return space_id === "" || mayEnter(world, findIn(world.workspaces, "workspace", space_id));
}

function newestFirst(a: Plugin, b: Plugin): number {
  return b.created_at - a.created_at;
}

function hottestFirst(a: Plugin, b: Plugin): number {
  return b.heat - a.heat;
}

function showPlugin(world: World, plugin: Plugin): object {
  const server = {
    url: `https://mcp.coze.cn/v1/plugins/${plugin.id}`,
    headers: { Authorization: "Bearer $" + "{COZE_API_TOKEN}" },
  };
  return {
    plugin_id: plugin.id,
    name: plugin.name,
    name_for_model: `plugin_${plugin.id}`,
    description: plugin.description,
    icon_url: world.signUrl("plugin_icon/default_icon.png"),
    is_call_available: plugin.is_call_available,
    created_at: plugin.created_at,
    updated_at: plugin.updated_at,
    mcp_json: JSON.stringify({ mcpServers: { [`coze_plugin_${plugin.id}`]: server } }),
    tools: plugin.tools.map((tool) => ({
      tool_id: tool.id,
      name: tool.name,
      description: tool.description,
      inputSchema: { type: "object", properties: {} },
      outputSchema: { type: "object", properties: {} },
    })),
  };
}

function showInStore(world: World, plugin: Plugin): object {
  const category = { id: plugin.category_id, name: world.categories.get(plugin.category_id)?.name ?? "" };
  return {
    metainfo: {
      name: plugin.name,
      category,
      icon_url: world.signUrl("plugin_icon/default_icon.png"),
      entity_id: plugin.id,
      listed_at: plugin.created_at,
      paid_type: "paid",
      user_info: {
        // A Long in the reference: this id is a bare number even here.
        user_id: new LosslessNumber(world.options.me.id),
        nick_name: world.options.me.name,
        user_name: world.options.me.name,
        avatar_url: world.signUrl("user-avatar/store.png"),
      },
      // The product has an id of its own, which no plugin call accepts.
      product_id: plugin.id.replace(/^./, "8"),
      description: plugin.description,
      entity_type: "plugin",
      is_official: plugin.is_official,
      entity_version: "0",
    },
    plugin_info: {
      heat: plugin.heat,
      call_count: 0,
      description: plugin.description,
      success_rate: 1,
      bots_use_count: countBots(world, plugin),
      favorite_count: 0,
      total_tools_count: plugin.tools.length,
      is_call_available: plugin.is_call_available,
      avg_exec_duration_ms: 0,
      associated_bots_use_count: 0,
    },
  };
}

function countBots(world: World, plugin: Plugin): number {
  return [...world.bots.values()].filter((bot) =>
    bot.draft.plugin_id_list?.id_list?.some((item) => item.plugin_id === plugin.id),
  ).length;
}
