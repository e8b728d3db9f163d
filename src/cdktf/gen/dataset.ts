// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeResource, exposeResource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link Dataset}. */
export interface DatasetConfig extends TerraformMetaArguments {
  /** The workspace that holds the dataset. */
  readonly workspace: Reference<"coze_workspace">;
  /** Name of the dataset, up to 100 characters. */
  readonly name: string;
  /** What it holds: documents and web pages (`text`), or images. Tables can't be made through the API. */
  readonly format: "text" | "image" | (string & {});
  /** What the dataset is about. */
  readonly description?: string | undefined;
  /** Image file of the icon. Coze never returns it, and resets an icon that isn't given here with every other change. */
  readonly icon?: string | undefined;
}

export interface Dataset {
  /** Id that Coze gave it. */
  get id(): string;
  /** The workspace that holds the dataset. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Name of the dataset, up to 100 characters. */
  get name(): string;
  set name(value: string);
  readonly nameInput: string | undefined;
  /** What it holds: documents and web pages (`text`), or images. Tables can't be made through the API. */
  get format(): string;
  set format(value: "text" | "image" | (string & {}));
  readonly formatInput: "text" | "image" | (string & {}) | undefined;
  /** What the dataset is about. */
  get description(): string;
  set description(value: string);
  resetDescription(): void;
  readonly descriptionInput: string | undefined;
  /** Image file of the icon. Coze never returns it, and resets an icon that isn't given here with every other change. */
  get icon(): string;
  set icon(value: string);
  resetIcon(): void;
  readonly iconInput: string | undefined;
  /** SHA-256 of the content of `icon`, worked out when planning. */
  get iconSha256(): string;
  /** Number of documents in the dataset. As of the last apply that made or changed this resource; the data source has the present one. */
  get documentCount(): number;
  /** Number of bots that use the dataset. As of the last apply that made or changed this resource; the data source has the present one. */
  get botCount(): number;
}

/** A knowledge base of documents or images that bots draw on. */
export class Dataset extends CozeResource {
  static readonly tfResourceType = "coze_dataset";
  declare readonly terraformResourceType: "coze_dataset";

  constructor(scope: Construct, id: string, config: DatasetConfig) {
    super(scope, id, "coze_dataset", config);
  }
}

exposeResource(Dataset);
