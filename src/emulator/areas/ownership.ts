import type { World } from "../world/world.ts";
import { roleOf, type Workspace } from "./workspaces.ts";

/**
 * Takes a member out of a workspace. Their objects go to the receiver, permanently (remove_space_member), a workspace that
 * they own as well (remove_organization_member), and they collaborate on nothing in it any more.
 */
export function leaveWorkspace(world: World, workspace: Workspace, userId: string, receiverId: string): void {
  const isOwner = roleOf(workspace, userId) === "owner";
  const others = workspace.members.filter(({ user_id }) => user_id !== userId);
  workspace.members = isOwner
    ? [{ user_id: receiverId, role_type: "owner" }, ...others.filter(({ user_id }) => user_id !== receiverId)]
    : others;
  handOver(world, workspace, userId, receiverId);
  for (const { id, space_id, user_ids, mode } of world.collaborations.values()) {
    if (space_id !== workspace.id || !user_ids.includes(userId)) continue;
    const others = user_ids.filter((one) => one !== userId);
    world.collaborations.set(id, { id, space_id, mode, user_ids: others });
  }
}

/** A user's items, taken by id so that the world notes the change of these and no others. */
const takeOwned = <T extends { readonly id: string; readonly space_id: string }>(
  from: ReadonlyMap<string, T>,
  spaceId: string,
  isTheirs: (item: T) => boolean,
): T[] =>
  [...from.values()].filter((item) => item.space_id === spaceId && isTheirs(item) && from.get(item.id));

function handOver(world: World, { id }: Workspace, userId: string, receiverId: string): void {
  const isOwned = (item: { readonly owner_user_id: string }) => item.owner_user_id === userId;
  for (const bot of takeOwned(world.bots, id, isOwned)) bot.owner_user_id = receiverId;
  for (const app of takeOwned(world.apps, id, isOwned)) app.owner_user_id = receiverId;
  for (const dataset of takeOwned(world.datasets, id, ({ owner_id }) => owner_id === userId)) {
    dataset.owner_id = receiverId;
  }
  for (const workflow of takeOwned(world.workflows, id, ({ creator_id }) => creator_id === userId)) {
    workflow.creator_id = receiverId;
  }
}

/** Gives what a user made in an app to the app's owner (remove_app_collaborator). Plugins have no owner here. */
export function handOverInApp(world: World, appId: string, userId: string, receiverId: string): void {
  for (const workflow of world.workflows.values()) {
    if (workflow.app_id !== appId || workflow.creator_id !== userId) continue;
    world.workflows.set(workflow.id, { ...workflow, creator_id: receiverId });
  }
}
