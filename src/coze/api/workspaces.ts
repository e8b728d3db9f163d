import { type ApiResponse, creating, reading, type Send, type Shown, setting } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { asId, dataOf, idIn } from "../http/response.ts";

/** A workspace in the list (https://docs.coze.cn/developer_guides/list_workspace). */
export interface WorkspaceItem
  extends Shown<{
    name: string;
    description: string;
    owner_uid: string | number;
    role_type: string;
    workspace_type: string;
  }> {
  readonly id: string;
}

/** https://docs.coze.cn/developer_guides/create_workspace */
export interface WorkspaceCreation {
  readonly name: string;
  readonly description: string;
  readonly icon_file_id?: string | undefined;
  readonly coze_account_id?: string | undefined;
  readonly owner_uid?: string | undefined;
}

const list = reading("list_workspace", "GET", "/v1/workspaces", { permissions: ["listWorkspace"] });
const create = creating("create_workspace", "POST", "/v1/workspaces", { permissions: ["createWorkspace"] });
const update = setting("update_workspace_info", "PUT", "/v1/workspaces/:workspace_id", {
  permissions: ["Workspace.update"],
});
const listing: PageListing = { size: 50, items: "workspaces", id: "id", total: "total_count" };

/** Workspaces that the token's user has joined. */
export function createWorkspaceCalls(send: Send) {
  return {
    list: () =>
      readPages<WorkspaceItem>(listing, ({ page, size }) =>
        send(list, { query: { page_num: page, page_size: size } }),
      ),
    /** Returns the new workspace's id. */
    create: async (body: WorkspaceCreation): Promise<string> => idIn(await send(create, { body }), "id"),
    /** Empty and absent fields stay as they are (https://docs.coze.cn/developer_guides/update_workspace_info). */
    async update(
      id: string,
      body: { readonly name?: string | undefined; readonly description?: string | undefined },
    ): Promise<void> {
      await send(update, { path: { workspace_id: id }, body });
    },
  };
}

/** A member in the list (https://docs.coze.cn/developer_guides/list_space_member). */
export interface MemberItem
  extends Shown<{ role_type: string; user_nickname: string; user_unique_name: string }> {
  readonly user_id: string;
}

/** The results of one call: each user is in one of the lists, unless the answer lacks it. */
export interface AddedMembers {
  readonly added: readonly string[];
  readonly invited: readonly string[];
  readonly alreadyJoined: readonly string[];
  readonly alreadyInvited: readonly string[];
  readonly notExisting: readonly string[];
}

/** The results of one call. */
export interface RemovedMembers {
  readonly removed: readonly string[];
  readonly notMembers: readonly string[];
  readonly owners: readonly string[];
}

const membersPath = "/v1/workspaces/:workspace_id/members";
const listMembers = reading("list_space_member", "GET", membersPath, { permissions: ["readMember"] });
const addMembers = creating("add_space_member", "POST", membersPath, { permissions: ["addMember"] });
const removeMembers = setting("remove_space_member", "DELETE", membersPath, {
  permissions: ["removeMember"],
});
const memberListing: PageListing = { size: 50, items: "items", id: "user_id", total: "total_count" };

/** Members of a workspace. */
export function createMemberCalls(send: Send) {
  return {
    list: (workspaceId: string) =>
      readPages<MemberItem>(memberListing, ({ page, size }) =>
        send(listMembers, {
          path: { workspace_id: workspaceId },
          query: { page_num: page, page_size: size },
        }),
      ),
    /** Adds or, on personal plans, invites up to 20 users (https://docs.coze.cn/developer_guides/add_space_member). */
    async add(
      workspaceId: string,
      users: readonly { readonly user_id: string; readonly role_type: string }[],
    ): Promise<AddedMembers> {
      const answer = await send(addMembers, { path: { workspace_id: workspaceId }, body: { users } });
      return {
        added: idsIn(answer, "added_success_user_ids"),
        invited: idsIn(answer, "invited_success_user_ids"),
        alreadyJoined: idsIn(answer, "already_joined_user_ids"),
        alreadyInvited: idsIn(answer, "already_invited_user_ids"),
        notExisting: idsIn(answer, "not_exist_user_ids"),
      };
    },
    /** Removes up to 5 users (https://docs.coze.cn/developer_guides/remove_space_member). */
    async remove(workspaceId: string, userIds: readonly string[]): Promise<RemovedMembers> {
      const answer = await send(removeMembers, {
        path: { workspace_id: workspaceId },
        body: { user_ids: userIds },
      });
      return {
        removed: idsIn(answer, "removed_success_user_ids"),
        // The table of the reference has the first name, its example the second.
        notMembers: [
          ...idsIn(answer, "not_in_workspace_user_ids"),
          ...idsIn(answer, "not_in_space_user_ids"),
        ],
        owners: idsIn(answer, "owner_not_support_remove_user_ids"),
      };
    },
  };
}

function idsIn(answer: ApiResponse, bucket: string): readonly string[] {
  const ids = dataOf<Record<string, unknown>>(answer)[bucket];
  return Array.isArray(ids) ? ids.flatMap((id) => asId(id) ?? []) : [];
}
