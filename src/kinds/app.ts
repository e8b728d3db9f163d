import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { holder, known, numeric } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/published_apps_list */
export const app = defineKind<CozeClient, OperationName>()({
  name: "App",
  description: "An app, made in Coze itself or by a Copy: the API can only look it up.",
  parent: "workspace",
  identity: ["workspace", "name"],
  listing: { onlyForLookups: true },
  fields: {
    workspace: {
      type: "ref",
      kind: "Workspace",
      presence: "required",
      description: "The workspace that holds the app.",
    },
    name: { type: "string", presence: "required", minLength: 1, description: "Name of the app." },
    description: { type: "string", presence: "computed", description: "What the app does." },
  },

  async *list(api, parent) {
    const workspace = holder(parent);
    for await (const page of api.apps.list(workspace)) {
      yield page.map(({ id, name, description, updated_at }) => ({
        id,
        parent: workspace,
        live: known({ workspace, name, description }),
        revision: numeric(updated_at),
      }));
    }
  },
});
