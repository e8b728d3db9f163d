// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeFolder}. */
export interface DataCozeFolderConfig extends TerraformMetaArguments {
  /** Its id, instead of workspace and path. */
  readonly id?: string | undefined;
  /** The workspace that holds the folder. */
  readonly workspace?: Reference<"coze_workspace"> | undefined;
  /** Its name after those of the folders around it: `客服/售后`. */
  readonly path?: string | undefined;
}

export interface DataCozeFolder {
  /** Its id, instead of workspace and path. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** The workspace that holds the folder. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  resetWorkspace(): void;
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Its name after those of the folders around it: `客服/售后`. */
  get path(): string;
  set path(value: string);
  resetPath(): void;
  readonly pathInput: string | undefined;
  /** What the folder is for. */
  get description(): string;
}

/** A folder of bots and apps in a workspace, looked up by its path: the API can only read folders. Looked up by `id`, or by workspace and path; it is an error if there is none or more than one. */
export class DataCozeFolder extends CozeDataSource {
  static readonly tfResourceType = "coze_folder";
  declare readonly terraformResourceType: "coze_folder";

  constructor(scope: Construct, id: string, config: DataCozeFolderConfig = {}) {
    super(scope, id, "coze_folder", config);
  }
}

exposeDataSource(DataCozeFolder);
