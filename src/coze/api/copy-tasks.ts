import { say } from "../../messages/text.ts";
import { creating, reading, type Send, type Shown } from "../http/operation.ts";
import { asId, dataOf, unexpected } from "../http/response.ts";

/** What can be copied. */
export type CopyType = "app" | "bot" | "workflow";

/** https://docs.coze.cn/developer_guides/copy_resource_task */
export interface CopyOrder {
  readonly entity_id: string;
  readonly entity_type: CopyType;
  readonly to_workspace_id: string;
}

/** An object that made a copy fail: the source, or something that it uses. */
export type CopyFailure = Shown<{
  entity_id: string | number;
  entity_name: string;
  entity_type: string;
  failed_reason: string;
}>;

/** https://docs.coze.cn/developer_guides/query_resource_copy_execution_result */
export type CopyTaskInfo = Shown<{
  /** `in_progress`, `successful` or `failed`. */
  task_status: string;
  target_entity_id: string | number;
  failed_reasons: readonly CopyFailure[];
}>;

const copy = creating("copy_resource_task", "POST", "/v1/entities/copy_tasks");
const permissionsOf: { readonly [Type in CopyType]: readonly string[] } = {
  app: ["Project.copy", "Workspace.createProject"],
  bot: ["Bot.duplicate", "Workspace.createBot"],
  workflow: ["Workflow.copy", "Workspace.createWorkflow"],
};
const get = reading("query_resource_copy_execution_result", "GET", "/v1/entities/copy_tasks/:task_id", {
  polled: true,
});

/** Copies of bots, apps and workflows. */
export function createCopyTaskCalls(send: Send) {
  return {
    /** Starts a copy; returns the id of the copy, or of the task that makes it. */
    async create(body: CopyOrder): Promise<{ readonly id: string } | { readonly task: string }> {
      const answer = await send({ ...copy, permissions: permissionsOf[body.entity_type] }, { body });
      const { copied_entity_id, task_id } = dataOf<{ copied_entity_id: unknown; task_id: unknown }>(answer);
      const [id, task] = [asId(copied_entity_id), asId(task_id)];
      if (id !== undefined) return { id };
      if (task !== undefined) return { task };
      throw unexpected(answer, say("coze/copy-unidentified"));
    },
    get: async (task: string): Promise<CopyTaskInfo> => dataOf(await send(get, { path: { task_id: task } })),
  };
}
