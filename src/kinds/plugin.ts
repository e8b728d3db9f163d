import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { holder, known } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/list_plugin */
export const plugin = defineKind<CozeClient, OperationName>()({
  name: "Plugin",
  description:
    "A plugin of Coze's store, looked up by name. Plugins of a workspace's own library have no list: refer to them by their ids.",
  identity: ["name"],
  fields: {
    name: {
      type: "string",
      presence: "required",
      minLength: 1,
      description: "Name of the plugin in the store.",
    },
    description: { type: "string", presence: "computed", description: "What the plugin does." },
  },

  listing: { scope: ({ name }) => (name === undefined ? [] : [name]) },

  // The store is too large to be listed: only names that specs give are searched.
  async *list(api, _parent, { specs }) {
    const names = new Set(specs.flatMap(({ name }) => name ?? []));
    const seen = new Set<string>();
    for (const name of names) {
      for await (const page of api.plugins.search(name)) {
        const fresh = page.filter(({ entity_id }) => !seen.has(entity_id));
        for (const { entity_id } of fresh) seen.add(entity_id);
        yield fresh.map((item) => ({
          id: item.entity_id,
          live: known({ name: item.name, description: item.description }),
        }));
      }
    }
  },

  async findIds(api, ids) {
    return new Set((await api.plugins.get(ids)).map(({ plugin_id: id }) => id));
  },
});

/** https://docs.coze.cn/developer_guides/get_plugin */
export const pluginTool = defineKind<CozeClient, OperationName>()({
  name: "PluginTool",
  description:
    "A tool of a plugin, looked up by its name; where Coze doesn't show it there, refer to it by its id.",
  parent: "plugin",
  identity: ["plugin", "name"],
  fields: {
    plugin: {
      type: "ref",
      kind: "Plugin",
      presence: "required",
      description: "The plugin that the tool is part of.",
    },
    name: {
      type: "string",
      presence: "required",
      minLength: 1,
      description: "Name of the tool, as the plugin's page shows it.",
    },
    description: { type: "string", presence: "computed", description: "What the tool does." },
  },

  async *list(api, parent) {
    const plugin = holder(parent);
    const tools = await api.plugins.listTools(plugin);
    yield tools.map((tool) => ({
      id: tool.tool_id,
      parent: plugin,
      live: known({ plugin, name: tool.name, description: tool.description }),
    }));
  },
});
