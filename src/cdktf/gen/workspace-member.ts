// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeResource, exposeResource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link WorkspaceMember}. */
export interface WorkspaceMemberConfig extends TerraformMetaArguments {
  /** The workspace to be a member of. */
  readonly workspace: Reference<"coze_workspace">;
  /** Coze user id (UID), shown at the foot of the account's settings page. On enterprise plans the user must be in the enterprise. */
  readonly userId: string;
  /** Role in the workspace. Coze can't change a role: the member is removed, which moves what they own to the workspace owner, and added again. */
  readonly role: "admin" | "member" | (string & {});
}

export interface WorkspaceMember {
  /** Id that Coze gave it. */
  get id(): string;
  /** The workspace to be a member of. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Coze user id (UID), shown at the foot of the account's settings page. On enterprise plans the user must be in the enterprise. */
  get userId(): string;
  set userId(value: string);
  readonly userIdInput: string | undefined;
  /** Role in the workspace. Coze can't change a role: the member is removed, which moves what they own to the workspace owner, and added again. */
  get role(): string;
  set role(value: "admin" | "member" | (string & {}));
  readonly roleInput: "admin" | "member" | (string & {}) | undefined;
  /** The user's nickname in Coze. */
  get nickname(): string;
}

/** A user's membership of a workspace. */
export class WorkspaceMember extends CozeResource {
  static readonly tfResourceType = "coze_workspace_member";
  declare readonly terraformResourceType: "coze_workspace_member";

  constructor(scope: Construct, id: string, config: WorkspaceMemberConfig) {
    super(scope, id, "coze_workspace_member", config);
  }
}

exposeResource(WorkspaceMember);
