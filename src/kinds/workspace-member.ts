import { ExplainedError } from "../core/explained-error.ts";
import type { AddedMembers, RemovedMembers } from "../coze/api/workspaces.ts";
import type { CozeClient } from "../coze/client.ts";
import { BadRequest, CozeError, UnexpectedAnswer } from "../coze/error-classes.ts";
import type { OperationName } from "../coze/http/operation.ts";
import { type BatchOutcome, type Created, defineKind } from "../kind/kind.ts";
import type { Effect } from "../kind/schema.ts";
import { explain, say } from "../messages/text.ts";
import { listMembers } from "./members.ts";
import { holder, known } from "./response-values.ts";

const transferOwnership = (): Effect => ({
  text: say("kinds/transfers-ownership"),
  needs: "allow-ownership-transfer",
});

/** https://docs.coze.cn/developer_guides/add_space_member */
export const workspaceMember = defineKind<CozeClient, OperationName>()({
  name: "WorkspaceMember",
  description: "A user's membership of a workspace.",
  parent: "workspace",
  identity: ["workspace", "user_id"],
  title: "nickname",
  unique: true,
  recognizedBy: ["user_id"],
  removal: "delete",
  replacement: "remove-first",
  operations: {
    create: "add_space_member",
    remove: "remove_space_member",
  },
  fields: {
    workspace: {
      type: "ref",
      kind: "Workspace",
      presence: "required",
      immutable: true,
      description: "The workspace to be a member of.",
    },
    user_id: {
      type: "string",
      presence: "required",
      immutable: true,
      pattern: "^[0-9]{1,64}$",
      patternHint: () => say("kinds/user-id"),
      lookup: "User",
      description:
        "Coze user id (UID), shown at the foot of the account's settings page. On enterprise plans the user must be in the enterprise.",
    },
    role: {
      type: "enum",
      values: ["admin", "member"],
      presence: "required",
      immutable: true,
      description:
        "Role in the workspace. Coze can't change a role: the member is removed, which moves what they own to the workspace owner, and added again.",
    },
    nickname: { type: "string", presence: "computed", description: "The user's nickname in Coze." },
  },

  async *list(api, parent, { once }) {
    const workspace = holder(parent);
    for await (const page of listMembers(api, workspace, once)) {
      yield page.map((item) => ({
        id: item.user_id,
        parent: workspace,
        live: known({
          workspace,
          user_id: item.user_id,
          // The owner has a role that no manifest can want.
          role: item.role_type as "admin" | "member" | undefined,
          nickname: item.user_nickname,
        }),
      }));
    }
  },

  createMany: {
    limit: 20,
    concernsOne: mayConcernOne,
    run: addMembers,
  },

  removeMany: {
    limit: 5,
    async run(api, places) {
      const [first] = places;
      if (!first) return [];
      const result = await api.members.remove(
        holder(first.parent),
        places.map(({ id }) => id),
      );
      return places.map(({ id }) => describeRemoved(result, id));
    },
  },

  failureFields: {
    702042162: "user_id",
    702042018: "workspace",
    workspace_id: "workspace",
    user_ids: "user_id",
    users: "user_id",
    role_type: "role",
  },

  // The reference of removing members lists owners apart, and no call gives the role.
  unmanageable({ role, user_id: user = "" }) {
    return isOwner(role) ? explain("kinds/member-owner", { user }) : undefined;
  },

  effects: (action) => (action === "remove" || action === "replace" ? [transferOwnership()] : []),
});

const isOwner = (role: string | undefined): boolean => role === "owner";

interface Membership {
  readonly workspace: string;
  readonly user_id: string;
  readonly role: "admin" | "member";
}

async function addMembers(
  api: CozeClient,
  specs: readonly Membership[],
): Promise<readonly BatchOutcome<Created>[]> {
  const workspace = specs[0]?.workspace ?? "";
  const users = specs.map(({ user_id, role }) => ({ user_id, role_type: role }));
  const result = await api.members.add(workspace, users);
  // A user who was a member already may have the wanted role, which is no error.
  const roles = result.alreadyJoined.length > 0 ? await readRoles(api, workspace) : new Map<string, string>();
  return specs.map(({ user_id, role }) => describeAdded(result, user_id, role, roles));
}

/**
 * Whether a single user may be the reason that a call was refused: a user outside the enterprise, or one whose
 * settings forbid joining, makes Coze refuse all of them without naming that user. 4000 and a full workspace concern
 * all of them.
 */
function mayConcernOne(error: unknown): boolean {
  if (!(error instanceof BadRequest) || error.code === undefined) return false;
  return error.code !== 4000 && error.code !== 702042018;
}

async function readRoles(api: CozeClient, workspaceId: string): Promise<ReadonlyMap<string, string>> {
  const roles = new Map<string, string>();
  try {
    for await (const page of api.members.list(workspaceId)) {
      for (const item of page) roles.set(item.user_id, item.role_type ?? "");
    }
  } catch (error) {
    // The call before this one may have added other users, whose outcomes must be reported.
    if (!(error instanceof CozeError)) throw error;
  }
  return roles;
}

function describeAdded(
  result: AddedMembers,
  user: string,
  role: string,
  roles: ReadonlyMap<string, string>,
): BatchOutcome<Created> {
  if (result.added.includes(user)) return { value: { id: user } };
  if (result.invited.includes(user) || result.alreadyInvited.includes(user)) {
    return { value: { id: user, pending: say("kinds/member-invited", { user }) } };
  }
  if (result.alreadyJoined.includes(user)) {
    const present = roles.get(user);
    if (present === role) return { value: { id: user } };
    if (isOwner(present)) return { error: new ExplainedError(explain("kinds/member-owner", { user })) };
    const problem = explain("kinds/member-role", { user, role: present ?? "", wanted: role });
    const unread = { ...problem, message: say("kinds/member-role-unread", { user }) };
    return { error: new ExplainedError(present === undefined ? unread : problem) };
  }
  if (result.notExisting.includes(user)) {
    return { error: new ExplainedError(explain("kinds/member-unknown", { user })) };
  }
  return { error: forgotten("add_space_member", user) };
}

function describeRemoved(result: RemovedMembers, user: string): BatchOutcome<void> {
  if (result.removed.includes(user) || result.notMembers.includes(user)) return { value: undefined };
  if (result.owners.includes(user)) {
    return { error: new ExplainedError(explain("kinds/member-is-owner", { user })) };
  }
  return { error: forgotten("remove_space_member", user) };
}

function forgotten(operation: string, user: string): UnexpectedAnswer {
  const { message, hint } = explain("kinds/member-unmentioned", { user });
  return new UnexpectedAnswer(message, { operation, outcome: "unknown", hint });
}
