import { type ApiResponse, creating, reading, type Send, type Shown, setting } from "../http/operation.ts";
import { type PageListing, readPages } from "../http/pagination.ts";
import { asId, dataOf } from "../http/response.ts";

/** A member in the list (https://docs.coze.cn/developer_guides/list_space_member). */
export interface MemberItem extends Shown<{ role_type: string; user_nickname: string }> {
  readonly user_id: string;
}

/** What became of the users of one call: each is in one of these, unless the answer forgets it. */
export interface AddedMembers {
  readonly added: readonly string[];
  readonly invited: readonly string[];
  readonly alreadyJoined: readonly string[];
  readonly alreadyInvited: readonly string[];
  readonly notExisting: readonly string[];
}

/** What became of the users of one call. */
export interface RemovedMembers {
  readonly removed: readonly string[];
  readonly notMembers: readonly string[];
  readonly owners: readonly string[];
}

const path = "/v1/workspaces/:workspace_id/members";
const list = reading("list_space_member", "GET", path, { permission: "readMember" });
const add = creating("add_space_member", "POST", path, { permission: "addMember" });
const remove = setting("remove_space_member", "DELETE", path, { permission: "removeMember" });
const listing: PageListing = { size: 50, items: "items", id: "user_id", total: "total_count" };

/** Members of a workspace. */
export function createMemberCalls(send: Send) {
  return {
    list: (workspaceId: string) =>
      readPages<MemberItem>(listing, ({ page, size }) =>
        send(list, { path: { workspace_id: workspaceId }, query: { page_num: page, page_size: size } }),
      ),
    /** Adds or, on personal plans, invites up to 20 users (https://docs.coze.cn/developer_guides/add_space_member). */
    async add(
      workspaceId: string,
      users: readonly { readonly user_id: string; readonly role_type: string }[],
    ): Promise<AddedMembers> {
      const answer = await send(add, { path: { workspace_id: workspaceId }, body: { users } });
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
      const answer = await send(remove, { path: { workspace_id: workspaceId }, body: { user_ids: userIds } });
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
