import { findIn, joinedWorkspace } from "./access.ts";
import type { BotConfig } from "./bot-rules.ts";
import type { App, Bot, CopyFailure, CopyTask, Workflow, Workspace } from "./entities.ts";
import { refuseParameter } from "./envelope.ts";
import { operation } from "./operation.ts";
import { choice, id, required } from "./params.ts";
import type { World } from "./world.ts";

/** copy_resource_task, query_resource_copy_execution_result. */
export const copyOperations = [
  operation({
    name: "copy_resource_task",
    method: "POST",
    path: "/v1/entities/copy_tasks",
    permissions: {
      field: "entity_type",
      points: {
        bot: ["Bot.duplicate", "Workspace.createBot"],
        app: ["Project.copy", "Workspace.createProject"],
        workflow: ["Workflow.copy", "Workspace.createWorkflow"],
      },
    },
    // The table calls all three optional, but nothing can be copied without the first two.
    body: {
      entity_id: required(id),
      entity_type: required(choice("app", "bot", "workflow")),
      to_workspace_id: id,
    },
    answer: ({ world, body }) => {
      const source = findSource(world, body.entity_type, body.entity_id);
      const from = joinedWorkspace(world, source.space_id);
      const to = joinedWorkspace(world, body.to_workspace_id || source.space_id);
      refuseLeaving(from, to);
      if (body.entity_type === "bot" && from === to) {
        return { data: { copied_entity_id: copyBot(world, body.entity_id, to.id, world.newId()) } };
      }
      return { data: { task_id: startTask(world, body.entity_type, source.id, to.id).id } };
    },
  }),
  operation({
    name: "query_resource_copy_execution_result",
    method: "GET",
    path: "/v1/entities/copy_tasks/:task_id",
    permissions: [],
    answer: ({ world, path }) => ({
      data: showTask(findIn(world.copyTasks, "copy task", path.task_id)),
    }),
  }),
];

/** Finishes the background copies whose time has come; tells whether there were any. */
export function settleCopies(world: World): boolean {
  const due = [...world.copyTasks.values()].filter(
    (task) => task.status === "in_progress" && task.due_at_ms <= world.now(),
  );
  for (const task of due) {
    finishTask(world, task);
  }
  return due.length > 0;
}

function findSource(world: World, type: CopyTask["entity_type"], entityId: string): Bot | App | Workflow {
  const collections = { bot: world.bots, app: world.apps, workflow: world.workflows };
  return findIn<Bot | App | Workflow>(collections[type], type, entityId);
}

// What is in a personal workspace can only be copied within it (copy_resource_task).
// A target must belong to the same enterprise as the source; some workspaces belong to none.
function refuseLeaving(from: Workspace, to: Workspace): void {
  if (from !== to && from.workspace_type === "personal") {
    refuseParameter("to_workspace_id", "cannot take resources of a personal workspace");
  }
  if (from.enterprise_id && to.enterprise_id && from.enterprise_id !== to.enterprise_id) {
    refuseParameter("to_workspace_id", "is a workspace of another enterprise");
  }
}

function startTask(world: World, type: CopyTask["entity_type"], sourceId: string, toId: string): CopyTask {
  const task: CopyTask = {
    id: world.newId(),
    entity_type: type,
    source_entity_id: sourceId,
    target_entity_id: world.newId(),
    target_workspace_id: toId,
    due_at_ms: world.now() + world.options.copyMs,
    status: "in_progress",
    failed_reasons: [],
  };
  world.copyTasks.set(task.id, task);
  return task;
}

function finishTask(world: World, task: CopyTask): void {
  task.failed_reasons = listFailures(world, task);
  if (task.failed_reasons.length) {
    task.status = "failed";
    return;
  }
  const copy = { bot: copyBot, app: copyApp, workflow: copyWorkflow }[task.entity_type];
  copy(world, task.source_entity_id, task.target_workspace_id, task.target_entity_id);
  task.status = "successful";
}

