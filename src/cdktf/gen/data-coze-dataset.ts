// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeDataset}. */
export interface DataCozeDatasetConfig extends TerraformMetaArguments {
  /** Its id, instead of workspace and name. */
  readonly id?: string | undefined;
  /** The workspace that holds the dataset. */
  readonly workspace?: Reference<"coze_workspace"> | undefined;
  /** Name of the dataset, up to 100 characters. */
  readonly name?: string | undefined;
}

export interface DataCozeDataset {
  /** Its id, instead of workspace and name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** The workspace that holds the dataset. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  resetWorkspace(): void;
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Name of the dataset, up to 100 characters. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** What it holds: documents and web pages (`text`), or images. Tables can't be made through the API. */
  get format(): string;
  /** What the dataset is about. */
  get description(): string;
  /** Number of documents in the dataset. */
  get documentCount(): number;
  /** Number of bots that use the dataset. */
  get botCount(): number;
}

/** A knowledge base of documents or images that bots draw on. Looked up by `id`, or by workspace and name; it is an error if there is none or more than one. */
export class DataCozeDataset extends CozeDataSource {
  static readonly tfResourceType = "coze_dataset";
  declare readonly terraformResourceType: "coze_dataset";

  constructor(scope: Construct, id: string, config: DataCozeDatasetConfig = {}) {
    super(scope, id, "coze_dataset", config);
  }
}

exposeDataSource(DataCozeDataset);
