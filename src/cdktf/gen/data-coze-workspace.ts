// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeWorkspace}. */
export interface DataCozeWorkspaceConfig extends TerraformMetaArguments {
  /** Its id, instead of name. */
  readonly id?: string | undefined;
  /** Name of the workspace, 1 to 50 characters. */
  readonly name?: string | undefined;
}

export interface DataCozeWorkspace {
  /** Its id, instead of name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** Name of the workspace, 1 to 50 characters. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** What the workspace is for, up to 2000 characters. It can't be emptied again. */
  get description(): string;
  /** User id of the owner, an employee of the organization; enterprise plans only. Otherwise the token's user. */
  get owner(): string;
  /** `personal` for the account's own workspace, which can't be changed, otherwise `team`. */
  get type(): string;
}

/** A space that holds bots, datasets and workflows, and the people who work on them. Looked up by `id`, or by name; it is an error if there is none or more than one. */
export class DataCozeWorkspace extends CozeDataSource {
  static readonly tfResourceType = "coze_workspace";
  declare readonly terraformResourceType: "coze_workspace";

  constructor(scope: Construct, id: string, config: DataCozeWorkspaceConfig = {}) {
    super(scope, id, "coze_workspace", config);
  }
}

exposeDataSource(DataCozeWorkspace);
