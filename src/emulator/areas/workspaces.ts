import { refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { id, required, text } from "../http/params.ts";
import type { Member, Workspace } from "../world/entities.ts";
import type { World } from "../world/world.ts";
import { administeredWorkspace, iconFile, ownerOf, refuseUnsafe, roleOf, userExists } from "./visibility.ts";

/** list_workspace, create_workspace, update_workspace_info. */
export const workspaceOperations = [
  operation({
    name: "list_workspace",
    method: "GET",
    path: "/v1/workspaces",
    lists: { of: "workspaces" },
    permissions: ["listWorkspace"],
    query: { ...pageRules(50), enterprise_id: text(), user_id: id, coze_account_id: id },
    answer: ({ world, query }) => {
      const { items, total } = slicePage(listWorkspaces(world, query), query, 20);
      return {
        data: {
          workspaces: items.map((workspace) => showWorkspace(world, workspace)),
          total_count: total,
        },
      };
    },
  }),
  operation({
    name: "create_workspace",
    method: "POST",
    path: "/v1/workspaces",
    permissions: ["createWorkspace"],
    body: {
      name: required(text(1, 50)),
      description: required(text(0, 2000)),
      icon_file_id: id,
      coze_account_id: id,
      owner_uid: text(),
    },
    answer: ({ world, body }) => {
      refuseUnsafe(body.name, body.description);
      const keepIcon = iconFile(world, body.icon_file_id, "icon_file_id");
      const members = firstMembers(world, body.owner_uid);
      keepIcon();
      const workspace = world.addWorkspace({
        name: body.name,
        description: body.description,
        coze_account_id: body.coze_account_id ?? world.options.me.id,
        enterprise_id: body.coze_account_id ? world.options.enterpriseId : "",
        icon_file_id: body.icon_file_id,
        members,
      });
      return { data: { id: workspace.id } };
    },
  }),
  operation({
    name: "update_workspace_info",
    method: "PUT",
    path: "/v1/workspaces/:workspace_id",
    permissions: ["Workspace.update"],
    body: { name: text(0, 50), description: text(0, 2000) },
    answer: ({ world, path, body }) => {
      const workspace = administeredWorkspace(world, path.workspace_id);
      if (workspace.workspace_type === "personal") {
        refuseParameter("workspace_id", "is a personal workspace, which cannot be updated");
      }
      refuseUnsafe(body.name, body.description);
      // An empty value means "unchanged": neither can be cleared.
      workspace.name = body.name || workspace.name;
      workspace.description = body.description || workspace.description;
      return {};
    },
  }),
];

function listWorkspaces(
  world: World,
  query: { enterprise_id?: string; user_id?: string; coze_account_id?: string },
): Workspace[] {
  if (!query.user_id !== !query.coze_account_id) {
    refuseParameter("user_id", "and coze_account_id only work together");
  }
  const userId = query.user_id ?? world.options.me.id;
  return [...world.workspaces.values()].filter(
    (workspace) =>
      roleOf(workspace, userId) !== undefined &&
      world.reaches(workspace) &&
      (!query.enterprise_id || workspace.enterprise_id === query.enterprise_id) &&
      (!query.coze_account_id ||
        (workspace.workspace_type === "team" && workspace.coze_account_id === query.coze_account_id)),
  );
}

function firstMembers(world: World, ownerId: string | undefined): Member[] {
  const { me, plan } = world.options;
  if (!ownerId || ownerId === me.id || plan === "personal") {
    return [{ user_id: me.id, role_type: "owner" }];
  }
  if (!userExists(world, ownerId)) {
    refuseParameter("owner_uid", `${ownerId} is not a user of the organization`);
  }
  return [
    { user_id: ownerId, role_type: "owner" },
    { user_id: me.id, role_type: "admin" },
  ];
}

function showWorkspace(world: World, workspace: Workspace): object {
  return {
    id: workspace.id,
    name: workspace.name,
    icon_url: world.signUrl("FileBizType.BIZ_BOT_SPACE/team.png"),
    role_type: roleOf(workspace, world.options.me.id),
    owner_uid: ownerOf(workspace),
    admin_uids: workspace.members
      .filter((member) => member.role_type === "admin")
      .map((member) => member.user_id),
    enterprise_id: workspace.enterprise_id,
    workspace_type: workspace.workspace_type,
    joined_status: "joined",
    // The table has a description, the captured example has none: it may be missing.
    ...(workspace.description && { description: workspace.description }),
  };
}