function listFailures(world: World, task: CopyTask): CopyFailure[] {
  const { source_entity_id: sourceId, entity_type: type } = task;
  const used = world.bots.get(sourceId)?.draft;
  const inside = type === "app" ? workflowsOf(world, sourceId) : [];
  const touched = [
    [type, sourceId],
    ...inside.map((workflow) => ["workflow", workflow.id]),
    ...(used?.workflow_id_list?.ids ?? []).map((item) => ["workflow", item.id]),
    ...(used?.plugin_id_list?.id_list ?? []).map((item) => ["plugin", item.plugin_id]),
  ] as const;
  return touched.flatMap(([entity_type = "", entity_id = ""]) => {
    const failed_reason = world.copyFailures.get(entity_id);
    return failed_reason
      ? [{ entity_id, entity_name: nameOf(world, entity_id), entity_type, failed_reason }]
      : [];
  });
}

function nameOf(world: World, entityId: string): string {
  const found = world.apps.get(entityId) ?? world.workflows.get(entityId) ?? world.plugins.get(entityId);
  return found?.name ?? world.bots.get(entityId)?.draft.name ?? "";
}

/** Copies a bot as a draft; into another workspace its workflows and plugins come along. */
function copyBot(world: World, sourceId: string, toId: string, newId: string): string {
  const source = findIn(world.bots, "bot", sourceId);
  const draft = structuredClone(source.draft);
  if (source.space_id !== toId) {
    bringAlong(world, draft, source.space_id, toId);
  }
  return world.addBot({ id: newId, space_id: toId, draft }).id;
}

function bringAlong(world: World, draft: BotConfig, fromId: string, toId: string): void {
  for (const item of draft.workflow_id_list?.ids ?? []) {
    if (world.workflows.get(item.id)?.space_id === fromId) {
      item.id = copyWorkflow(world, item.id, toId, world.newId());
    }
  }
  const copies = new Map<string, string>();
  for (const item of draft.plugin_id_list?.id_list ?? []) {
    const plugin = world.plugins.get(item.plugin_id);
    if (plugin?.space_id !== fromId) {
      continue;
    }
    const pluginId = copies.get(plugin.id) ?? copyPlugin(world, plugin.id, toId);
    copies.set(plugin.id, pluginId);
    const place = plugin.tools.findIndex((tool) => tool.id === item.api_id);
    item.plugin_id = pluginId;
    item.api_id = world.plugins.get(pluginId)?.tools[place]?.id ?? item.api_id;
  }
  // Only workflows and plugins are said to come along; a dataset of another workspace cannot be bound.
  delete draft.knowledge;
}

function copyWorkflow(world: World, sourceId: string, toId: string, newId: string, appId = "0"): string {
  const source = findIn(world.workflows, "workflow", sourceId);
  const at = world.seconds();
  const copied = { id: newId, space_id: toId, app_id: appId, versions: [], created_at: at, updated_at: at };
  return world.addWorkflow({ ...structuredClone(source), ...copied }).id;
}

function copyPlugin(world: World, sourceId: string, toId: string): string {
  const source = findIn(world.plugins, "plugin", sourceId);
  const tools = source.tools.map((tool) => ({ ...tool, id: world.newId() }));
  return world.addPlugin({ ...source, id: world.newId(), space_id: toId, tools }).id;
}

function copyApp(world: World, sourceId: string, toId: string, newId: string): string {
  const { name, description } = findIn(world.apps, "app", sourceId);
  for (const workflow of workflowsOf(world, sourceId)) {
    copyWorkflow(world, workflow.id, toId, world.newId(), newId);
  }
  return world.addApp({ id: newId, space_id: toId, name, description }).id;
}

const workflowsOf = (world: World, appId: string): Workflow[] =>
  [...world.workflows.values()].filter((workflow) => workflow.app_id === appId);

function showTask(task: CopyTask): object {
  return {
    task_id: task.id,
    entity_type: task.entity_type,
    task_status: task.status,
    source_entity_id: task.source_entity_id,
    target_workspace_id: task.target_workspace_id,
    ...(task.status === "successful" && { target_entity_id: task.target_entity_id }),
    ...(task.status === "failed" && { failed_reasons: task.failed_reasons }),
  };
}
