import { codes, Refusal, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { choice, id, required } from "../http/params.ts";
import type { App, Bot, CopyTask, Workflow, Workspace } from "../world/entities.ts";
import { momentIn, type World } from "../world/world.ts";
import { copyEntity } from "./copy-objects.ts";
import { findIn, joinedWorkspace } from "./visibility.ts";

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
        const newId = world.newId();
        const [failure] = copyEntity(world, { type: "bot", id: source.id, toId: to.id, newId });
        if (failure) {
          throw new Refusal(codes.internal, failure.failed_reason);
        }
        return { data: { copied_entity_id: newId } };
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
  const takes = world.copyPaces.get(sourceId)?.takes_ms ?? world.options.copyMs;
  const task: CopyTask = {
    id: world.newId(),
    entity_type: type,
    source_entity_id: sourceId,
    target_entity_id: world.newId(),
    target_workspace_id: toId,
    due_at_ms: momentIn(world, takes),
    status: "in_progress",
    failed_reasons: [],
  };
  world.copyTasks.set(task.id, task);
  return task;
}

function finishTask(world: World, task: CopyTask): void {
  const failures = copyEntity(world, {
    type: task.entity_type,
    id: task.source_entity_id,
    toId: task.target_workspace_id,
    newId: task.target_entity_id,
  });
  task.failed_reasons = [...failures];
  task.status = failures.length > 0 ? "failed" : "successful";
}

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
