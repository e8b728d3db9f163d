import { say } from "../../messages/text.ts";
import { type ApiResponse, reading, type Send, type Shown, type Wire } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { asId, dataOf, isWire, listIn, unexpected } from "../http/response.ts";

/** A plugin of the store (https://docs.coze.cn/developer_guides/list_plugin). */
export interface PluginItem extends Shown<{ name: string; description: string }> {
  /** The plugin's id, not the id of its store product. */
  readonly entity_id: string;
}

/** A plugin of the store or of a library (https://docs.coze.cn/developer_guides/batch_get_plugins_info). */
export interface PluginInfo extends Shown<{ name: string; created_at: number | string }> {
  readonly plugin_id: string;
}

/** A tool of a plugin (https://docs.coze.cn/developer_guides/get_plugin). */
export interface PluginToolItem extends Shown<{ name: string; description: string }> {
  readonly tool_id: string;
}

const search = reading("list_plugin", "GET", "/v1/stores/plugins");
const get = reading("get_plugin", "GET", "/v1/plugins/:plugin_id", { permissions: ["Plugin.getPlugin"] });
const getMany = reading("batch_get_plugins_info", "GET", "/v1/plugins/mget", {
  permissions: ["Plugin.getPlugin"],
});
/** The most ids of a call. */
const idsPerCall = 20;
const listing: PageListing = { size: 100, items: "items", id: "entity_id", container: unwrapItems };

/** Plugins of the store, and the tools of any plugin. */
export function createPluginCalls(send: Send) {
  return {
    /** The keyword matches loosely. */
    search: (keyword: string) =>
      readPages<PluginItem>(listing, ({ page, size }) =>
        send(search, { query: { keyword, page_num: page, page_size: size } }),
      ),
    /** The plugins with these ids that the token may see; makes one call for every twenty ids. */
    async get(ids: readonly string[]): Promise<readonly PluginInfo[]> {
      const plugins: PluginInfo[] = [];
      for (let from = 0; from < ids.length; from += idsPerCall) {
        const some = ids.slice(from, from + idsPerCall).join(",");
        const answer = await send(getMany, { query: { ids: some } });
        for (const item of listIn(answer, dataOf<Wire>(answer), "items")) {
          const id = asId(item.plugin_id);
          if (id !== undefined) plugins.push({ ...item, plugin_id: id });
        }
      }
      return plugins;
    },
    /** The tools that have an id in the answer: the field is in the reference's examples, not in its table. */
    async listTools(pluginId: string): Promise<readonly PluginToolItem[]> {
      const answer = await send(get, { path: { plugin_id: pluginId } });
      return listIn(answer, dataOf<Wire>(answer), "tools").flatMap((tool) => {
        const id = asId(tool.tool_id);
        return id === undefined ? [] : [{ ...tool, tool_id: id }];
      });
    },
  };
}

// The plugin of a store's item is one level down, in `metainfo`.
function unwrapItems(answer: ApiResponse): Wire {
  const data = dataOf<Wire>(answer);
  const items = listIn(answer, data, "items").map((item) => {
    if (!isWire(item.metainfo)) throw unexpected(answer, say("coze/plugin-without-metainfo"));
    return item.metainfo;
  });
  return { ...data, items };
}
