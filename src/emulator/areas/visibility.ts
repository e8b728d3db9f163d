import { codes, Refusal, refuseForbidden, refuseMissing, refuseParameter } from "../http/envelope.ts";
import type { Bot, Dataset, StoredFile, Workflow, Workspace } from "../world/entities.ts";
import type { World } from "../world/world.ts";

/** An object by id, or a refusal with 4200. */
export function findIn<T>(from: Map<string, T>, what: string, id: string): T {
  return from.get(id) ?? refuseMissing(what, id);
}

/** A workspace the token's user has joined; others answer 4101, as a deleted one may too. */
export function joinedWorkspace(world: World, id: string): Workspace {
  const workspace = findIn(world.workspaces, "workspace", id);
  if (!mayEnter(world, workspace)) {
    refuseForbidden(`workspace ${id}`);
  }
  return workspace;
}

/** Whether the token and its user get into a workspace. */
export function mayEnter(world: World, workspace: Workspace): boolean {
  return roleOf(workspace, world.options.me.id) !== undefined && world.reaches(workspace);
}

/** A workspace the token's user may administer. */
export function administeredWorkspace(world: World, id: string): Workspace {
  const workspace = joinedWorkspace(world, id);
  if (roleOf(workspace, world.options.me.id) === "member") {
    refuseForbidden(`administering workspace ${id} takes its owner or an admin`);
  }
  return workspace;
}

/** The role of a user in a workspace, if joined. */
export function roleOf(workspace: Workspace, userId: string): "owner" | "admin" | "member" | undefined {
  return workspace.members.find((member) => member.user_id === userId)?.role_type;
}

/** The owner's user id. */
export function ownerOf(workspace: Workspace): string {
  return workspace.members.find((member) => member.role_type === "owner")?.user_id ?? "";
}

/** A bot in a workspace of the token's user. */
export function visibleBot(world: World, id: string): Bot {
  const bot = findIn(world.bots, "bot", id);
  joinedWorkspace(world, bot.space_id);
  return bot;
}

/** A workflow in a workspace of the token's user. */
export function visibleWorkflow(world: World, id: string): Workflow {
  const workflow = findIn(world.workflows, "workflow", id);
  joinedWorkspace(world, workflow.space_id);
  return workflow;
}

/** A Coze dataset in a workspace of the token's user; Volcano ones cannot be reached by id. */
export function visibleDataset(world: World, id: string): Dataset {
  const dataset = findIn(world.datasets, "dataset", id);
  if (dataset.dataset_type === "volcano") {
    refuseParameter("dataset_id", `${id} is a Volcano knowledge base, which this API does not support`);
  }
  joinedWorkspace(world, dataset.space_id);
  return dataset;
}

/** A dataset the token's user owns: only owners change it or its documents (update_dataset, create_knowledge_files). */
export function ownedDataset(world: World, id: string): Dataset {
  const dataset = visibleDataset(world, id);
  if (world.options.ownerOnly && dataset.owner_id !== world.options.me.id) {
    refuseForbidden(`dataset ${id} belongs to another user`);
  }
  return dataset;
}

/** An uploaded file that has not expired. */
export function liveFile(world: World, id: string): StoredFile | undefined {
  const file = world.files.get(id);
  return file && (file.used_as_icon || file.expires_at_ms > world.now()) ? file : undefined;
}

/** Checks a file that is to be an icon; given with the function that keeps it for good. */
export function iconFile(world: World, id: string | undefined, field: string): () => void {
  if (id === undefined) {
    return () => {};
  }
  const file = liveFile(world, id) ?? refuseParameter(field, `${id} does not exist or has expired`);
  return () => {
    file.used_as_icon = true;
  };
}

/** Refuses with 4014 what content safety objects to. */
export function refuseUnsafe(...texts: readonly (string | undefined)[]): void {
  if (texts.some((text) => text?.includes("违禁"))) {
    throw new Refusal(codes.unsafeContent, "The content does not meet the content safety rules");
  }
}

/** Whether a user exists on Coze at all. */
export function userExists(world: World, id: string): boolean {
  const { users, outsiders, me } = world.options;
  return id === me.id || outsiders.includes(id) || (users === "any" ? /^\d+$/.test(id) : users.includes(id));
}
