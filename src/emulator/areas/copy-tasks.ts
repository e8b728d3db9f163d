import { codes, Refusal, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { choice, id, list, object, required } from "../http/params.ts";
import { timeAfter, type World } from "../world/world.ts";
import type { App } from "./apps.ts";
import { type Area, type FieldsOf, findIn, stored } from "./area.ts";
import type { Bot } from "./bot-collection.ts";
import { type CopyFailure, copyEntity, copyFailureCollection } from "./copy-objects.ts";
import type { Workflow } from "./workflows.ts";
import { joinedWorkspace, type SeenWorkspace } from "./workspaces.ts";

/** A copy that runs in the background; its outcome shows once the clock has passed `due_at_ms`. */
interface CopyTask {
  id: string;
  entity_type: "app" | "bot" | "workflow";
  source_entity_id: string;
  target_entity_id: string;
  target_workspace_id: string;
  due_at_ms: number;
  status: "in_progress" | "successful" | "failed";
  failed_reasons: CopyFailure[];
}

/** How long background copies of an entity take; `id` is the entity's. */
interface CopyPace {
  id: string;
  takes_ms: number;
}

declare module "../world/world.ts" {
  interface World {
    readonly copyTasks: Map<string, CopyTask>;
    /** How long background copies take, by the id of what is copied; see `paceCopyOf`. */
    readonly copyPaces: Map<string, CopyPace>;
    /**
     * Makes background copies that include this entity fail, with one failure for each reason. A text is about the entity
     * itself; an object can name a part of it, such as `{entity_type: "knowledge", entity_name: "价目表"}`.
     */
    failCopyOf(entityId: string, ...reasons: readonly (string | Partial<CopyFailure>)[]): void;
    /** Undoes `failCopyOf` and `paceCopyOf`. */
    allowCopyOf(entityId: string): void;
    /** Sets how long background copies of this entity take, including running ones; with Infinity they never end. */
    paceCopyOf(entityId: string, takesMs: number): void;
  }
}

const copyTaskFields = {
  id: required(id),
  entity_type: required(choice("app", "bot", "workflow")),
  source_entity_id: stored.text,
  target_entity_id: stored.text,
  target_workspace_id: stored.text,
  due_at_ms: stored.number,
  status: required(choice("in_progress", "successful", "failed")),
  failed_reasons: required(
    list(
      object({
        entity_id: stored.text,
        entity_name: stored.text,
        entity_type: stored.text,
        failed_reason: stored.text,
      } satisfies FieldsOf<CopyFailure>),
    ),
  ),
} as const satisfies FieldsOf<CopyTask>;

/** copy_resource_task, query_resource_copy_execution_result. */
const copyOperations = [
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
        if (failure) throw new Refusal(codes.internal, failure.failed_reason);
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

/** Copies of bots, apps and workflows. */
export const copyArea: Area = {
  operations: copyOperations,
  completeDue: completeCopies,
  collections: {
    copyTasks: { fields: copyTaskFields },
    copyFailures: copyFailureCollection,
    copyPaces: { fields: { id: stored.text, takes_ms: stored.number }, generation: 2 },
  },
  methods: (world) => ({
    failCopyOf: (entityId, ...reasons) => {
      const given = reasons.map((one) => (typeof one === "string" ? { failed_reason: one } : one));
      world.copyFailures.set(entityId, { id: entityId, reasons: given });
    },
    allowCopyOf: (entityId) => {
      world.copyFailures.delete(entityId);
      if (world.copyPaces.delete(entityId)) rescheduleTasks(world, entityId, world.options.copyMs);
    },
    paceCopyOf: (entityId, takesMs) => {
      const takes_ms = Math.min(Number.MAX_SAFE_INTEGER, takesMs);
      world.copyPaces.set(entityId, { id: entityId, takes_ms });
      rescheduleTasks(world, entityId, takes_ms);
    },
  }),
};

/** Sets when the running copies of an entity end, counted from now. */
function rescheduleTasks(world: World, entityId: string, takesMs: number): void {
  for (const task of world.copyTasks.values()) {
    if (task.source_entity_id === entityId && task.status === "in_progress") {
      task.due_at_ms = timeAfter(world, takesMs);
      world.copyTasks.set(task.id, task);
    }
  }
}

/** Finishes the background copies that are due; returns whether there were any. */
function completeCopies(world: World): boolean {
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

// Objects of a personal workspace can only be copied within it (copy_resource_task).
// A target must belong to the same enterprise as the source; some workspaces belong to none.
function refuseLeaving(from: SeenWorkspace, to: SeenWorkspace): void {
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
    due_at_ms: timeAfter(world, takes),
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
  world.copyTasks.set(task.id, task);
}

function showTask(task: CopyTask): object {
  return {
    task_id: task.id,
    entity_type: task.entity_type,
    task_status: task.status,
    source_entity_id: task.source_entity_id,
    target_workspace_id: task.target_workspace_id,
    target_entity_id: task.status === "successful" ? task.target_entity_id : undefined,
    failed_reasons: task.status === "failed" ? task.failed_reasons : undefined,
  };
}
