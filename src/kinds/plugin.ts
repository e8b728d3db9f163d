import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { known } from "./live-values.ts";

/** https://docs.coze.cn/developer_guides/list_plugin */
export const plugin = defineKind<CozeClient, OperationName>()({
  name: "Plugin",
  summary:
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

  // The store is far too large to be listed whole: only what is asked for is searched.
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
});
