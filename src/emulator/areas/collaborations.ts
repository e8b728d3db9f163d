import { codes, Refusal, refuseForbidden, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { choice, list, object, required, text } from "../http/params.ts";
import type { Token } from "../http/tokens.ts";
import { requireLevel } from "../world/plans.ts";
import { isVariant } from "../world/variants.ts";
import type { World } from "../world/world.ts";
import { type Area, anyText, type FieldsOf, findIn, stored } from "./area.ts";
import { visibleBot } from "./bot-collection.ts";
import { handOverInApp } from "./ownership.ts";
import { visibleWorkflow } from "./workflows.ts";
import { joinedWorkspace, roleOf } from "./workspaces.ts";

/** Who may develop a bot, workflow or app besides its owner. No operation shows it, and copies don't have it. */
interface Collaboration {
  /** The id of the bot, workflow or app. */
  id: string;
  space_id: string;
  /** Apps have no such mode. */
  mode: "single" | "collaboration";
  user_ids: string[];
}

declare module "../world/world.ts" {
  interface World {
    readonly collaborations: Map<string, Collaboration>;
  }
}

const collaborationFields = {
  id: stored.text,
  space_id: stored.text,
  mode: required(choice("single", "collaboration")),
  user_ids: required(list(anyText)),
} as const satisfies FieldsOf<Collaboration>;

/** What collaborators are added to. */
interface Target {
  readonly id: string;
  readonly space_id: string;
  readonly owner_id: string;
}

type Find = (world: World, id: string) => Target;

const findBot: Find = (world, botId) => {
  const { id, space_id, owner_user_id } = visibleBot(world, botId);
  return { id, space_id, owner_id: owner_user_id };
};

const findWorkflow: Find = (world, workflowId) => {
  const { id, space_id, creator_id, app_id } = visibleWorkflow(world, workflowId);
  if (app_id !== "0") refuseParameter("workflow_id", `${id} is a workflow of an app`);
  return { id, space_id, owner_id: creator_id };
};

const findApp: Find = (world, appId) => {
  const { id, space_id, owner_user_id } = findIn(world.apps, "app", appId);
  joinedWorkspace(world, space_id);
  return { id, space_id, owner_id: owner_user_id };
};

const collaborators = required(list(object({ user_id: required(text(1)) }), 1, 1));
// Optional in the table, which is what nothing else about the call is.
const mode = { collaboration_mode: required(choice("single", "collaboration")) } as const;

/** switch_bot_develop_mode and switch_workflow_develop_mode; add_… and remove_…_collaborator of bots, workflows, apps. */
const collaborationOperations = [
  operation({
    name: "switch_bot_develop_mode",
    method: "POST",
    path: "/v1/bots/:bot_id/collaboration_mode",
    permissions: ["Bot.switchDevelopMode"],
    body: mode,
    answer: ({ world, path, body, caller }) =>
      switchMode(world, caller, findBot(world, path.bot_id), body.collaboration_mode),
  }),
  operation({
    name: "add_bot_collaborator",
    method: "POST",
    path: "/v1/bots/:bot_id/collaborators",
    permissions: ["Bot.addCollaborator"],
    body: { collaborators },
    answer: ({ world, path, body, caller }) =>
      addCollaborators(world, caller, findBot(world, path.bot_id), body.collaborators, "mode"),
  }),
  operation({
    name: "remove_bot_collaborator",
    method: "DELETE",
    path: "/v1/bots/:bot_id/collaborators/:user_id",
    permissions: ["Bot.removeCollaborator"],
    answer: ({ world, path, caller }) =>
      removeCollaborator(world, caller, findBot(world, path.bot_id), path.user_id),
  }),
  operation({
    name: "switch_workflow_develop_mode",
    method: "POST",
    path: "/v1/workflows/:workflow_id/collaboration_mode",
    permissions: ["Workflow.switchDevelopMode"],
    body: mode,
    answer: ({ world, path, body, caller }) =>
      switchMode(world, caller, findWorkflow(world, path.workflow_id), body.collaboration_mode),
  }),
  operation({
    name: "add_workflow_collaborator",
    method: "POST",
    path: "/v1/workflows/:workflow_id/collaborators",
    permissions: ["Workflow.addCollaborator"],
    body: { collaborators },
    answer: ({ world, path, body, caller }) =>
      addCollaborators(world, caller, findWorkflow(world, path.workflow_id), body.collaborators, "mode"),
  }),
  operation({
    name: "remove_workflow_collaborator",
    method: "DELETE",
    path: "/v1/workflows/:workflow_id/collaborators/:user_id",
    permissions: ["Workflow.removeCollaborator"],
    answer: ({ world, path, caller }) =>
      removeCollaborator(world, caller, findWorkflow(world, path.workflow_id), path.user_id),
  }),
  operation({
    name: "add_app_collaborator",
    method: "POST",
    path: "/v1/apps/:app_id/collaborators",
    permissions: ["Project.addCollaborator"],
    body: { collaborators },
    answer: ({ world, path, body, caller }) =>
      addCollaborators(world, caller, findApp(world, path.app_id), body.collaborators, "no mode"),
  }),
  operation({
    name: "remove_app_collaborator",
    method: "DELETE",
    path: "/v1/apps/:app_id/collaborators/:user_id",
    permissions: ["Project.removeCollaborator"],
    answer: ({ world, path, caller }) => {
      const app = findApp(world, path.app_id);
      const answer = removeCollaborator(world, caller, app, path.user_id);
      handOverInApp(world, app.id, path.user_id, app.owner_id);
      return answer;
    },
  }),
];

/** Who may develop bots, workflows and apps besides their owners. */
export const collaborationArea: Area = {
  operations: collaborationOperations,
  collections: {
    collaborations: {
      fields: collaborationFields,
      owners: [{ by: "space_id", in: "workspaces" }],
      generation: 4,
    },
  },
};

function switchMode(
  world: World,
  caller: Token | undefined,
  target: Target,
  wanted: Collaboration["mode"],
): Record<never, never> {
  requireLevel(world, "team");
  requireDeveloper(world, caller, target, []);
  const collaboration = collaborationOf(world, target);
  if (wanted === "single" && collaboration.user_ids.length > 0) {
    refuseParameter("collaboration_mode", "cannot be single while there are collaborators");
  }
  world.collaborations.set(target.id, { ...collaboration, mode: wanted });
  return {};
}

function addCollaborators(
  world: World,
  caller: Token | undefined,
  target: Target,
  added: readonly { readonly user_id: string }[],
  needs: "mode" | "no mode",
): Record<never, never> {
  requireLevel(world, "team");
  const collaboration = collaborationOf(world, target);
  requireDeveloper(world, caller, target, collaboration.user_ids);
  if (needs === "mode" && collaboration.mode === "single") {
    refuseParameter("collaborators", "can only be added in the mode collaboration");
  }
  const user_ids = new Set(collaboration.user_ids);
  for (const { user_id } of added) {
    if (!roleOf(joinedWorkspace(world, target.space_id), user_id)) {
      refuseParameter("collaborators[0].user_id", `${user_id} is no member of the workspace`);
    }
    const isThere = user_ids.has(user_id) || user_id === target.owner_id;
    if (isThere && isVariant(world, "known-collaborators")) {
      throw new Refusal(codes.alreadyThere, `The user ${user_id} develops it already`);
    }
    if (!isThere) user_ids.add(user_id);
  }
  world.collaborations.set(target.id, { ...collaboration, user_ids: [...user_ids] });
  return {};
}

function removeCollaborator(
  world: World,
  caller: Token | undefined,
  target: Target,
  userId: string,
): Record<never, never> {
  const collaboration = collaborationOf(world, target);
  requireDeveloper(world, caller, target, collaboration.user_ids);
  if (!collaboration.user_ids.includes(userId)) {
    if (isVariant(world, "silent-removals")) return {};
    refuseMissing(`collaborator of ${target.id}`, userId);
  }
  const user_ids = collaboration.user_ids.filter((one) => one !== userId);
  world.collaborations.set(target.id, { ...collaboration, user_ids });
  return {};
}

const collaborationOf = (world: World, { id, space_id }: Target): Collaboration =>
  world.collaborations.get(id) ?? { id, space_id, mode: "single", user_ids: [] };

/** Refuses apps of channels, and users who neither own the object nor are among the others; other apps need nothing. */
function requireDeveloper(
  world: World,
  caller: Token | undefined,
  { id, owner_id }: Target,
  others: readonly string[],
): void {
  if (caller?.kind === "channel") refuseForbidden("apps of channels cannot change who develops an object");
  const isApp = caller?.kind === "oauth" || caller?.kind === "service";
  const me = world.options.me.id;
  if (!isApp && me !== owner_id && !others.includes(me)) refuseForbidden(`${id} belongs to another user`);
}
