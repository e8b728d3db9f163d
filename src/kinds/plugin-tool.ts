import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { holder, known } from "./live-values.ts";

/** https://docs.coze.cn/developer_guides/get_plugin */
export const pluginTool = defineKind<CozeClient, OperationName>()({
  name: "PluginTool",
  summary:
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
