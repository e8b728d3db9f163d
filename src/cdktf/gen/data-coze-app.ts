// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeApp}. */
export interface DataCozeAppConfig extends TerraformMetaArguments {
  /** Its id, instead of workspace and name. */
  readonly id?: string | undefined;
  /** The workspace that holds the app. */
  readonly workspace?: Reference<"coze_workspace"> | undefined;
  /** Name of the app. */
  readonly name?: string | undefined;
}

export interface DataCozeApp {
  /** Its id, instead of workspace and name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** The workspace that holds the app. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  resetWorkspace(): void;
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Name of the app. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** What the app does. */
  get description(): string;
}

/** An app, made in Coze itself or by a Copy: the API can only look it up. Looked up by `id`, or by workspace and name; it is an error if there is none or more than one. */
export class DataCozeApp extends CozeDataSource {
  static readonly tfResourceType = "coze_app";
  declare readonly terraformResourceType: "coze_app";

  constructor(scope: Construct, id: string, config: DataCozeAppConfig = {}) {
    super(scope, id, "coze_app", config);
  }
}

exposeDataSource(DataCozeApp);
