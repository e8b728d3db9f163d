import type { CozeClient } from "../coze/client.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { defineKind } from "../kind/kind.ts";
import { listMembers } from "./members.ts";
import { holder, known } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/list_space_member */
export const user = defineKind<CozeClient, OperationName>()({
  name: "User",
  description: "A user of Coze, looked up by name among the members of a workspace.",
  parent: "in",
  identity: ["in", "name"],
  narrowedBy: ["unique_name"],
  unique: true,
  listing: { onlyForLookups: true },
  fields: {
    in: {
      type: "ref",
      kind: "Workspace",
      presence: "required",
      description: "The workspace that the user is a member of.",
    },
    name: {
      type: "string",
      presence: "required",
      minLength: 1,
      description: "Nickname or unique name of the user.",
    },
    unique_name: {
      type: "string",
      presence: "optional",
      description: "Unique name of the user; empty for users who never chose one.",
    },
  },

  async *list(api, parent, { once }) {
    const workspace = holder(parent);
    for await (const page of listMembers(api, workspace, once)) {
      yield page.flatMap(({ user_id: id, user_nickname: nickname, user_unique_name: unique }) => {
        const item = (name: string | null | undefined) => ({
          id,
          parent: workspace,
          live: known({ in: workspace, name, unique_name: unique }),
        });
        // People call a user by either name.
        return unique && unique !== nickname ? [item(unique), item(nickname)] : [item(nickname)];
      });
    }
  },
});
