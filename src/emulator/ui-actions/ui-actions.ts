import { publishBot } from "../areas/publication.ts";
import { chatWords, runWords, wordsIn } from "../areas/reply-rules.ts";
import { isJsonEqual } from "../world/json-equal.ts";
import { momentIn, type UiActions, type WorldGround } from "../world/world.ts";

/** What is done to a world by hand. */
export function uiActionsOn(ground: WorldGround): UiActions {
  return { ...handsOnMade(ground), ...handsOnCopies(ground), ...handsOnScripts(ground) };
}

type OnMade =
  | "editWorkflow"
  | "publishWorkflow"
  | "editApp"
  | "publishApp"
  | "editBot"
  | "publishBot"
  | "acceptInvitation";

function handsOnMade(ground: WorldGround): Pick<UiActions, OnMade> {
  // Two edits by hand never fall into one second.
  const touch = (item: { updated_at: number }): void => {
    item.updated_at = Math.max(ground.seconds(), item.updated_at + 1);
  };
  const publishWorkflow: UiActions["publishWorkflow"] = (workflowId) => {
    const workflow = take(ground.workflows, workflowId);
    const version = {
      version: `v0.0.${workflow.versions.length + 1}`,
      description: workflow.description,
      creator_id: ground.options.me.id,
      created_at: ground.seconds(),
      updated_at: ground.seconds(),
      status: "published_online" as const,
      content: workflow.content,
    };
    workflow.versions.push(version);
    workflow.edited = false;
    return version;
  };
  return {
    publishWorkflow,
    editWorkflow: (workflowId, change) => {
      const workflow = take(ground.workflows, workflowId);
      Object.assign(workflow, change);
      workflow.edited = true;
      touch(workflow);
      const app = ground.apps.get(workflow.app_id);
      if (app) touch(app);
      return workflow;
    },
    editApp: (appId, change) => {
      const app = take(ground.apps, appId);
      Object.assign(app, change);
      touch(app);
      return app;
    },
    publishApp: (appId, connectorIds = ["1024"]) => {
      const app = take(ground.apps, appId);
      app.published_at = ground.seconds();
      app.connector_ids = [...new Set([...app.connector_ids, ...connectorIds])];
      for (const workflow of ground.workflows.values()) {
        if (workflow.app_id === appId) publishWorkflow(workflow.id);
      }
      return app;
    },
    editBot: (botId, change) => {
      const bot = take(ground.bots, botId);
      Object.assign(bot.draft, change);
      bot.edited = true;
      bot.update_time = ground.seconds();
      return bot;
    },
    publishBot: (botId, connectorIds = ["1024"]) =>
      publishBot(ground, take(ground.bots, botId), connectorIds),
    acceptInvitation: (workspaceId, userId) => {
      const workspace = take(ground.workspaces, workspaceId);
      const invitation = workspace.invited.find((user) => user.user_id === userId);
      if (!invitation) {
        throw new Error(`User ${userId} is not invited to workspace ${workspaceId}`);
      }
      workspace.invited = workspace.invited.filter((user) => user !== invitation);
      workspace.members.push(invitation);
    },
  };
}

function handsOnCopies(ground: WorldGround): Pick<UiActions, "failCopyOf" | "allowCopyOf" | "paceCopyOf"> {
  const hurry = (entityId: string, takesMs: number): void => {
    for (const task of ground.copyTasks.values()) {
      if (task.source_entity_id === entityId && task.status === "in_progress") {
        task.due_at_ms = momentIn(ground, takesMs);
      }
    }
  };
  return {
    failCopyOf: (entityId, ...reasons) => {
      const told = reasons.map((one) => (typeof one === "string" ? { failed_reason: one } : one));
      ground.copyFailures.set(entityId, { id: entityId, reasons: told });
    },
    allowCopyOf: (entityId) => {
      ground.copyFailures.delete(entityId);
      if (ground.copyPaces.delete(entityId)) hurry(entityId, ground.options.copyMs);
    },
    paceCopyOf: (entityId, takesMs) => {
      const takes_ms = Math.min(Number.MAX_SAFE_INTEGER, takesMs);
      ground.copyPaces.set(entityId, { id: entityId, takes_ms });
      hurry(entityId, takes_ms);
    },
  };
}

function handsOnScripts(ground: WorldGround): Pick<UiActions, "scriptChat" | "scriptRun"> {
  return {
    scriptChat: (rule) => {
      refuseUnknownWords(rule.answer, chatWords);
      const { bot, workspace, says, matches, of, prompt } = rule;
      if (matches !== undefined) new RegExp(matches, "u");
      putRule(ground, ground.chatRules, rule, { bot, workspace, says, matches, of, prompt });
    },
    scriptRun: (rule) => {
      refuseUnknownWords(rule.output, runWords);
      const { workflow, workspace, parameters, content } = rule;
      putRule(ground, ground.runRules, rule, { workflow, workspace, parameters, content });
    },
  };
}

function refuseUnknownWords(value: unknown, known: readonly string[]): void {
  const unknown = wordsIn(value).find((word) => !known.includes(word));
  if (unknown !== undefined)
    throw new Error(`{{${unknown}}} stands for nothing: known are ${known.join(", ")}`);
}

/** Keeps the place of the rule with the same conditions: the order of rules says which counts. */
function putRule<R extends object>(
  ground: WorldGround,
  rules: Map<string, R & { readonly id: string }>,
  rule: R,
  conditions: Partial<R>,
): void {
  const isTwin = (one: R): boolean =>
    Object.entries(conditions).every(([name, value]) =>
      isJsonEqual(Object.entries(one).find(([key]) => key === name)?.[1], value),
    );
  const twin = [...rules.values()].find(isTwin);
  const id = twin?.id ?? ground.newId();
  rules.set(id, structuredClone({ ...rule, id }));
}

function take<T>(from: Map<string, T>, id: string): T {
  const found = from.get(id);
  if (!found) {
    throw new Error(`The world holds no object ${id}`);
  }
  return found;
}
