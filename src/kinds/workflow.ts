import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { findVisible } from "./call-errors.ts";
import { holder, known, numeric } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/get_workflow_list */
export const workflow = defineKind<CozeClient, OperationName>()({
  name: "Workflow",
  description: "A workflow or chatflow, made in Coze itself: the API can only look it up.",
  parent: "workspace",
  identity: ["workspace", "name"],
  fields: {
    workspace: {
      type: "ref",
      kind: "Workspace",
      presence: "required",
      description: "The workspace that holds the workflow.",
    },
    name: { type: "string", presence: "required", minLength: 1, description: "Name of the workflow." },
    description: { type: "string", presence: "computed", description: "What the workflow does." },
  },

  async *list(api, parent, { published }) {
    const workspace = holder(parent);
    for await (const page of api.workflows.list(workspace, published ? "published_online" : "all")) {
      yield page.map((item) => ({
        id: item.workflow_id,
        parent: workspace,
        live: known({ workspace, name: item.workflow_name, description: item.description }),
        revision: numeric(item.updated_at),
      }));
    }
  },

  findIds: (api, ids) => findVisible(ids, (id) => api.workflows.get(id)),
});
