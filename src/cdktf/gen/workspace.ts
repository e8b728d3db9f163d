// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeResource, exposeResource } from "../runtime/constructs.ts";

/** Configuration of {@link Workspace}. */
export interface WorkspaceConfig extends TerraformMetaArguments {
  /** Name of the workspace, 1 to 50 characters. */
  readonly name: string;
  /** What the workspace is for, up to 2000 characters. It can't be emptied again. */
  readonly description: string;
  /** Image file of the icon. Coze takes it only when the workspace is made. */
  readonly icon?: string | undefined;
  /** Id of the organization (`coze_account_id`) that the workspace belongs to; enterprise plans only. */
  readonly organization?: string | undefined;
  /** User id of the owner, an employee of the organization; enterprise plans only. Otherwise the token's user. */
  readonly owner?: string | undefined;
}

export interface Workspace {
  /** Id that Coze gave it. */
  get id(): string;
  /** Name of the workspace, 1 to 50 characters. */
  get name(): string;
  set name(value: string);
  readonly nameInput: string | undefined;
  /** What the workspace is for, up to 2000 characters. It can't be emptied again. */
  get description(): string;
  set description(value: string);
  readonly descriptionInput: string | undefined;
  /** Image file of the icon. Coze takes it only when the workspace is made. */
  get icon(): string;
  set icon(value: string);
  resetIcon(): void;
  readonly iconInput: string | undefined;
  /** SHA-256 of the content of `icon`, worked out when planning. */
  get iconSha256(): string;
  /** Id of the organization (`coze_account_id`) that the workspace belongs to; enterprise plans only. */
  get organization(): string;
  set organization(value: string);
  resetOrganization(): void;
  readonly organizationInput: string | undefined;
  /** User id of the owner, an employee of the organization; enterprise plans only. Otherwise the token's user. */
  get owner(): string;
  set owner(value: string);
  resetOwner(): void;
  readonly ownerInput: string | undefined;
  /** `personal` for the account's own workspace, which can't be changed, otherwise `team`. */
  get type(): string;
}

/** A space that holds bots, datasets and workflows, and the people who work on them. */
export class Workspace extends CozeResource {
  static readonly tfResourceType = "coze_workspace";
  declare readonly terraformResourceType: "coze_workspace";

  constructor(scope: Construct, id: string, config: WorkspaceConfig) {
    super(scope, id, "coze_workspace", config);
  }
}

exposeResource(Workspace);
