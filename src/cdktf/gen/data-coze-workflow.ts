// Made from the kinds by npm run generate: change those, and run it again.
import type { TerraformMetaArguments } from "cdktf";
import type { Construct } from "constructs";
import { CozeDataSource, exposeDataSource, type Reference } from "../runtime/constructs.ts";

/** Configuration of {@link DataCozeWorkflow}. */
export interface DataCozeWorkflowConfig extends TerraformMetaArguments {
  /** Its id, instead of workspace and name. */
  readonly id?: string | undefined;
  /** The workspace that holds the workflow. */
  readonly workspace?: Reference<"coze_workspace"> | undefined;
  /** Name of the workflow. */
  readonly name?: string | undefined;
}

export interface DataCozeWorkflow {
  /** Its id, instead of workspace and name. */
  get id(): string;
  set id(value: string);
  resetId(): void;
  readonly idInput: string | undefined;
  /** The workspace that holds the workflow. */
  get workspace(): string;
  set workspace(value: Reference<"coze_workspace">);
  resetWorkspace(): void;
  readonly workspaceInput: Reference<"coze_workspace"> | undefined;
  /** Name of the workflow. */
  get name(): string;
  set name(value: string);
  resetName(): void;
  readonly nameInput: string | undefined;
  /** What the workflow does. */
  get description(): string;
}

/** A workflow or chatflow, made in Coze itself: the API can only look it up. Looked up by `id`, or by workspace and name; it is an error if there is none or more than one. */
export class DataCozeWorkflow extends CozeDataSource {
  static readonly tfResourceType = "coze_workflow";
  declare readonly terraformResourceType: "coze_workflow";

  constructor(scope: Construct, id: string, config: DataCozeWorkflowConfig = {}) {
    super(scope, id, "coze_workflow", config);
  }
}

exposeDataSource(DataCozeWorkflow);
