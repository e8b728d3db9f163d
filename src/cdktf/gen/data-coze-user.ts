// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeUser}. */
export interface DataCozeUserConfig extends TerraformMetaArguments {
  /** The workspace that the user is a member of. */
  readonly in: Reference<"coze_workspace">;
  /** Nickname or unique name of the user. */
  readonly name: string;
  /** Unique name of the user; empty for users who never chose one. */
  readonly uniqueName?: string | undefined;
}

export interface DataCozeUser {
  /** Its id. */
  get id(): string;
  /** The workspace that the user is a member of. */
  get in(): string;
  set in(value: Reference<"coze_workspace">);
  readonly inInput: Reference<"coze_workspace"> | undefined;
  /** Nickname or unique name of the user. */
  get name(): string;
  set name(value: string);
  readonly nameInput: string | undefined;
  /** Unique name of the user; empty for users who never chose one. */
  get uniqueName(): string;
  set uniqueName(value: string);
  resetUniqueName(): void;
  readonly uniqueNameInput: string | undefined;
}

/** A user of Coze, looked up by name among the members of a workspace. Looked up by in and name; it is an error if there is none or more than one. */
export class DataCozeUser extends CozeDataSource {
  static readonly tfResourceType = "coze_user";
  declare readonly terraformResourceType: "coze_user";

  constructor(scope: Construct, id: string, config: DataCozeUserConfig) {
    super(scope, id, "coze_user", config);
  }
}

exposeDataSource(DataCozeUser);
