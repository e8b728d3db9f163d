import { operation } from "../http/operation.ts";
import { dataByToken, pageRules, slicePage, tokenRules } from "../http/paging.ts";
import { choice, flag, id, list, map, object, required } from "../http/params.ts";
import { sortForList, type World } from "../world/world.ts";
import { moveUpdateTime, type Uses, usesFields } from "./apps.ts";
import { type Area, addItem, anyText, described, type FieldsOf, findIn, stored, takeItem } from "./area.ts";
import { versionFields } from "./bot-collection.ts";
import { joinedWorkspace } from "./workspaces.ts";

/** One version of a workflow. */
export interface WorkflowVersion {
  version: string;
  description: string;
  creator_id: string;
  created_at: number;
  updated_at: number;
  status: "published_online" | "unpublished_draft";
  /** The content of the workflow at that time. */
  content?: string | undefined;
}

/** A workflow or chatflow (seed data). */
export interface Workflow {
  id: string;
  space_id: string;
  app_id: string;
  name: string;
  description: string;
  mode: "workflow" | "chatflow";
  creator_id: string;
  created_at: number;
  updated_at: number;
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  versions: WorkflowVersion[];
  /** A description of its canvas; no operation shows it, but rules for runs can match it, and copies keep it. */
  content?: string | undefined;
  uses?: Uses | undefined;
  /** Whether it was edited after the last publication. */
  edited?: boolean | undefined;
}

declare module "../world/world.ts" {
  interface World {
    readonly workflows: Map<string, Workflow>;
    addWorkflow(given: Partial<Workflow> & Pick<Workflow, "space_id">): Workflow;
    /** Edits a workflow; its update time moves, however quickly edits follow. */
    editWorkflow(
      workflowId: string,
      change: Partial<Pick<Workflow, "name" | "description" | "content" | "uses" | "input" | "output">>,
    ): Workflow;
    /** Publishes a workflow as it is; v0.0.1, v0.0.2 and so on. */
    publishWorkflow(workflowId: string): WorkflowVersion;
  }
}

const workflowFields = {
  ...described,
  space_id: stored.text,
  app_id: stored.text,
  mode: required(choice("workflow", "chatflow")),
  creator_id: stored.text,
  created_at: stored.number,
  updated_at: stored.number,
  input: required(map),
  output: required(map),
  versions: required(
    list(
      object({
        ...versionFields,
        description: stored.text,
        updated_at: stored.number,
        status: required(choice("published_online", "unpublished_draft")),
        content: anyText,
      } satisfies FieldsOf<WorkflowVersion>),
    ),
  ),
  content: anyText,
  uses: usesFields,
  edited: flag,
} as const satisfies FieldsOf<Workflow>;

const statusRule = choice("all", "published_online", "unpublished_draft");

/** get_workflow_list, get_workflow_info, list_workflow_version; workflows are made by hand and by copying. */
const workflowOperations = [
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
      const found = sortForList(world, world.workflows.values()).filter(
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

/** Workflows and chatflows, which come from seeds and copies only. */
export const workflowArea: Area = {
  operations: workflowOperations,
  collections: {
    workflows: {
      fields: workflowFields,
      owners: [
        { by: "space_id", in: "workspaces" },
        { by: "app_id", in: "apps", unless: "0" },
      ],
    },
  },
  methods: (world) => ({
    addWorkflow: (given) =>
      addItem(world.workflows, {
        id: world.newId(),
        app_id: "0",
        name: "workflow",
        description: "",
        mode: "workflow",
        creator_id: world.options.me.id,
        created_at: world.seconds(),
        updated_at: world.seconds(),
        input: { parameters: { USER_INPUT: { type: "string", required: false } } },
        output: { parameters: { output: { type: "string" } }, terminate_plan: "return_variables" },
        versions: [],
        ...given,
      }),
    editWorkflow: (workflowId, change) => {
      const workflow = takeItem(world.workflows, workflowId);
      Object.assign(workflow, change);
      workflow.edited = true;
      moveUpdateTime(world, workflow);
      const app = world.apps.get(workflow.app_id);
      if (app) moveUpdateTime(world, app);
      return workflow;
    },
    publishWorkflow: (workflowId) => publishWorkflow(world, takeItem(world.workflows, workflowId)),
  }),
};

function publishWorkflow(world: World, workflow: Workflow): WorkflowVersion {
  const version = {
    version: `v0.0.${workflow.versions.length + 1}`,
    description: workflow.description,
    creator_id: world.options.me.id,
    created_at: world.seconds(),
    updated_at: world.seconds(),
    status: "published_online" as const,
    content: workflow.content,
  };
  workflow.versions.push(version);
  workflow.edited = false;
  return version;
}

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

/** A workflow in a workspace of the token's user. */
export function visibleWorkflow(world: World, id: string): Workflow {
  const workflow = findIn(world.workflows, "workflow", id);
  joinedWorkspace(world, workflow.space_id);
  return workflow;
}
