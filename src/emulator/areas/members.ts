import { codes, Refusal, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, list, object, required, text } from "../http/params.ts";
import { isPersonal } from "../world/plans.ts";
import type { World } from "../world/world.ts";
import type { Area } from "./area.ts";
import { isInOrganization } from "./organization-collection.ts";
import { leaveWorkspace } from "./ownership.ts";
import { personOf, userExists } from "./people.ts";
import { namesOf } from "./users.ts";
import {
  administeredWorkspace,
  joinedWorkspace,
  type Member,
  ownerOf,
  roleOf,
  type Workspace,
} from "./workspaces.ts";

/** list_space_member, add_space_member, remove_space_member. */
const memberOperations = [
  operation({
    name: "list_space_member",
    method: "GET",
    path: "/v1/workspaces/:workspace_id/members",
    lists: { of: "workspaces", within: true },
    permissions: ["readMember"],
    query: pageRules(50),
    answer: ({ world, path, query }) => {
      const { members } = joinedWorkspace(world, path.workspace_id);
      const { items, total } = slicePage(members, query, 20);
      return { data: { items: items.map((member) => showMember(world, member)), total_count: total } };
    },
  }),
  operation({
    name: "add_space_member",
    method: "POST",
    path: "/v1/workspaces/:workspace_id/members",
    permissions: ["addMember"],
    body: {
      users: required(
        list(object({ user_id: required(text(1)), role_type: required(choice("admin", "member")) }), 1, 20),
      ),
    },
    answer: ({ world, path, body }) => {
      const workspace = teamWorkspace(world, path.workspace_id);
      const sorted = body.users.map((user) => [bucketOf(world, workspace, user.user_id), user] as const);
      refuseCrowd(world, workspace, sorted.filter(([bucket]) => bucket === "added_success_user_ids").length);
      for (const [bucket, user] of sorted) {
        if (bucket === "added_success_user_ids") {
          addOnce(workspace.members, user);
        } else if (bucket === "invited_success_user_ids") {
          addOnce(workspace.invited, user);
        }
      }
      return {
        data: sortIntoBuckets(
          addBuckets,
          sorted.map(([bucket, user]) => [bucket, user.user_id]),
        ),
      };
    },
  }),
  operation({
    name: "remove_space_member",
    method: "DELETE",
    path: "/v1/workspaces/:workspace_id/members",
    permissions: ["removeMember"],
    body: { user_ids: required(list(text(1), 1, 5)) },
    answer: ({ world, path, body }) => {
      const workspace = teamWorkspace(world, path.workspace_id);
      const sorted = body.user_ids.map((userId) => [removeMember(world, workspace, userId), userId] as const);
      return { data: sortIntoBuckets(removeBuckets, sorted) };
    },
  }),
];

/** Members of workspaces. */
export const memberArea: Area = {
  operations: memberOperations,
};

const addBuckets = [
  "added_success_user_ids",
  "invited_success_user_ids",
  "already_joined_user_ids",
  "already_invited_user_ids",
  "not_exist_user_ids",
] as const;

const removeBuckets = [
  "removed_success_user_ids",
  "not_in_workspace_user_ids",
  "owner_not_support_remove_user_ids",
] as const;

function teamWorkspace(world: World, id: string): Workspace {
  const workspace = administeredWorkspace(world, id);
  return workspace.workspace_type === "team"
    ? workspace
    : refuseParameter("workspace_id", "is a personal workspace, which has no other members");
}

function bucketOf(world: World, workspace: Workspace, userId: string): (typeof addBuckets)[number] {
  if (!userExists(world, userId)) return "not_exist_user_ids";
  if (roleOf(workspace, userId)) return "already_joined_user_ids";
  if (isPersonal(world)) {
    const invited = workspace.invited.some((user) => user.user_id === userId);
    return invited ? "already_invited_user_ids" : "invited_success_user_ids";
  }
  if (!personOf(world, userId) || !isInOrganization(world, workspace.coze_account_id, userId)) {
    throw new Refusal(codes.notInEnterprise, `The user ${userId} has not joined the enterprise`);
  }
  return "added_success_user_ids";
}

function refuseCrowd(world: World, workspace: Workspace, arrivals: number): void {
  if (workspace.members.length + arrivals > world.options.memberLimit) {
    throw new Refusal(codes.memberLimit, "The workspace has reached its member limit");
  }
}

// A user named twice in a call joins once.
function addOnce(members: Member[], user: Member): void {
  if (!members.some((member) => member.user_id === user.user_id)) members.push(user);
}

function removeMember(world: World, workspace: Workspace, userId: string): (typeof removeBuckets)[number] {
  const role = roleOf(workspace, userId);
  if (!role) return "not_in_workspace_user_ids";
  if (role === "owner") return "owner_not_support_remove_user_ids";
  leaveWorkspace(world, workspace, userId, ownerOf(workspace));
  return "removed_success_user_ids";
}

function sortIntoBuckets<B extends string>(
  buckets: readonly B[],
  sorted: readonly (readonly [B, string])[],
): Record<string, string[]> {
  return Object.fromEntries(
    buckets.map((bucket) => [
      bucket,
      sorted.filter(([found]) => found === bucket).map(([, userId]) => userId),
    ]),
  );
}

function showMember(world: World, member: Member): object {
  const { nickname, unique_name } = namesOf(world, member.user_id);
  return {
    user_id: member.user_id,
    role_type: member.role_type,
    user_nickname: nickname,
    user_unique_name: unique_name,
    avatar_url: world.signUrl(`user-avatar/${member.user_id}.jpg`),
  };
}
