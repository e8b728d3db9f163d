import { codes, Refusal, refuseForbidden, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { pageRules, slicePage } from "../http/paging.ts";
import { choice, id, list, object, required, text } from "../http/params.ts";
import { isPersonal } from "../world/plans.ts";
import type { Seen } from "../world/tracked-collection.ts";
import type { World } from "../world/world.ts";
import {
  type Area,
  addItem,
  anyText,
  described,
  type FieldsOf,
  findIn,
  lookIn,
  stored,
  takeItem,
} from "./area.ts";
import { iconFile } from "./files.ts";
import { userExists } from "./people.ts";

/** A user in a workspace. */
export interface Member {
  user_id: string;
  role_type: "owner" | "admin" | "member";
}

/** A workspace with its members; invited users wait here until they accept. */
export interface Workspace {
  id: string;
  name: string;
  description: string;
  workspace_type: "personal" | "team";
  enterprise_id: string;
  coze_account_id: string;
  icon_file_id?: string | undefined;
  members: Member[];
  invited: Member[];
}

/** A workspace that is only looked at. */
export type SeenWorkspace = Seen<Workspace>;

declare module "../world/world.ts" {
  interface World {
    readonly workspaces: Map<string, Workspace>;
    addWorkspace(given: Partial<Workspace>): Workspace;
    /** The workspace that every account has from the start. */
    personalWorkspace(): Workspace;
    /** Lets an invited user join. */
    acceptInvitation(workspaceId: string, userId: string): void;
  }
}

const member = object({
  user_id: stored.text,
  role_type: required(choice("owner", "admin", "member")),
} satisfies FieldsOf<Member>);

const workspaceFields = {
  ...described,
  workspace_type: required(choice("personal", "team")),
  enterprise_id: stored.text,
  coze_account_id: stored.text,
  icon_file_id: anyText,
  members: required(list(member)),
  invited: required(list(member)),
} as const satisfies FieldsOf<Workspace>;

/** list_workspace, create_workspace, update_workspace_info. */
const workspaceOperations = [
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

/** Workspaces. */
export const workspaceArea: Area = {
  operations: workspaceOperations,
  collections: { workspaces: { fields: workspaceFields } },
  methods: (world) => ({
    addWorkspace: (given) => {
      const owner: Member = { user_id: world.options.me.id, role_type: "owner" };
      return addItem(world.workspaces, {
        id: world.newId(),
        name: "workspace",
        description: "",
        workspace_type: "team",
        enterprise_id: "",
        coze_account_id: "",
        members: [owner],
        invited: [],
        ...given,
      });
    },
    personalWorkspace: () => findPersonal(world),
    acceptInvitation: (workspaceId, userId) =>
      acceptInvitation(takeItem(world.workspaces, workspaceId), userId),
  }),
};

function findPersonal(world: World): Workspace {
  for (const workspace of world.workspaces.values()) {
    if (workspace.workspace_type === "personal") return workspace;
  }
  throw new Error("This world has no personal workspace");
}

function acceptInvitation(workspace: Workspace, userId: string): void {
  const invitation = workspace.invited.find((user) => user.user_id === userId);
  if (!invitation) throw new Error(`User ${userId} is not invited to workspace ${workspace.id}`);
  workspace.invited = workspace.invited.filter((user) => user !== invitation);
  workspace.members.push(invitation);
}

function listWorkspaces(
  world: World,
  query: {
    enterprise_id?: string | undefined;
    user_id?: string | undefined;
    coze_account_id?: string | undefined;
  },
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
  const { me } = world.options;
  if (!ownerId || ownerId === me.id || isPersonal(world)) return [{ user_id: me.id, role_type: "owner" }];
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
    description: workspace.description || undefined,
  };
}

/** A workspace that the token's user has joined; refuses others with 4101. It is only looked at: it may have many members. */
export function joinedWorkspace(world: World, id: string): SeenWorkspace {
  const workspace = lookIn(world.workspaces, "workspace", id);
  if (!mayEnter(world, workspace)) refuseForbidden(`workspace ${id}`);
  return workspace;
}

/** Whether the token and its user have access to a workspace. */
export function mayEnter(world: World, workspace: SeenWorkspace): boolean {
  return roleOf(workspace, world.options.me.id) !== undefined && world.reaches(workspace);
}

/** A workspace the token's user may administer. */
export function administeredWorkspace(world: World, id: string): Workspace {
  const workspace = joinedWorkspace(world, id);
  if (roleOf(workspace, world.options.me.id) === "member") {
    refuseForbidden(`administering workspace ${id} takes its owner or an admin`);
  }
  return findIn(world.workspaces, "workspace", id);
}

/** The role of a user in a workspace, if joined. */
export function roleOf(workspace: SeenWorkspace, userId: string): "owner" | "admin" | "member" | undefined {
  return workspace.members.find((member) => member.user_id === userId)?.role_type;
}

/** The owner's user id. */
export function ownerOf(workspace: SeenWorkspace): string {
  return workspace.members.find((member) => member.role_type === "owner")?.user_id ?? "";
}

/** Refuses texts that violate content safety, with 4014. */
function refuseUnsafe(...texts: readonly (string | undefined)[]): void {
  if (texts.some((text) => text?.includes("违禁"))) {
    throw new Refusal(codes.unsafeContent, "The content does not meet the content safety rules");
  }
}
