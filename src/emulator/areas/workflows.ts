import { operation } from "../http/operation.ts";
import { dataByToken, pageRules, slicePage, tokenRules } from "../http/paging.ts";
import { choice, flag, id, required } from "../http/params.ts";
import type { Workflow, WorkflowVersion } from "../world/entities.ts";
import { sortById, type World } from "../world/world.ts";
import { joinedWorkspace, visibleWorkflow } from "./visibility.ts";

const statusRule = choice("all", "published_online", "unpublished_draft");

/** get_workflow_list, get_workflow_info, list_workflow_version; workflows are made by hand and by copying. */
export const workflowOperations = [
  operation({
    name: "get_workflow_list",
    method: "GET",
    path: "/v1/workflows",
    lists: { of: "workflows" },
    permissions: ["listWorkflow"],
    query: {
      ...pageRules(30),
      page_num: required(pageRules(30).page_num),
      workspace_id: required(id),
      workflow_mode: choice("workflow", "chatflow"),
      app_id: id,
      publish_status: statusRule,
    },
    answer: ({ world, query }) => {
      joinedWorkspace(world, query.workspace_id);
      const found = sortById(world.workflows.values()).filter(
        (workflow) =>
          workflow.space_id === query.workspace_id &&
          (!query.workflow_mode || workflow.mode === query.workflow_mode) &&
          (!query.app_id || workflow.app_id === query.app_id) &&
          hasStatus(workflow, query.publish_status ?? "published_online"),
      );
      const { items, hasMore } = slicePage(found, query, 10);
      const shown = items.map((workflow) => ({
        ...showBasics(world, workflow),
        created_at: String(workflow.created_at),
        updated_at: String(workflow.updated_at),
      }));
      return { data: { items: shown, has_more: hasMore } };
    },
  }),
  operation({
    name: "get_workflow_info",
    method: "GET",
    path: "/v1/workflows/:workflow_id",
    permissions: ["getMetaData"],
    query: { include_input_output: flag },
    answer: ({ world, path, query }) => {
      const workflow = visibleWorkflow(world, path.workflow_id);
      const detail = {
        ...showBasics(world, workflow),
        // Strings in the list and in the table, numbers in the captured answer of this operation.
        created_at: workflow.created_at,
        updated_at: workflow.updated_at,
      };
      const { input, output } = workflow;
      return {
        data: { workflow_detail: detail, ...(query.include_input_output && { input, output }) },
      };
    },
  }),
  operation({
    name: "list_workflow_version",
    method: "GET",
    path: "/v1/workflows/:workflow_id/versions",
    lists: { of: "workflows", within: true },
    permissions: ["listVersion"],
    query: { ...tokenRules(30), publish_status: statusRule, include_input_output: flag },
    answer: ({ world, path, query }) => {
      const workflow = visibleWorkflow(world, path.workflow_id);
      const status = query.publish_status ?? "published_online";
      const found = workflow.versions.filter((one) => status === "all" || one.status === status).reverse();
      const { input, output } = workflow;
      const show = (one: WorkflowVersion) => ({
        ...showVersion(world, workflow, one),
        ...(query.include_input_output && { input, output }),
      });
      return { data: dataByToken(found, query, 10, show) };
    },
  }),
];

function hasStatus(workflow: Workflow, status: string): boolean {
  const online = workflow.versions.some((one) => one.status === "published_online");
  return status === "all" || online === (status === "published_online");
}

function showBasics(world: World, workflow: Workflow): object {
  return {
    app_id: workflow.app_id,
    creator: { id: workflow.creator_id, name: world.options.me.name },
    description: workflow.description,
    icon_url: world.signUrl("plugin_icon/workflow.png"),
    workflow_id: workflow.id,
    workflow_name: workflow.name,
  };
}

function showVersion(world: World, workflow: Workflow, one: WorkflowVersion): object {
  return {
    workflow_id: workflow.id,
    version: one.version,
    description: one.description,
    created_at: String(one.created_at),
    updated_at: String(one.updated_at),
    creator: { id: one.creator_id, name: world.options.me.name },
  };
}
